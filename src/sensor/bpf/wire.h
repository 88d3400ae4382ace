/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * What the BPF programs write into the rings, and the maps through which they are told what to
 * refuse. Included by the BPF programs and by user space; plain structs of fixed layout, host byte
 * order unless said.
 *
 * A record is a head, a fixed part, then packed strings without NUL in the order of their length
 * fields. Rings: one for each class (WIRE_RING_*). Attempt numbers count per processor and ring,
 * before the space is reserved, so that a hole in the numbers is a loss, exactly counted.
 */
#pragma once

#ifndef __bpf__
#include <stdint.h>
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;
#endif

enum wire_ring { WIRE_RING_lifecycle, WIRE_RING_network, WIRE_RING_file, WIRE_RINGS };

enum wire_kind {
	WIRE_fork = 1, /* struct wire_fork */
	WIRE_exec, /* struct wire_exec */
	WIRE_denied, /* struct wire_exec of a program that was not started; args as far as the
			caller's memory showed them */
	WIRE_running, /* struct wire_exec of a process that was there before (iterator) */
	WIRE_exit, /* struct wire_exit */
	WIRE_rename, /* struct wire_rename */
	WIRE_module, /* struct wire_file: the module's file where it came from one; result set */
	WIRE_connect, /* struct wire_network; sent when the connection is asked for */
	WIRE_refused, /* struct wire_network: a connection that the connect rung refused */
	WIRE_accept, /* struct wire_network */
	WIRE_raw, /* struct wire_network: raw or packet socket opened (ports 0) or bound */
	WIRE_payload, /* struct wire_payload */
	WIRE_file_create, /* struct wire_file, likewise below */
	WIRE_file_write, /* closed after writing, by close or by the end of its process */
	WIRE_file_rename, /* old_path_length bytes of the old path follow the path */
	WIRE_file_delete,
	WIRE_file_mode,
	WIRE_file_time,
	WIRE_file_open, /* a file with a sensitive name, for reading */
	WIRE_file_owner,
	WIRE_file_attribute, /* old_path_length bytes of the attribute's name follow the path */
	WIRE_file_truncate,
	WIRE_library, /* struct wire_file: mapped as code */
	WIRE_device, /* struct wire_file: a block device, memory of kernel or process */
	WIRE_local, /* struct wire_file: a local socket connected to */
	WIRE_failed, /* struct wire_network: a connection that did not come about */
	WIRE_close, /* struct wire_close */
	WIRE_bind, /* struct wire_network, likewise below */
	WIRE_listen,
	WIRE_datagram, /* the first to that address and port */
	WIRE_filter,
	WIRE_dns, /* struct wire_payload with a message of DNS; direction by WIRE_FLAG_ingress */
	/* struct wire_act, all below */
	WIRE_exec_failed, /* object: the program as the caller wrote it */
	WIRE_session,
	WIRE_user, /* old, new: effective user ids */
	WIRE_group,
	WIRE_capabilities, /* old, new: effective capabilities */
	WIRE_capability_use, /* operation: number of the capability */
	WIRE_signal, /* operation: number of the signal */
	WIRE_memory_access, /* operation: of ptrace */
	WIRE_memory_write,
	WIRE_memory_execute, /* operation: protection */
	WIRE_memory_file, /* object: its name */
	WIRE_bpf, /* operation: command; object: name of the program; flags: its type */
	WIRE_trace, /* operation: type of the event; object: its name */
	WIRE_kexec,
	WIRE_setting, /* object: name below /proc/sys; into: new value */
	WIRE_clock,
	WIRE_reboot, /* operation: the command */
	WIRE_io_uring, /* flags of the ring */
	WIRE_namespace, /* flags: CLONE_NEW*; old and new where they are of a mount namespace */
	WIRE_mount, /* object: source; into: mount point; flags of the call */
	WIRE_cgroup, /* object: path; operation: enum wire_cgroup */
	WIRE_KINDS
};
_Static_assert(WIRE_KINDS <= 64, "a bit for each kind");

/* The call behind a struct wire_act: its name in the event. */
#define WIRE_CALLS(X)                                                                             \
	X(execve)                                                                                 \
	X(setsid)                                                                                 \
	X(set_ids)                                                                                \
	X(capset)                                                                                 \
	X(capable)                                                                                \
	X(kill)                                                                                   \
	X(ptrace)                                                                                 \
	X(process_vm_readv)                                                                       \
	X(process_vm_writev)                                                                      \
	X(pidfd_getfd)                                                                            \
	X(mprotect)                                                                               \
	X(mmap)                                                                                   \
	X(memfd_create)                                                                           \
	X(bpf)                                                                                    \
	X(perf_event_open)                                                                        \
	X(kexec_load)                                                                             \
	X(kexec_file_load)                                                                        \
	X(sysctl)                                                                                 \
	X(clock_settime)                                                                          \
	X(settimeofday)                                                                           \
	X(clock_adjtime)                                                                          \
	X(reboot)                                                                                 \
	X(io_uring_setup)                                                                         \
	X(unshare)                                                                                \
	X(setns)                                                                                  \
	X(clone)                                                                                  \
	X(mount)                                                                                  \
	X(umount)                                                                                 \
	X(move_mount)                                                                             \
	X(pivot_root)                                                                             \
	X(cgroup)
enum wire_call {
	WIRE_CALL_none,
#define WIRE_CALL(name) WIRE_CALL_##name,
	WIRE_CALLS(WIRE_CALL)
#undef WIRE_CALL
	WIRE_CALL_END
};

enum wire_cgroup { CGROUP_made, CGROUP_removed, CGROUP_entered };

/* The kernel's half of an entity id; user space adds the boot id. */
struct wire_process {
	u64 start; /* start_boottime of the thread group's leader, ns */
	u32 pid; /* tgid in the first namespace */
	u32 generation; /* execs since its fork, from task storage; 0 for what ran before saker */
};

enum {
	WIRE_GENERATION_unknown = 0xffffffff
}; /* where the kernel's half could not be read: the living one is meant */

struct wire_head {
	u16 kind; /* enum wire_kind */
	u16 flags; /* WIRE_FLAG_* */
	u32 length; /* of the whole record */
	u32 cpu;
	u32 tid; /* thread that acted */
	u64 attempt; /* 1, 2, 3 ... per ring and processor */
	u64 time; /* CLOCK_BOOTTIME, ns */
	u32 uid, pad; /* effective user id of who acted, if WIRE_FLAG_uid: it may have changed
			 since its exec */
	struct wire_process process; /* who acted; pid 0: not known (softirq) */
};

enum {
	WIRE_FLAG_cut = 1, /* some string is longer than what is here */
	WIRE_FLAG_scope = 2, /* the process is inside --scope (or there is no scope) */
	WIRE_FLAG_uid = 4, /* head.uid is known */
	WIRE_FLAG_io_uring = 8, /* asked for through an io_uring */
	WIRE_FLAG_ia32 = 16, /* asked for by a 32-bit system call */
	WIRE_FLAG_ingress = 32, /* the message came in */
	WIRE_FLAG_own = 64, /* it was about something of saker's */
};

struct wire_fork {
	struct wire_head head; /* process: the parent */
	struct wire_process child; /* generation 0 */
	u32 vpid; /* of the child in its own pid namespace */
	u32 clone_flags_known; /* 0: not read */
};

/* What was done about an exec or a connection in the kernel; `rung` WIRE_RUNG_none where nothing
 * was. */
enum wire_rung {
	WIRE_RUNG_none,
	WIRE_RUNG_lsm,
	WIRE_RUNG_signal,
	WIRE_RUNG_connect,
	WIRE_RUNG_modify
};

struct wire_verdict {
	u32 clause; /* index of the clause that matched, plus 1; 0: none */
	u32 rule; /* its rule number (struct wire_clause) */
	u32 rung; /* enum wire_rung */
	s32 error; /* 0, or what the rung answered when it failed; negative errno */
};

enum { WIRE_OBJECT_MAX = 256 };

/* Something that was asked of the kernel; what the numbers mean depends on the kind. */
struct wire_act {
	struct wire_head head;
	struct wire_verdict verdict;
	struct wire_process target; /* pid 0: none. start 0: pid is the caller's name for it */
	u32 call; /* enum wire_call */
	u32 operation;
	u64 old, new_, flags, length;
	s32 result; /* 0 or negative errno */
	u32 pad;
	char object[WIRE_OBJECT_MAX], into[WIRE_OBJECT_MAX]; /* ended by NUL */
};

enum wire_stdio {
	STDIO_closed,
	STDIO_tty,
	STDIO_pipe,
	STDIO_socket,
	STDIO_file,
	STDIO_null,
	STDIO_device,
	STDIO_other
};

/* Facts about the program's file in wire_exec.file_flags. */
enum {
	FILE_deleted = 1, /* no name left (nlink 0), and no memfd */
	FILE_memfd = 2,
	FILE_tmpfs = 4,
	FILE_setuid = 8, /* the exec gained rights (secureexec) */
	FILE_script = 16, /* started through an interpreter: interp differs from filename */
};

enum {
	WIRE_ARGS_MAX = 131072,
	WIRE_ENV_MAX = 16384,
	WIRE_PATH_MAX = 4096,
	WIRE_ARGS_TAIL = 65536
};

struct wire_exec {
	struct wire_head head; /* process: after the exec (new generation); for WIRE_denied the
				  caller as it is */
	struct wire_process parent; /* real parent now; its generation 0 if it has no storage */
	struct wire_verdict verdict;
	u64 inode, device, size;
	s64 mtime, ctime; /* ns since 1970 */
	u32 mode, nlink, file_uid, file_flags;
	u32 uid, euid, suid, gid, egid, login_uid, session;
	u32 vpid;
	u64 cap_effective, cap_permitted, cap_inheritable, cap_bounding, cap_ambient;
	u32 fs_uid, no_new_privs, seccomp, group_leader, session_leader;
	u32 fs_magic, mount_flags; /* MNT_NOSUID 1, MNT_NODEV 2, MNT_NOEXEC 4 */
	u32 creator; /* pid of who forked it */
	u64 cgroup_id; /* in the unified tree */
	u32 ns_uts, ns_ipc, ns_mnt, ns_pid, ns_net, ns_cgroup, ns_user, ns_time;
	u8 stdio[3]; /* enum wire_stdio of descriptors 0, 1, 2 */
	u8 stdio_known;
	u32 argc;
	u64 args_length; /* of all arguments with their NULs; more than WIRE_ARGS_MAX: head and
			    tail are here */
	u64 env_length; /* of the whole environment */
	char comm[16];
	char tty[32]; /* "" if none */
	/* packed strings, in this order */
	u32 path_length; /* canonical path of the program */
	u32 invoked_length; /* as given to execve */
	u32 interp_length; /* bprm->interp; for a script the interpreter, else the same as invoked
			    */
	u32 cwd_length;
	u32 cgroup_length; /* path in the v1 memory controller's tree where that is not "/", else
			      in the unified tree */
	u32 args_kept; /* bytes of arguments, each ended by NUL; where cut: first and last
			  WIRE_ARGS_TAIL bytes */
	u32 env_kept; /* first bytes of the environment, each variable ended by NUL */
};

struct wire_exit {
	struct wire_head head;
	s32 code; /* as in wait(2): status << 8 | signal */
	u32 pad;
};

struct wire_rename {
	struct wire_head head;
	char old[16], new_[16];
};

struct wire_network {
	struct wire_head head;
	struct wire_verdict verdict;
	u8 source[16], destination[16]; /* IPv4: the first 4 bytes */
	u16 source_port, destination_port; /* host order; 0: not known yet */
	u16 family; /* AF_INET 2, AF_INET6 10, AF_PACKET 17 */
	u16 type; /* SOCK_STREAM 1, SOCK_DGRAM 2, SOCK_RAW 3 */
	u32 protocol;
	s32 result; /* of the call; 0 or negative errno */
};

/* Shapes of first payloads and messages that the egress program knows; see docs and content for
 * what they mean. */
enum wire_shape { SHAPE_handshake_old = 1, SHAPE_handshake_new, SHAPE_header_24 };

enum { WIRE_PAYLOAD_MAX = 256, WIRE_DNS_MAX = 1024 };

struct wire_close {
	struct wire_network network;
	u64 sent, received, duration; /* bytes, bytes, ns */
};

struct wire_payload {
	struct wire_network network;
	u32 shape; /* enum wire_shape */
	u32 length; /* of the payload in its packet */
	u32 kept; /* bytes that follow */
	u32 pad;
};

struct wire_file {
	struct wire_head head;
	struct wire_verdict verdict;
	u64 inode, device, size;
	s64 mtime, ctime; /* ns since 1970, after the act */
	u32 mode, uid, gid, nlink;
	u32 open_flags;
	s32 result; /* 0 or negative errno */
	u32 path_length, old_path_length;
	u32 repeated, pad; /* how often the same was done since it was last told */
};

/*
 * What the kernel refuses. Rules that the kernel can express are clauses over image bits: every
 * name, path or prefix that some clause asks about sets bits on the processes that run it, kept in
 * task storage and inherited as ancestor bits. A clause matches an exec when all its parts hold.
 */
enum wire_image_how { IMAGE_path = 1, IMAGE_name };

/* Key of map `image`: a hash (text_hash, FNV-1a 64) of the whole path or of its last part. Value:
 * u64 of bits. */
struct wire_image_key {
	u64 hash;
	u32 how; /* enum wire_image_how */
	u32 pad;
};

/* Key of map `place` (LPM trie): a path prefix; a folder ends with '/'. Value: struct wire_place.
 */
enum { PLACE_PATH_MAX = 252 };

struct wire_place_key {
	u32 bits; /* 8 * bytes of the prefix */
	char path[PLACE_PATH_MAX];
};

struct wire_place {
	u64 image_bits; /* for the paths of programs */
	u32 flags; /* PLACE_* ; a longer prefix repeats the flags of the shorter ones that hold for
		      it */
	u32 pad;
};

enum {
	PLACE_watched = 1, /* file events are wanted here */
	PLACE_own = 8, /* saker's own files: nobody else may change them */
	PLACE_log = 4, /* only what takes something away from a file is wanted here */
	PLACE_scope = 2, /* programs here, processes whose cwd is here, and all they start, are
			    inside --scope */
};

/* What a clause is about. */
enum wire_acts {
	ACT_exec = 1,
	ACT_write = 2, /* a file is opened for writing, or cut */
	ACT_create = 4, /* a file, folder or link is made */
	ACT_open = 8, /* a file is opened for reading */
	ACT_delete = 16,
	ACT_rename = 32, /* either name counts */
	ACT_module = 64,
	ACT_attach = 128, /* to a process, by ptrace and the like */
	ACT_bpf = 256,
	ACT_ALL = 511
};

enum { CLAUSES_MAX = 128, IMAGE_BIT_protected = 0 /* init, sshd, package managers */ };

struct wire_clause {
	u64 image_any; /* the program has one of these bits; 0: not asked */
	u64 image_none; /* the program has none of these */
	u64 parent_any, parent_none; /* the parent's program */
	u64 ancestor_any, ancestor_none; /* any ancestor's program (earlier images of the same
					    process included) */
	u64 object_any, object_none; /* the file, or the program of the process, that is acted
					upon; not for ACT_exec */
	u32 acts; /* ACT_* */
	u32 file_flags; /* all of these FILE_* are set */
	u32 uid; /* effective user id, if uid_asked */
	u8 uid_asked, hash_asked, in_use, pad;
	u32 rule; /* number of the rule, given back in the verdict */
	u8 sha256[32]; /* if hash_asked: of the program, computed by the kernel (rung lsm only) */
};

/* Values of map `sensitive`: what a file's name stands for. */
enum wire_named { NAMED_sensitive = 1, NAMED_memory };

/* Types in the keys of map `own_objects`, type << 32 | id: saker's own objects of BPF. */
enum wire_own { OWN_map = 1, OWN_link };

/*
 * Key of map `deny_address` (LPM trie): addresses and networks that connections and datagrams are
 * refused to. Value: u32, number of the indicator's rule.
 */
struct wire_address_key {
	u32 bits; /* WIRE_ADDRESS_FAMILY, and those of the network */
	u32 family; /* 2 or 10 */
	u8 bytes[16]; /* IPv4: the first 4, rest 0 */
};
enum { WIRE_ADDRESS_FAMILY = 32 };

/* What a task carries: value of the task storage map. */
struct wire_task {
	u64 image, ancestors; /* image bits of its program, and of all before and above it */
	u32 generation;
	u8 in_scope, own /* saker itself or below it */,
		writes /* has a watched file open for writing */,
		executables; /* times that memory became executable, since its exec */
	u32 creator; /* pid of who forked it */
	u32 refused; /* its last call was refused, and that was told */
	u32 rights_known, uid, euid, suid, gid, egid; /* as last seen */
	u64 effective, used; /* capabilities that it has, and has used, as last seen */
};

/* Switches and settings, in the programs' .rodata (set before load) or .data (set while they run).
 */
enum wire_scope_kind { SCOPE_all, SCOPE_cgroup, SCOPE_dir, SCOPE_pid };

/* In the number of an attempt: those that are missing before it were more than may be sent. */
#define WIRE_GOVERNED (1ULL << 63)

/* Counters, map `losses`: per processor array indexed by ring; value struct wire_loss.
 * Cross-checked each second. */
struct wire_loss {
	u64 attempts, dropped;
	u64 reduced; /* acts that were counted instead of told (wire_file.repeated) */
	u64 governed; /* of `dropped`: more than may be sent in a second */
	u64 second, sent; /* of about 2^30 ns; records in it */
	u64 mark; /* some were governed since the last record that was sent */
};
