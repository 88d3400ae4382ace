/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all programs share: settings, maps, the scratch in which a record is put together, and how
 * it is sent.
 */
#pragma once

#include "sensor/bpf/kernel.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "sensor/bpf/wire.h"

/* Set before load. */
const volatile u32 own_tgid = 0; /* saker's parent: it and all below it are its own */
const volatile u32 scope_kind = SCOPE_all;
const volatile u32 scope_pid = 0;
const volatile u64 scope_cgroup = 0; /* id in the unified tree */
const volatile u32 scope_level = 0; /* its depth there */
const volatile u64 rate_max[WIRE_RINGS]; /* records a second and processor; 0: any number */
const volatile u32 ring_half[WIRE_RINGS] = {4 << 20, 2 << 20, 4 << 20};
const volatile u32 iterator_slot = 1; /* number of processors */
/* Of the programs saker and saker-read: their other commands are no strangers. */
const volatile u64 own_inodes[2] = {0};
const volatile u32 own_device = 0;
const volatile s64 boot_time = 0; /* CLOCK_REALTIME - CLOCK_BOOTTIME */

/* Changed while they run. */
u32 armed = 0; /* the clauses act */
u32 lsm_proven = 0; /* a denial by LSM was seen to work: no signal is needed */
u32 clause_count = 0;
u32 acts_wanted = 0; /* ACT_* that some clause is about */
u64 wanted = ~0ULL; /* bit of each kind of record (enum wire_kind) that somebody asks for */
u32 protect = 0; /* saker's own processes, objects and files are refused to others */
u32 hash_wanted = 0; /* some clause asks for a hash */
u32 prefix_wanted = 0; /* some folder has image bits or the scope */
u32 proving = 0; /* self-test: the one process that anything is done to */
u32 lsm_off = 0; /* self-test: only the signal */

#define RING(name)                                                                                \
	struct {                                                                                  \
		__uint(type, BPF_MAP_TYPE_RINGBUF);                                               \
		__uint(max_entries, 1 << 20);                                                     \
	} name SEC(".maps")
RING(ring_lifecycle);
RING(ring_network);
RING(ring_file);

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, WIRE_RINGS);
	__type(key, u32);
	__type(value, struct wire_loss);
} losses SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct wire_task);
} tasks SEC(".maps");

struct socket_owner {
	struct wire_process process;
	u64 flags; /* WIRE_FLAG_scope */
	u64 begun; /* boot ns */
	u32 port, pad; /* of this side: the socket has lost it when it ends */
};
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct socket_owner);
} sockets SEC(".maps");

/* The same of accepted ones, by cookie: the call that accepts has no pointer to the socket that
 * storage would take. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, u64);
	__type(value, struct socket_owner);
} accepted_sockets SEC(".maps");

/* To whom datagrams were sent already. */
struct flow {
	u64 cookie;
	u8 address[16];
	u32 port, family;
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct flow);
	__type(value, u32);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct wire_image_key);
	__type(value, u64);
} image SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 4096);
	__type(key, struct wire_place_key);
	__type(value, struct wire_place);
} place SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CLAUSES_MAX);
	__type(key, u32);
	__type(value, struct wire_clause);
} clauses SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct wire_address_key);
	__type(value, u32);
} deny_address SEC(".maps");

/*
 * What the connect rung must know of a process: until 6.13 or so its programs may not look into a
 * task's storage. Only processes inside a scope (of a folder or a process) and saker's own have an
 * entry; key: pid.
 */
enum { MARK_scope = 1, MARK_own = 2 };
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, u32);
	__type(value, u32);
} marks SEC(".maps");

/*
 * An exec between the two programs at bprm_check_security, whose order is not ours to choose: the
 * hash needs a program that may sleep, the rest of the question one that may not. Whoever comes
 * second judges the clauses that need both.
 */
struct asked {
	u64 file; /* the program's struct file */
	u32 hashed, filled; /* which of the two have been */
	u64 sha256[4];
	u64 image, parent, ancestors;
	u32 file_flags, uid;
};
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct asked);
} asks SEC(".maps");

enum { NAME_MAX = 32 };
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, char[NAME_MAX]);
	__type(value, u32);
} sensitive SEC(".maps");

/*
 * One for each processor: an array, since per-processor maps end at 32 KiB. The programs that use
 * it run in the context of a process with preemption off, so that two never share it. The
 * iterator, which may sleep, has one more for itself, the last. The areas are powers of two and
 * more, so that the verifier can follow an offset that was masked.
 */
enum {
	STRINGS_MASK = 0x3ffff, /* an offset into the record */
	PATH_MASK = WIRE_PATH_MAX - 1,
};

/*
 * How far a walk up a tree has come. It lies in the scratch and not on the stack because the
 * verifier follows each value of a stack through each step of a loop: 280,000 instructions instead
 * of a few hundred.
 */
struct walk {
	u64 dentry, vfsmount, mount; /* pointers of the kernel */
	u64 node; /* of cgroups */
	u32 offset; /* in scratch.path: of the first byte written */
	u32 cut; /* the path is longer, or the walk did not arrive */
};

struct scratch {
	u64 taken; /* by an LSM program */
	struct walk walk;
	char record[STRINGS_MASK + 1 + WIRE_ARGS_MAX]; /* fixed part and strings */
	char path[2 * WIRE_PATH_MAX];
	struct wire_place_key place;
	char name[NAME_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 3); /* two for each processor and one more: set before load */
	__type(key, u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

static __always_inline struct scratch *scratch_at(u32 slot)
{
	return bpf_map_lookup_elem(&scratches, &slot);
}

/*
 * An LSM program stays on its processor but another process may run there meanwhile: it has a slot
 * behind the iterator's, and whoever finds it taken goes without.
 */
static __always_inline u32 lsm_slot(void)
{
	return iterator_slot + 1 + bpf_get_smp_processor_id();
}

static __always_inline struct scratch *scratch_take(u32 slot)
{
	struct scratch *scratch = scratch_at(slot);

	return scratch && !__sync_lock_test_and_set(&scratch->taken, 1) ? scratch : NULL;
}

static __always_inline void scratch_give(struct scratch *scratch)
{
	__sync_lock_test_and_set(&scratch->taken, 0);
}

static __always_inline struct scratch *scratch_get(void)
{
	return scratch_at(bpf_get_smp_processor_id());
}

/* Whether some rule, or a setting, asks for records of that kind. */
static __always_inline int wants(u16 kind)
{
	return wanted >> (kind & 63) & 1;
}

/* Counts one attempt to send; its number. */
static __always_inline u64 attempt(u32 ring)
{
	struct wire_loss *loss = bpf_map_lookup_elem(&losses, &ring);

	/* a program in a softirq may come between another one's reading and writing */
	return loss ? __sync_fetch_and_add(&loss->attempts, 1) + 1 : 0;
}

/*
 * The same for what may come in any number: 0 if this processor has sent as many records in this
 * second as may be; that one is counted as lost then. Never for what happens to processes, or was
 * refused.
 */
static __always_inline u64 attempt_governed(u32 ring)
{
	u32 key = ring; /* a copy, so that `ring` stays the constant that it is */
	struct wire_loss *loss = bpf_map_lookup_elem(&losses, &key);
	u64 second = bpf_ktime_get_boot_ns() >> 30, number;

	if (!loss)
		return 0;
	number = __sync_fetch_and_add(&loss->attempts, 1) + 1;
	if (!rate_max[ring])
		return number;
	if (loss->second != second) {
		loss->second = second;
		loss->sent = 0;
	}
	if (loss->sent >= rate_max[ring]) {
		__sync_fetch_and_add(&loss->dropped, 1);
		loss->governed++;
		loss->mark = 1;
		return 0;
	}
	loss->sent++;
	if (loss->mark) {
		loss->mark = 0;
		number |= WIRE_GOVERNED;
	}
	return number;
}

static __always_inline void lost(u32 ring)
{
	struct wire_loss *loss = bpf_map_lookup_elem(&losses, &ring);

	if (loss)
		__sync_fetch_and_add(&loss->dropped, 1);
}

/* No wake-up per record: the reader comes every few milliseconds; it is called by the record that
 * fills half a ring. */
static __always_inline u64 wake(void *map, u32 ring, u32 n)
{
	u64 before = bpf_ringbuf_query(map, BPF_RB_AVAIL_DATA), half = ring_half[ring];

	return before < half && before + n >= half ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
}

/* Sends `n` bytes that begin with a head; `ring` is a constant. */
#define send_to(map, ring, record, n)                                                             \
	do {                                                                                      \
		if (bpf_ringbuf_output(&map, record, n, wake(&map, ring, n)))                     \
			lost(ring);                                                               \
	} while (0)

/* `number`: of the attempt, counted before the room is reserved. The thread that runs acts. */
static __always_inline void head_set(struct wire_head *head, u16 kind, u32 length, u64 number)
{
	head->kind = kind;
	head->flags = 0;
	head->length = length;
	head->cpu = bpf_get_smp_processor_id();
	head->tid = (u32)bpf_get_current_pid_tgid();
	head->attempt = number;
	head->time = bpf_ktime_get_boot_ns();
}
