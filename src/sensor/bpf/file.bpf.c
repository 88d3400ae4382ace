// SPDX-License-Identifier: GPL-2.0-or-later
// Files in watched places: created, closed after writing, renamed, removed, cut, mode, owner,
// times and attributes set; sensitive names and devices opened; files mapped as code; modules
// handed to the kernel. From the ends of system calls, so that only what succeeded is told. Where
// a call names a descriptor the path is the kernel's own; where it names a path, that is the
// caller's text made absolute (two threads may disagree about it, and links in it are not
// followed).

#include "sensor/bpf/act.h"
#include "sensor/bpf/process.h"

static __always_inline struct wire_file *file_begin(struct scratch *s, u16 kind)
{
	struct wire_file *f = (struct wire_file *)s->record;

	__builtin_memset(f, 0, sizeof *f);
	f->head.kind = kind;
	return f;
}

static __always_inline void file_facts(struct wire_file *f, struct file *file)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);

	f->inode = BPF_CORE_READ(inode, i_ino);
	f->device = device_of(inode);
	f->size = BPF_CORE_READ(inode, i_size);
	f->mtime = mtime_of(inode);
	f->ctime = ctime_of(inode);
	f->mode = BPF_CORE_READ(inode, i_mode);
	f->uid = BPF_CORE_READ(inode, i_uid.val);
	f->gid = BPF_CORE_READ(inode, i_gid.val);
	f->nlink = BPF_CORE_READ(inode, i_nlink);
	f->open_flags = BPF_CORE_READ(file, f_flags);
}

static __always_inline void file_send_numbered(struct wire_file *f, u32 end, u64 number)
{
	asm volatile("%0 &= 0x3ffff" : "+r"(end));
	f->head.length = end;
	f->head.cpu = bpf_get_smp_processor_id();
	f->head.tid = (u32)bpf_get_current_pid_tgid();
	f->head.time = bpf_ktime_get_boot_ns();
	actor(&f->head);
	f->head.attempt = number;
	send_to(ring_file, WIRE_RING_file, f, end);
}

static __always_inline void file_send(struct wire_file *f, u32 end)
{
	u64 number = attempt_governed(WIRE_RING_file);

	if (number)
		file_send_numbered(f, end, number);
}

/* Of a log only what takes something away is told: it is written all day. */
static __always_inline u32 wanted_in(u16 kind)
{
	return kind == WIRE_file_create || kind == WIRE_file_write || kind == WIRE_file_attribute
		? PLACE_watched : PLACE_watched | PLACE_log | PLACE_own;
}

/* Whether an act in that place is told. What saker does with its own files is no news. */
static __always_inline int is_wanted(const struct wire_place *found, u32 wanted)
{
	return found && found->flags & wanted && !(found->flags & PLACE_own && is_own());
}

/* Where a record is put together, and how the act was asked for. */
struct way {
	u32 slot;
	u16 flags; /* WIRE_FLAG_io_uring */
};

/*
 * What the same process does to the same file again within a second is counted, and told with the
 * next time: a flood of one act costs a look into a table.
 */
struct repeat {
	u64 inode;
	u32 pid, device, kind, pad;
};
struct repeated {
	u64 told; /* boot ns */
	u32 count, pad;
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct repeat);
	__type(value, struct repeated);
} repeats SEC(".maps");

enum { REPEAT_NS = 1000000000 };

/* Whether that was told a moment ago; else how often it was done since then. */
static __always_inline int is_repeat(u16 kind, struct file *file, u32 *count)
{
	struct repeat key = {};
	struct repeated *known, new = {};
	struct wire_loss *loss;
	u32 ring = WIRE_RING_file;

	key.inode = BPF_CORE_READ(file, f_inode, i_ino);
	key.device = BPF_CORE_READ(file, f_inode, i_sb, s_dev);
	key.pid = bpf_get_current_pid_tgid() >> 32;
	key.kind = kind;
	new.told = bpf_ktime_get_boot_ns();
	known = bpf_map_lookup_elem(&repeats, &key);
	if (!known) {
		bpf_map_update_elem(&repeats, &key, &new, BPF_ANY);
		return 0;
	}
	if (new.told - known->told >= REPEAT_NS) {
		*count = known->count;
		known->count = 0;
		known->told = new.told;
		return 0;
	}
	__sync_fetch_and_add(&known->count, 1);
	loss = bpf_map_lookup_elem(&losses, &ring);
	if (loss)
		__sync_fetch_and_add(&loss->reduced, 1);
	return 1;
}

/* Sends what happened to an open file, if it lies in a watched place (or wherever it lies). */
static __always_inline int file_act(struct scratch *s, struct way way, u16 kind, struct file *file,
	int anywhere, s32 result)
{
	struct wire_file *f;
	struct wire_place *found;
	struct span path;
	u32 repeated = 0;

	if (!wants(kind) || (anywhere && is_repeat(kind, file, &repeated)))
		return 0;
	f = file_begin(s, kind);
	path = path_of_file(file, way.slot);
	found = place_of(s, path);
	/* of a path that is cut it is not known where it begins */
	if (!anywhere && !path.cut && !is_wanted(found, wanted_in(kind)))
		return 0;
	if (!anywhere && kind != WIRE_file_create && is_repeat(kind, file, &repeated))
		return 1;
	file_facts(f, file);
	f->repeated = repeated;
	f->result = result;
	f->head.flags |= way.flags;
	if (path.cut)
		f->head.flags |= WIRE_FLAG_cut;
	f->path_length = path.n;
	file_send(f, put_path(s, sizeof *f, path));
	return 1;
}

static __always_inline int is_regular(struct file *file)
{
	return (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT_) == S_IFREG_;
}

static __always_inline u32 named(struct file *file)
{
	u32 n = BPF_CORE_READ(file, f_path.dentry, d_name.len), *found;
	char name[NAME_MAX] = {};

	if (n >= NAME_MAX)
		return 0;
	asm volatile("%0 &= 0x1f" : "+r"(n));
	bpf_probe_read_kernel(name, n, BPF_CORE_READ(file, f_path.dentry, d_name.name));
	found = bpf_map_lookup_elem(&sensitive, name);
	return found ? *found : 0;
}

/* Block devices, and the kernel's memory: /dev/mem, kmem and port (admin-guide/devices.txt). */
static __always_inline int is_device(struct file *file, u32 type)
{
	u32 device;

	if (type == S_IFBLK_)
		return 1;
	if (type != S_IFCHR_)
		return 0;
	device = BPF_CORE_READ(file, f_inode, i_rdev);
	return device >> 20 == 1 && ((device & 0xfffff) == 1 || (device & 0xfffff) == 2 ||
		(device & 0xfffff) == 4);
}

enum { O_TRUNC_ = 01000 };

/* The start of a write is told only for a file that was not there; the rest is told when it is
 * closed. */
static __always_inline int write_begins(struct scratch *s, struct way way, struct file *file,
	u32 mode)
{
	struct wire_task *task = task_or_new(bpf_get_current_task_btf()->group_leader);
	struct wire_place *found;

	if (mode & FMODE_CREATED) {
		if (file_act(s, way, WIRE_file_create, file, 0, 0) && task)
			task->writes = 1;
		return 0;
	}
	found = place_of(s, path_of_file(file, way.slot));
	if (!found)
		return 0;
	if (task && is_wanted(found, PLACE_watched))
		task->writes = 1;
	if (found->flags & PLACE_log && BPF_CORE_READ(file, f_flags) & O_TRUNC_)
		file_act(s, way, WIRE_file_truncate, file, 0, 0);
	return 0;
}

static __always_inline int file_opened(struct scratch *s, struct way way, struct file *file)
{
	u32 type = BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT_, name;

	if (type != S_IFREG_)
		return is_device(file, type) && !is_own()
			? file_act(s, way, WIRE_device, file, 1, 0) : 0;
	name = named(file);
	if (name == NAMED_memory)
		return BPF_CORE_READ(file, f_inode, i_sb, s_magic) == PROC_MAGIC_ && !is_own()
			? file_act(s, way, WIRE_device, file, 1, 0) : 0;
	/* one that was made by opening it for reading is new all the same */
	if (BPF_CORE_READ(file, f_mode) & (FMODE_WRITE | FMODE_CREATED))
		return write_begins(s, way, file, BPF_CORE_READ(file, f_mode));
	/* saker itself opens what it hashes */
	return name && bpf_get_current_pid_tgid() >> 32 != own_tgid
		? file_act(s, way, WIRE_file_open, file, 1, 0) : 0;
}

static __always_inline int opened(s64 fd, u16 flags)
{
	struct file *file = fd >= 0 ? file_of(fd) : NULL;
	struct scratch *s = scratch_get();
	struct way way = { .slot = here(), .flags = flags };

	if (file && s)
		file_opened(s, way, file);
	return 0;
}

SEC("tracepoint/syscalls/sys_exit_open")
int exit_open(struct syscall_exit *c)
{
	return opened(c->result, 0);
}

SEC("tracepoint/syscalls/sys_exit_openat")
int exit_openat(struct syscall_exit *c)
{
	return opened(c->result, 0);
}

SEC("tracepoint/syscalls/sys_exit_openat2")
int exit_openat2(struct syscall_exit *c)
{
	return opened(c->result, 0);
}

SEC("tracepoint/syscalls/sys_exit_creat")
int exit_creat(struct syscall_exit *c)
{
	return opened(c->result, 0);
}

/*
 * The same where trampolines are to be had: every open, however it was asked for. It may sleep
 * between two steps, so that another process comes to the same scratch: who finds it taken tells
 * that an event is missing.
 */
SEC("fentry/security_file_open")
int BPF_PROG(hook_open, struct file *file)
{
	struct way way = { .slot = lsm_slot() };
	struct scratch *s = scratch_take(way.slot);

	if (!s) {
		attempt(WIRE_RING_file);
		lost(WIRE_RING_file);
		return 0;
	}
	file_opened(s, way, file);
	scratch_give(s);
	return 0;
}

static __always_inline void write_ends(struct scratch *s, u32 fd)
{
	struct file *file = file_of(fd);
	struct way way = { .slot = here() };

	if (file && BPF_CORE_READ(file, f_mode) & FMODE_WRITE && is_regular(file))
		file_act(s, way, WIRE_file_write, file, 0, 0);
}

/* A descriptor is given away; only a process that wrote in a watched place is asked about it. */
static __always_inline int closes(u32 fd)
{
	struct wire_task *task = task_known(bpf_get_current_task_btf()->group_leader);
	struct scratch *s;

	if (!task || !task->writes)
		return 0;
	s = scratch_get();
	if (s)
		write_ends(s, fd);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_close")
int enter_close(struct syscall_enter *c)
{
	return closes(c->args[0]);
}

/* What dup2 and dup3 give a number to loses it without a call of close: how shells end a
 * redirection. */
SEC("tracepoint/syscalls/sys_enter_dup2")
int enter_dup2(struct syscall_enter *c)
{
	return closes(c->args[1]);
}

SEC("tracepoint/syscalls/sys_enter_dup3")
int enter_dup3(struct syscall_enter *c)
{
	return closes(c->args[1]);
}

static long close_step(u32 i, void *context)
{
	struct scratch *s = scratch_get();

	if (!s)
		return 1;
	write_ends(s, *(u32 *)context + i);
	return 0;
}

enum { CLOSES_MAX = 256 };

/* The descriptors from `first` to `last`, as far as there are any. What a process leaves open is
 * closed with it. */
__noinline int files_end(u32 first, u32 last)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	u32 n = BPF_CORE_READ(table, max_fds), context = first;

	if (first >= n)
		return 0;
	n = (last < n ? last + 1 : n) - first;
	bpf_loop(n > CLOSES_MAX ? CLOSES_MAX : n, close_step, &context, 0);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_close_range")
int enter_close_range(struct syscall_enter *c)
{
	struct wire_task *task = task_known(bpf_get_current_task_btf()->group_leader);

	if (task && task->writes && c->args[0] <= c->args[1])
		files_end(c->args[0], c->args[1]);
	return 0;
}

/*
 * A path as the caller wrote it goes behind the other strings, made absolute by the folder `dir`.
 * `kernel`: the string is the kernel's own copy. The answer is the new end. Verified once, see
 * path_walk.
 */
__noinline u32 user_path(u32 end, s32 dir, u64 string, u32 kernel)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct scratch *s = scratch_get();
	struct span base = {};
	char first = 0;
	long n;

	if (!s || (kernel ? bpf_probe_read_kernel(&first, 1, (void *)string)
			  : bpf_probe_read_user(&first, 1, (void *)string)) || !first)
		return end;
	if (first != '/') {
		struct file *folder = dir == AT_FDCWD_ ? NULL : file_of(dir);

		if (folder)
			base = path_of_file(folder, here());
		else
			base = path_of_cwd(task, here());
		end = put_path(s, end, base);
		asm volatile("%0 &= 0x3ffff" : "+r"(end));
		s->record[end++] = '/';
	}
	asm volatile("%0 &= 0x3ffff" : "+r"(end));
	n = kernel ? bpf_probe_read_kernel_str(&s->record[end], WIRE_PATH_MAX, (void *)string)
		   : bpf_probe_read_user_str(&s->record[end], WIRE_PATH_MAX, (void *)string);
	return n > 1 ? end + ((n - 1) & 0x1fff) : end;
}

/* A path being rid of ".", ".." and "//", from its last name to its first. */
struct folding {
	u32 at, end; /* in the record: of the path; of the name that is being read */
	u32 n, skip; /* bytes of the path; names that ".." took back */
	u32 offset; /* in scratch.path, as in struct walk */
};

static __always_inline void name_fold(struct scratch *s, struct folding *f, u32 from, u32 n)
{
	u32 offset = f->offset;

	asm volatile("%0 &= 0x3ffff" : "+r"(from));
	if (!n || (n == 1 && s->record[from] == '.'))
		return;
	if (n == 2 && s->record[from] == '.' && s->record[from + 1] == '.') {
		f->skip++;
		return;
	}
	if (f->skip) {
		f->skip--;
		return;
	}
	if (n > 255 || offset < n + 1)
		return;
	offset -= n;
	bpf_probe_read_kernel(&s->path[offset & PATH_MASK], n & 255, &s->record[from]);
	offset--;
	s->path[offset & PATH_MASK] = '/';
	f->offset = offset;
}

static long fold_step(u32 i, void *context)
{
	struct scratch *s = scratch_get();
	struct folding *f = context;
	u32 at = f->at + f->n - 1 - i;

	if (!s)
		return 1;
	asm volatile("%0 &= 0x3ffff" : "+r"(at));
	if (s->record[at] != '/')
		return 0;
	name_fold(s, f, at + 1, f->end - at - 1);
	f->end = at;
	return 0;
}

/* Whether the path of `n` bytes at that place of the record lies in a watched place. Verified
 * once, see path_walk. */
__noinline int is_watched(u32 at, u32 n, u32 wanted)
{
	struct folding f = { .at = at, .end = at + n, .n = n, .offset = WIRE_PATH_MAX - 1 };
	struct scratch *s = scratch_get();
	struct wire_place *found;

	if (!s)
		return 0;
	bpf_loop(n & 0x3fff, fold_step, &f, 0);
	found = place_of(s,
		(struct span){ .from = f.offset & PATH_MASK, .n = WIRE_PATH_MAX - 1 - f.offset });
	return is_wanted(found, wanted);
}

/* What a call said of a path: numbers and a second string, of which only some are known. */
struct said {
	s64 mtime; /* 0: not set */
	u64 size, second; /* the second string: an attribute's name, what a link points at */
	u32 mode, uid, gid, owner_known;
	s32 second_dir;
	u16 flags; /* WIRE_FLAG_io_uring: its strings are the kernel's */
};

static __always_inline u32 second_string(struct scratch *s, const struct said *said, u16 kind,
	u32 end)
{
	long n;

	if (!said->second)
		return end;
	if (kind != WIRE_file_attribute)
		return user_path(end, said->second_dir, said->second,
			said->flags & WIRE_FLAG_io_uring);
	asm volatile("%0 &= 0x3ffff" : "+r"(end));
	n = bpf_probe_read_user_str(&s->record[end], 256, (void *)said->second);
	return n > 1 ? end + ((n - 1) & 0xff) : end;
}

/* Sends what happened to the path that a call named. */
static __always_inline int path_act(u16 kind, s32 dir, u64 string, struct said said)
{
	struct scratch *s = scratch_get();
	struct wire_file *f;
	u32 end, end_second;

	if (!s || !wants(kind))
		return 0;
	f = file_begin(s, kind);
	f->head.flags = said.flags;
	end = user_path(sizeof *f, dir, string, said.flags & WIRE_FLAG_io_uring);
	f->path_length = end - sizeof *f;
	if (!f->path_length || !is_watched(sizeof *f, f->path_length, wanted_in(kind)))
		return 0;
	end_second = second_string(s, &said, kind, end);
	f->old_path_length = end_second - end;
	f->mode = said.mode;
	f->size = said.size;
	if (said.owner_known) {
		f->uid = said.uid;
		f->gid = said.gid;
		f->nlink = 1; /* the owner is known */
	}
	if (said.mtime) {
		f->mtime = said.mtime;
		f->ctime = bpf_ktime_get_boot_ns() + boot_time;
	}
	file_send(f, end_second);
	return 0;
}

#define SAID(...) ((struct said){__VA_ARGS__})

static __always_inline int renamed(s32 old_dir, u64 old, s32 new_dir, u64 new, u16 flags)
{
	struct scratch *s = scratch_get();
	struct wire_file *f;
	u32 end, end_old;

	if (!s || !wants(WIRE_file_rename))
		return 0;
	f = file_begin(s, WIRE_file_rename);
	f->head.flags = flags;
	end = user_path(sizeof *f, new_dir, new, flags & WIRE_FLAG_io_uring);
	f->path_length = end - sizeof *f;
	end_old = user_path(end, old_dir, old, flags & WIRE_FLAG_io_uring);
	f->old_path_length = end_old - end;
	if (!is_watched(sizeof *f, f->path_length, PLACE_watched | PLACE_log | PLACE_own) &&
		!is_watched(end, f->old_path_length,
			PLACE_watched | PLACE_log | PLACE_own))
		return 0;
	file_send(f, end_old);
	return 0;
}

static __always_inline int fd_act(u16 kind, s32 fd)
{
	struct file *file = file_of(fd);
	struct scratch *s = scratch_get();
	struct way way = { .slot = here() };

	if (file && s)
		file_act(s, way, kind, file, 0, 0);
	return 0;
}

/* For each call: only if it succeeded, then what to do with its registers. */
#define ON_SUCCESS(call, act)                                                                     \
	SEC("tracepoint/syscalls/sys_exit_" #call)                                                \
	int exit_##call(struct syscall_exit *c)                                                   \
	{                                                                                         \
		REGISTERS;                                                                        \
		return c->result ? 0 : act;                                                       \
	}

ON_SUCCESS(rename, renamed(AT_FDCWD_, REG(di), AT_FDCWD_, REG(si), 0))
ON_SUCCESS(renameat, renamed(REG(di), REG(si), REG(dx), REG(r10), 0))
ON_SUCCESS(renameat2, renamed(REG(di), REG(si), REG(dx), REG(r10), 0))
ON_SUCCESS(unlink, path_act(WIRE_file_delete, AT_FDCWD_, REG(di), SAID()))
ON_SUCCESS(unlinkat, path_act(WIRE_file_delete, REG(di), REG(si), SAID()))
ON_SUCCESS(rmdir, path_act(WIRE_file_delete, AT_FDCWD_, REG(di), SAID()))
ON_SUCCESS(link, path_act(WIRE_file_create, AT_FDCWD_, REG(si),
	SAID(.second = REG(di), .second_dir = AT_FDCWD_)))
ON_SUCCESS(linkat, path_act(WIRE_file_create, REG(dx), REG(r10),
	SAID(.second = REG(si), .second_dir = REG(di))))
ON_SUCCESS(symlink, path_act(WIRE_file_create, AT_FDCWD_, REG(si),
	SAID(.second = REG(di), .second_dir = AT_FDCWD_)))
ON_SUCCESS(symlinkat, path_act(WIRE_file_create, REG(si), REG(dx),
	SAID(.second = REG(di), .second_dir = AT_FDCWD_)))
ON_SUCCESS(mkdir, path_act(WIRE_file_create, AT_FDCWD_, REG(di), SAID()))
ON_SUCCESS(mkdirat, path_act(WIRE_file_create, REG(di), REG(si), SAID()))
ON_SUCCESS(mknod, path_act(WIRE_file_create, AT_FDCWD_, REG(di), SAID()))
ON_SUCCESS(mknodat, path_act(WIRE_file_create, REG(di), REG(si), SAID()))
ON_SUCCESS(chmod, path_act(WIRE_file_mode, AT_FDCWD_, REG(di), SAID(.mode = REG(si) & 07777)))
ON_SUCCESS(fchmodat, path_act(WIRE_file_mode, REG(di), REG(si), SAID(.mode = REG(dx) & 07777)))
ON_SUCCESS(fchmodat2, path_act(WIRE_file_mode, REG(di), REG(si), SAID(.mode = REG(dx) & 07777)))
ON_SUCCESS(fchmod, fd_act(WIRE_file_mode, REG(di)))
ON_SUCCESS(chown, path_act(WIRE_file_owner, AT_FDCWD_, REG(di),
	SAID(.uid = REG(si), .gid = REG(dx), .owner_known = 1)))
ON_SUCCESS(lchown, path_act(WIRE_file_owner, AT_FDCWD_, REG(di),
	SAID(.uid = REG(si), .gid = REG(dx), .owner_known = 1)))
ON_SUCCESS(fchownat, path_act(WIRE_file_owner, REG(di), REG(si),
	SAID(.uid = REG(dx), .gid = REG(r10), .owner_known = 1)))
ON_SUCCESS(fchown, fd_act(WIRE_file_owner, REG(di)))
ON_SUCCESS(setxattr, path_act(WIRE_file_attribute, AT_FDCWD_, REG(di), SAID(.second = REG(si))))
ON_SUCCESS(lsetxattr, path_act(WIRE_file_attribute, AT_FDCWD_, REG(di), SAID(.second = REG(si))))
ON_SUCCESS(removexattr, path_act(WIRE_file_attribute, AT_FDCWD_, REG(di), SAID(.second = REG(si))))
ON_SUCCESS(fsetxattr, fd_act(WIRE_file_attribute, REG(di)))
ON_SUCCESS(truncate, path_act(WIRE_file_truncate, AT_FDCWD_, REG(di), SAID(.size = REG(si))))
ON_SUCCESS(ftruncate, fd_act(WIRE_file_truncate, REG(di)))

enum { UTIME_NOW_ = (1 << 30) - 1, UTIME_OMIT_ = (1 << 30) - 2 };

/* The second of a pair of times in the caller's memory, ns; `unit` is what its second word counts.
 * NULL means now. */
static __always_inline s64 mtime_asked(u64 times, s64 unit)
{
	s64 pair[2] = {};

	if (!times || bpf_probe_read_user(pair, sizeof pair, (void *)(times + 16)) ||
		pair[1] == UTIME_NOW_)
		return bpf_ktime_get_boot_ns() + boot_time;
	return pair[1] == UTIME_OMIT_ ? 0 : pair[0] * 1000000000 + pair[1] * unit;
}

SEC("tracepoint/syscalls/sys_exit_utimensat")
int exit_utimensat(struct syscall_exit *c)
{
	REGISTERS;

	if (c->result)
		return 0;
	if (!REG(si))
		return fd_act(WIRE_file_time, REG(di));
	return path_act(WIRE_file_time, REG(di), REG(si), SAID(.mtime = mtime_asked(REG(dx), 1)));
}

ON_SUCCESS(utimes, path_act(WIRE_file_time, AT_FDCWD_, REG(di),
	SAID(.mtime = mtime_asked(REG(si), 1000))))
ON_SUCCESS(futimesat, path_act(WIRE_file_time, REG(di), REG(si),
	SAID(.mtime = mtime_asked(REG(dx), 1000))))

SEC("tracepoint/syscalls/sys_exit_utime")
int exit_utime(struct syscall_exit *c)
{
	s64 seconds = 0;
	REGISTERS;

	if (c->result)
		return 0;
	if (!REG(si) || bpf_probe_read_user(&seconds, sizeof seconds, (void *)(REG(si) + 8)))
		return path_act(WIRE_file_time, AT_FDCWD_, REG(di),
			SAID(.mtime = mtime_asked(0, 1)));
	return path_act(WIRE_file_time, AT_FDCWD_, REG(di), SAID(.mtime = seconds * 1000000000));
}

/* A module that was refused tells as much as one that was taken. */
SEC("tracepoint/syscalls/sys_exit_finit_module")
int exit_finit_module(struct syscall_exit *c)
{
	struct scratch *s = scratch_get();
	struct file *file;
	REGISTERS;

	file = file_of(REG(di));
	if (file && s && wants(WIRE_module) && !was_told_refused(c->result)) {
		struct wire_file *f = file_begin(s, WIRE_module);
		struct span path = path_of_file(file, here());

		file_facts(f, file);
		f->result = c->result;
		f->path_length = path.n;
		file_send(f, put_path(s, sizeof *f, path));
	}
	return 0;
}

SEC("tracepoint/syscalls/sys_exit_init_module")
int exit_init_module(struct syscall_exit *c)
{
	struct scratch *s = scratch_get();
	struct wire_file *f;

	if (!s || !wants(WIRE_module) || was_told_refused(c->result))
		return 0;
	f = file_begin(s, WIRE_module);
	f->result = c->result;
	file_send(f, sizeof *f);
	return 0;
}

/* What a program has mapped already: a library is told once for each program. */
struct mapping {
	u64 program, library;
	u32 program_device, library_device;
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct mapping);
	__type(value, u32);
} mappings SEC(".maps");

static __always_inline int code_mapped(u32 fd)
{
	struct way way = { .slot = here() };
	struct scratch *s = scratch_get();
	struct file *file = file_of(fd), *program;
	struct mapping key = {};
	u32 one = 1;

	if (!file || !s || !is_regular(file))
		return 0;
	program = BPF_CORE_READ(bpf_get_current_task_btf(), mm, exe_file);
	key.program = BPF_CORE_READ(program, f_inode, i_ino);
	key.program_device = BPF_CORE_READ(program, f_inode, i_sb, s_dev);
	key.library = BPF_CORE_READ(file, f_inode, i_ino);
	key.library_device = BPF_CORE_READ(file, f_inode, i_sb, s_dev);
	if (bpf_map_lookup_elem(&mappings, &key))
		return 0;
	bpf_map_update_elem(&mappings, &key, &one, BPF_ANY);
	return file_act(s, way, WIRE_library, file, 1, 0);
}

SEC("tracepoint/syscalls/sys_exit_mmap")
int exit_mmap(struct syscall_exit *c)
{
	REGISTERS;

	if (!(REG(dx) & PROT_EXEC_) || (c->result < 0 && c->result > -4096))
		return 0;
	if (REG(r10) & MAP_ANONYMOUS_)
		return executable_tell(WIRE_CALL_mmap, REG(dx), REG(si));
	return code_mapped(REG(r8));
}

enum { LOCAL_MAX = 108 }; /* bytes of a local socket's name */

/* The last part of a socket's name, one byte after the other. */
struct last_part {
	u32 at, n; /* in the record; bytes of the part so far */
};

static long last_part_step(u32 i, void *context)
{
	struct scratch *s = scratch_get();
	struct last_part *p = context;
	u32 at = p->at + i, n = p->n;
	char c;

	if (!s)
		return 1;
	asm volatile("%0 &= 0x3ffff" : "+r"(at));
	c = s->record[at];
	if (!c)
		return 1;
	if (c == '/') {
		__builtin_memset(s->name, 0, sizeof s->name);
		p->n = 0;
		return 0;
	}
	asm volatile("%0 &= 0x1f" : "+r"(n));
	s->name[n] = c;
	p->n = n == NAME_MAX - 1 ? n : n + 1;
	return 0;
}

/* Whether the path of `n` bytes at that place of the record ends in a sensitive name. */
static __always_inline int ends_sensitive(struct scratch *s, u32 at, u32 n)
{
	struct last_part p = { .at = at };

	__builtin_memset(s->name, 0, sizeof s->name);
	bpf_loop(n > LOCAL_MAX ? LOCAL_MAX : n, last_part_step, &p, 0);
	return bpf_map_lookup_elem(&sensitive, s->name) != NULL;
}

/* A local socket whose name is a sensitive one: who may talk to it has the rights of root. */
SEC("tracepoint/syscalls/sys_exit_connect")
int exit_connect(struct syscall_exit *c)
{
	struct scratch *s = scratch_get();
	struct wire_file *f;
	u16 family = 0;
	u32 end;
	REGISTERS;

	if (!s || !wants(WIRE_local) ||
		bpf_probe_read_user(&family, sizeof family, (void *)REG(si)) ||
		family != AF_UNIX_)
		return 0;
	f = file_begin(s, WIRE_local);
	f->result = c->result < 0 ? c->result : 0;
	end = user_path(sizeof *f, AT_FDCWD_, REG(si) + 2, 0);
	f->path_length = end - sizeof *f;
	if (f->path_length && ends_sensitive(s, sizeof *f, f->path_length))
		file_send(f, end);
	return 0;
}

enum { OP_OPENAT = 18, OP_OPENAT2 = 28, OP_RENAMEAT = 35, OP_UNLINKAT, OP_MKDIRAT, OP_SYMLINKAT,
	OP_LINKAT };

/* An open through a ring, when it is done: then the descriptor is there. */
SEC("tp_btf/io_uring_complete")
int BPF_PROG(on_ring_done, void *ring, struct io_kiocb *request)
{
	u8 opcode;

	if (!request)
		return 0;
	opcode = BPF_CORE_READ(request, opcode);
	return opcode == OP_OPENAT || opcode == OP_OPENAT2
		? opened(BPF_CORE_READ(request, cqe.res), WIRE_FLAG_io_uring) : 0;
}

static __always_inline u64 name_of(struct filename *filename)
{
	return (u64)BPF_CORE_READ(filename, name);
}

/* The rest has names only as long as it is not done, so that what came of it is not known. */
static __always_inline int ring_asked(struct io_kiocb *request)
{
	const struct said through_ring = { .flags = WIRE_FLAG_io_uring };
	u8 opcode = BPF_CORE_READ(request, opcode);
	void *command = (void *)request + bpf_core_field_offset(struct io_kiocb, cmd);
	struct io_rename *rename = command;
	struct io_unlink *unlink = command;
	struct io_mkdir *mkdir = command;
	struct io_link *link = command;

	switch (opcode) {
	case OP_RENAMEAT:
		return renamed(BPF_CORE_READ(rename, old_dfd),
			name_of(BPF_CORE_READ(rename, oldpath)), BPF_CORE_READ(rename, new_dfd),
			name_of(BPF_CORE_READ(rename, newpath)), WIRE_FLAG_io_uring);
	case OP_UNLINKAT:
		return path_act(WIRE_file_delete, BPF_CORE_READ(unlink, dfd),
			name_of(BPF_CORE_READ(unlink, filename)), through_ring);
	case OP_MKDIRAT:
		return path_act(WIRE_file_create, BPF_CORE_READ(mkdir, dfd),
			name_of(BPF_CORE_READ(mkdir, filename)), through_ring);
	case OP_SYMLINKAT:
	case OP_LINKAT:
		return path_act(WIRE_file_create, BPF_CORE_READ(link, new_dfd),
			name_of(BPF_CORE_READ(link, newpath)), through_ring);
	}
	return 0;
}

SEC("tp_btf/io_uring_submit_req")
int BPF_PROG(on_ring_asked, struct io_kiocb *request)
{
	return ring_asked(request);
}

SEC("tp_btf/io_uring_submit_sqe")
int BPF_PROG(on_ring_asked_old, struct io_kiocb *request)
{
	return ring_asked(request);
}

enum { TS_COMPAT_ = 2 };
enum { IA32_OPEN = 5, IA32_CREAT = 8, IA32_UNLINK = 10, IA32_RENAME = 38, IA32_OPENAT = 295,
	IA32_UNLINKAT = 301, IA32_RENAMEAT = 302, IA32_OPENAT2 = 437 };

/* What a program asks for by system calls of 32 bits, where no hook sees it. */
static __always_inline int ia32_done(u64 number, s64 result)
{
	const struct said said = { .flags = WIRE_FLAG_ia32 };
	REGISTERS;

	if (number == IA32_OPEN || number == IA32_OPENAT || number == IA32_OPENAT2 ||
		number == IA32_CREAT)
		return opened(result, WIRE_FLAG_ia32);
	if (result)
		return 0;
	if (number == IA32_UNLINK)
		return path_act(WIRE_file_delete, AT_FDCWD_, (u32)REG(bx), said);
	if (number == IA32_UNLINKAT)
		return path_act(WIRE_file_delete, REG(bx), (u32)REG(cx), said);
	if (number == IA32_RENAME)
		return renamed(AT_FDCWD_, (u32)REG(bx), AT_FDCWD_, (u32)REG(cx), WIRE_FLAG_ia32);
	return 0;
}

/* Called at the end of every system call of every process: attached only if the settings ask. */
SEC("tp_btf/sys_exit")
int BPF_PROG(on_ia32, struct pt_regs *regs, long result)
{
	if (!(bpf_get_current_task_btf()->thread_info.status & TS_COMPAT_))
		return 0;
	return ia32_done(BPF_CORE_READ(regs, orig_ax), result);
}
