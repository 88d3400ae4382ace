// SPDX-License-Identifier: GPL-2.0-or-later
// Files in watched places: created, closed after writing, renamed, removed, mode and times set;
// sensitive names opened; and modules handed to the kernel. From the ends of system calls, so that
// only what succeeded is told. Where a call names a descriptor the path is the kernel's own; where
// it names a path, that is the caller's text made absolute (two threads may disagree about it, and
// links in it are not followed).

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

static __always_inline void file_send(struct wire_file *f, u32 end)
{
	asm volatile("%0 &= 0x3ffff" : "+r"(end));
	f->head.length = end;
	f->head.cpu = bpf_get_smp_processor_id();
	f->head.tid = (u32)bpf_get_current_pid_tgid();
	f->head.time = bpf_ktime_get_boot_ns();
	actor(&f->head);
	f->head.attempt = attempt(WIRE_RING_file);
	send_to(ring_file, WIRE_RING_file, f, end);
}

/* Sends what happened to an open file, if it lies in a watched place (or wherever it lies). */
static __always_inline int file_act(struct scratch *s, u16 kind, struct file *file, int anywhere,
	s32 result)
{
	struct wire_file *f = file_begin(s, kind);
	struct span path = path_of_file(file, here());
	struct wire_place *found = place_of(s, path);

	if (!anywhere && !(found && found->flags & PLACE_watched))
		return 0;
	file_facts(f, file);
	f->result = result;
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

static __always_inline int is_sensitive(struct file *file)
{
	u32 n = BPF_CORE_READ(file, f_path.dentry, d_name.len);
	char name[NAME_MAX] = {};

	if (n >= NAME_MAX)
		return 0;
	asm volatile("%0 &= 0x1f" : "+r"(n));
	bpf_probe_read_kernel(name, n, BPF_CORE_READ(file, f_path.dentry, d_name.name));
	return bpf_map_lookup_elem(&sensitive, name) != NULL;
}

/* The start of a write is told only for a file that was not there; the rest is told when it is
 * closed. */
static __always_inline int write_begins(struct scratch *s, struct file *file, u32 mode)
{
	struct wire_task *task = task_or_new(bpf_get_current_task_btf()->group_leader);
	struct wire_place *found;

	if (mode & FMODE_CREATED) {
		if (file_act(s, WIRE_file_create, file, 0, 0) && task)
			task->writes = 1;
		return 0;
	}
	found = place_of(s, path_of_file(file, here()));
	if (task && found && found->flags & PLACE_watched)
		task->writes = 1;
	return 0;
}

static __always_inline int opened(s64 fd)
{
	struct file *file = fd >= 0 ? file_of(fd) : NULL;
	struct scratch *s = scratch_get();
	u32 mode;

	if (!file || !s)
		return 0;
	mode = BPF_CORE_READ(file, f_mode);
	if (mode & FMODE_WRITE)
		return is_regular(file) ? write_begins(s, file, mode) : 0;
	if (is_sensitive(file) && is_regular(file))
		file_act(s, WIRE_file_open, file, 1, 0);
	return 0;
}

SEC("tracepoint/syscalls/sys_exit_open")
int exit_open(struct syscall_exit *c)
{
	return opened(c->result);
}

SEC("tracepoint/syscalls/sys_exit_openat")
int exit_openat(struct syscall_exit *c)
{
	return opened(c->result);
}

SEC("tracepoint/syscalls/sys_exit_openat2")
int exit_openat2(struct syscall_exit *c)
{
	return opened(c->result);
}

SEC("tracepoint/syscalls/sys_exit_creat")
int exit_creat(struct syscall_exit *c)
{
	return opened(c->result);
}

static __always_inline void write_ends(struct scratch *s, u32 fd)
{
	struct file *file = file_of(fd);

	if (file && BPF_CORE_READ(file, f_mode) & FMODE_WRITE && is_regular(file))
		file_act(s, WIRE_file_write, file, 0, 0);
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
 * The answer is the new end. Verified once, see path_walk.
 */
__noinline u32 user_path(u32 end, s32 dir, u64 string)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct scratch *s = scratch_get();
	struct span base = {};
	char first = 0;
	long n;

	if (!s || bpf_probe_read_user(&first, 1, (void *)string) || !first)
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
	n = bpf_probe_read_user_str(&s->record[end], WIRE_PATH_MAX, (void *)string);
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
__noinline int is_watched(u32 at, u32 n)
{
	struct folding f = { .at = at, .end = at + n, .n = n, .offset = WIRE_PATH_MAX - 1 };
	struct scratch *s = scratch_get();
	struct wire_place *found;

	if (!s)
		return 0;
	bpf_loop(n & 0x3fff, fold_step, &f, 0);
	found = place_of(s,
		(struct span){ .from = f.offset & PATH_MASK, .n = WIRE_PATH_MAX - 1 - f.offset });
	return found && found->flags & PLACE_watched;
}

/* Sends what happened to the path that a call named. `mtime` 0: not set by it. */
static __always_inline int path_act(u16 kind, s32 dir, u64 string, u32 mode, s64 mtime)
{
	struct scratch *s = scratch_get();
	struct wire_file *f;
	u32 end;

	if (!s)
		return 0;
	f = file_begin(s, kind);
	end = user_path(sizeof *f, dir, string);
	f->path_length = end - sizeof *f;
	if (!f->path_length || !is_watched(sizeof *f, f->path_length))
		return 0;
	f->mode = mode;
	if (mtime) {
		f->mtime = mtime;
		f->ctime = bpf_ktime_get_boot_ns() + boot_time;
	}
	file_send(f, end);
	return 0;
}

static __always_inline int renamed(s32 old_dir, u64 old, s32 new_dir, u64 new)
{
	struct scratch *s = scratch_get();
	struct wire_file *f;
	u32 end, end_old;

	if (!s)
		return 0;
	f = file_begin(s, WIRE_file_rename);
	end = user_path(sizeof *f, new_dir, new);
	f->path_length = end - sizeof *f;
	end_old = user_path(end, old_dir, old);
	f->old_path_length = end_old - end;
	if (!is_watched(sizeof *f, f->path_length) && !is_watched(end, f->old_path_length))
		return 0;
	file_send(f, end_old);
	return 0;
}

static __always_inline int fd_act(u16 kind, s32 fd)
{
	struct file *file = file_of(fd);
	struct scratch *s = scratch_get();

	if (file && s)
		file_act(s, kind, file, 0, 0);
	return 0;
}

#define REGISTERS                                                                                 \
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf())
#define REG(name) BPF_CORE_READ(regs, name)

/* For each call: only if it succeeded, then what to do with its registers. */
#define ON_SUCCESS(call, act)                                                                     \
	SEC("tracepoint/syscalls/sys_exit_" #call)                                                \
	int exit_##call(struct syscall_exit *c)                                                   \
	{                                                                                         \
		REGISTERS;                                                                        \
		return c->result ? 0 : act;                                                       \
	}

ON_SUCCESS(rename, renamed(AT_FDCWD_, REG(di), AT_FDCWD_, REG(si)))
ON_SUCCESS(renameat, renamed(REG(di), REG(si), REG(dx), REG(r10)))
ON_SUCCESS(renameat2, renamed(REG(di), REG(si), REG(dx), REG(r10)))
ON_SUCCESS(unlink, path_act(WIRE_file_delete, AT_FDCWD_, REG(di), 0, 0))
ON_SUCCESS(unlinkat, path_act(WIRE_file_delete, REG(di), REG(si), 0, 0))
ON_SUCCESS(link, path_act(WIRE_file_create, AT_FDCWD_, REG(si), 0, 0))
ON_SUCCESS(linkat, path_act(WIRE_file_create, REG(dx), REG(r10), 0, 0))
ON_SUCCESS(symlink, path_act(WIRE_file_create, AT_FDCWD_, REG(si), 0, 0))
ON_SUCCESS(symlinkat, path_act(WIRE_file_create, REG(si), REG(dx), 0, 0))
ON_SUCCESS(chmod, path_act(WIRE_file_mode, AT_FDCWD_, REG(di), REG(si) & 07777, 0))
ON_SUCCESS(fchmodat, path_act(WIRE_file_mode, REG(di), REG(si), REG(dx) & 07777, 0))
ON_SUCCESS(fchmodat2, path_act(WIRE_file_mode, REG(di), REG(si), REG(dx) & 07777, 0))
ON_SUCCESS(fchmod, fd_act(WIRE_file_mode, REG(di)))

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
	return path_act(WIRE_file_time, REG(di), REG(si), 0, mtime_asked(REG(dx), 1));
}

ON_SUCCESS(utimes, path_act(WIRE_file_time, AT_FDCWD_, REG(di), 0, mtime_asked(REG(si), 1000)))
ON_SUCCESS(futimesat, path_act(WIRE_file_time, REG(di), REG(si), 0, mtime_asked(REG(dx), 1000)))

SEC("tracepoint/syscalls/sys_exit_utime")
int exit_utime(struct syscall_exit *c)
{
	s64 seconds = 0;
	REGISTERS;

	if (c->result)
		return 0;
	if (!REG(si) || bpf_probe_read_user(&seconds, sizeof seconds, (void *)(REG(si) + 8)))
		return path_act(WIRE_file_time, AT_FDCWD_, REG(di), 0, mtime_asked(0, 1));
	return path_act(WIRE_file_time, AT_FDCWD_, REG(di), 0, seconds * 1000000000);
}

/* A module that was refused tells as much as one that was taken. */
SEC("tracepoint/syscalls/sys_exit_finit_module")
int exit_finit_module(struct syscall_exit *c)
{
	struct scratch *s = scratch_get();
	struct file *file;
	REGISTERS;

	file = file_of(REG(di));
	if (file && s) {
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

	if (!s)
		return 0;
	f = file_begin(s, WIRE_module);
	f->result = c->result;
	file_send(f, sizeof *f);
	return 0;
}
