/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of the deny rules the kernel can decide by itself, and how that is said to it: image bits
 * and clauses. A rule is expressible when its condition, in disjunctive form of at most
 * PLAN_CLAUSES clauses, asks only for whole paths, last parts of paths (`endswith: '/name'`) and
 * folders (`startswith: '/folder/'`) of Image, ParentImage and AncestorImage, for ImageDeleted,
 * ImageInMemory, ImageOnTmpfs, SetuidExec, UserId, and SHA-256 in Hashes, under AND, OR and NOT.
 * Of rules about files, modules, access to processes and BPF: the same forms of TargetFilename (of
 * a module its file) or TargetImage, and of the Image, ParentImage and AncestorImage of who acts.
 * Case is not folded in the kernel, so that its answer errs to silence; the engine judges again.
 */
#pragma once

#include "detect/rules.h"

/* What a clause is about; the numbers are those of the kernel's side (sensor/bpf/wire.h). */
enum plan_acts {
	PLAN_ACT_exec = 1,
	PLAN_ACT_write = 2,
	PLAN_ACT_create = 4,
	PLAN_ACT_open = 8,
	PLAN_ACT_delete = 16,
	PLAN_ACT_rename = 32,
	PLAN_ACT_module = 64,
	PLAN_ACT_attach = 128,
	PLAN_ACT_bpf = 256
};

enum plan_how { PLAN_path = 1, PLAN_name, PLAN_prefix };

struct plan_image {
	enum plan_how how;
	struct text value; /* whole path, name, or prefix ending in '/' */
	uint64_t bits;
};

/*
 * Bit 0 stands for protected programs (init, sshd, package managers); each clause of a rule that
 * does not name them has it in image_none.
 */
struct plan_clause {
	uint32_t acts; /* PLAN_ACT_* */
	uint64_t image_any, image_none, parent_any, parent_none, ancestor_any, ancestor_none;
	uint64_t object_any, object_none; /* what is acted upon: a file, or a process's program */
	uint32_t file_flags; /* 1 deleted, 2 memfd, 4 tmpfs, 8 set-uid; all of them */
	bool uid_asked, hash_asked;
	uint32_t uid;
	uint8_t sha256[32];
	unsigned rule; /* number */
};

struct plan {
	struct plan_image *images;
	struct plan_clause *clauses;
	size_t image_count, clause_count;
	/*
	 * folders (ending in '/') and files that rules about files ask for by their beginning or
	 * whole, so that they can be watched; none of the first level, nor the root
	 */
	struct text *watched;
	size_t watched_count;
	/*
	 * for each rule of the set: NULL if the kernel decides it (or it asks for no denial), else
	 * why it cannot
	 */
	const char **why_not;
	size_t rule_count;
};

/*
 * Makes the plan for all rules whose action is deny. Rules that no longer fit into 64 bits or 128
 * clauses get a why_not.
 */
void plan_make(struct plan *plan, const struct rules *rules);
void plan_clear(struct plan *plan);
