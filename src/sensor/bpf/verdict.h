/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The judgement in the kernel: image bits of a program, and the clauses over them.
 */
#pragma once

#include "sensor/bpf/path.h"
#include "sensor/bpf/task.h"

static const u64 fnv_basis = 0xcbf29ce484222325, fnv_prime = 0x100000001b3;

struct hashing {
	u64 path, name; /* of the whole path and of its last part */
	u32 offset, n, slot;
};

static long hash_step(u32 i, void *context)
{
	struct hashing *h = context;
	struct scratch *scratch = scratch_at(h->slot);
	u8 c;

	if (!scratch || i >= h->n)
		return 1;
	c = (u8)scratch->path[(h->offset + i) & PATH_MASK];
	h->path = (h->path ^ c) * fnv_prime;
	h->name = c == '/' ? fnv_basis : (h->name ^ c) * fnv_prime;
	return 0;
}

/* Image bits of the program whose path is in the scratch. Verified once, see path_walk. */
__noinline u64 image_bits(u32 from, u32 n, u32 slot)
{
	struct hashing h = {.path = fnv_basis,
		.name = fnv_basis,
		.offset = from,
		.n = n,
		.slot = slot};
	struct wire_image_key key = {};
	u64 bits = 0, *found;

	bpf_loop(n & PATH_MASK, hash_step, &h, 0);
	key.hash = h.path;
	key.how = IMAGE_path;
	found = bpf_map_lookup_elem(&image, &key);
	if (found)
		bits |= *found;
	key.hash = h.name;
	key.how = IMAGE_name;
	found = bpf_map_lookup_elem(&image, &key);
	if (found)
		bits |= *found;
	return bits;
}

struct judging {
	u64 image, parent, ancestors, object;
	u32 file_flags, uid;
	u32 act; /* one of ACT_* */
	u32 with_hash; /* judge only the clauses that ask for a hash, by this one */
	u32 clause, rule; /* the answer: index + 1, 0 for none */
	u64 sha256[4];
};

static __always_inline int part(u64 bits, u64 any, u64 none)
{
	return (!any || (bits & any)) && !(bits & none);
}

static __always_inline int same_hash(const u8 *clause, const u64 *y)
{
	const u64 *x = (const u64 *)clause;

	return x[0] == y[0] && x[1] == y[1] && x[2] == y[2] && x[3] == y[3];
}

static long judge_step(u32 i, void *context)
{
	struct judging *j = context;
	struct wire_clause *clause = bpf_map_lookup_elem(&clauses, &i);

	if (!clause)
		return 1;
	if (!clause->in_use || !(clause->acts & j->act) ||
	    !part(j->object, clause->object_any, clause->object_none) ||
	    !!clause->hash_asked != !!j->with_hash ||
	    (clause->uid_asked && clause->uid != j->uid) ||
	    (j->file_flags & clause->file_flags) != clause->file_flags ||
	    !part(j->image, clause->image_any, clause->image_none) ||
	    !part(j->parent, clause->parent_any, clause->parent_none) ||
	    !part(j->ancestors, clause->ancestor_any, clause->ancestor_none))
		return 0;
	if (clause->hash_asked && !same_hash(clause->sha256, j->sha256))
		return 0;
	j->clause = i + 1;
	j->rule = clause->rule;
	return 1;
}

/* Fills in the clause that matches. Verified once, see path_walk. */
__noinline int judge(struct judging *judging)
{
	u32 n = clause_count;
	struct judging own; /* a loop's context must lie on its caller's stack */

	if (!judging)
		return 0;
	own = *judging;
	bpf_loop(n > CLAUSES_MAX ? CLAUSES_MAX : n, judge_step, &own, 0);
	judging->clause = own.clause;
	judging->rule = own.rule;
	return 0;
}
