/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process as struct wire_exec: facts of the task and of its program's file, and the strings
 * behind them.
 */
#pragma once

#include "sensor/bpf/verdict.h"

/* struct inode has kept its times in four ways. */
static __always_inline s64 mtime_of(struct inode *inode)
{
	struct inode___until_6_5 *old = (void *)inode;
	struct inode___from_6_6 *middle = (void *)inode;

	if (bpf_core_field_exists(inode->i_mtime_sec))
		return BPF_CORE_READ(inode, i_mtime_sec) * 1000000000 +
		       BPF_CORE_READ(inode, i_mtime_nsec);
	if (bpf_core_field_exists(middle->__i_mtime))
		return BPF_CORE_READ(middle, __i_mtime.tv_sec) * 1000000000 +
		       BPF_CORE_READ(middle, __i_mtime.tv_nsec);
	return BPF_CORE_READ(old, i_mtime.tv_sec) * 1000000000 +
	       BPF_CORE_READ(old, i_mtime.tv_nsec);
}

static __always_inline s64 ctime_of(struct inode *inode)
{
	struct inode___until_6_5 *old = (void *)inode;
	struct inode___from_6_6 *middle = (void *)inode;

	if (bpf_core_field_exists(inode->i_ctime_sec))
		return BPF_CORE_READ(inode, i_ctime_sec) * 1000000000 +
		       (BPF_CORE_READ(inode, i_ctime_nsec) &
			       0x3fffffff); /* the top bits are flags */
	if (bpf_core_field_exists(middle->__i_ctime))
		return BPF_CORE_READ(middle, __i_ctime.tv_sec) * 1000000000 +
		       BPF_CORE_READ(middle, __i_ctime.tv_nsec);
	return BPF_CORE_READ(old, i_ctime.tv_sec) * 1000000000 +
	       BPF_CORE_READ(old, i_ctime.tv_nsec);
}

/* As user space writes a device: major << 8 | minor for the small ones (new_encode_dev). */
static __always_inline u64 device_of(struct inode *inode)
{
	u32 dev = BPF_CORE_READ(inode, i_sb, s_dev), major = dev >> 20, minor = dev & 0xfffff;

	return (minor & 0xff) | ((u64)major << 8) | ((u64)(minor & ~0xffu) << 12);
}

static __always_inline int is_memfd(struct dentry *dentry)
{
	const unsigned char *name = BPF_CORE_READ(dentry, d_name.name);
	char begin[8] = {};

	bpf_probe_read_kernel(begin, 6, name);
	return begin[0] == 'm' && begin[1] == 'e' && begin[2] == 'm' && begin[3] == 'f' &&
	       begin[4] == 'd' && begin[5] == ':';
}

static __always_inline u32 program_fill(struct wire_exec *e, struct file *file)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	u32 flags = 0;

	e->inode = BPF_CORE_READ(inode, i_ino);
	e->device = device_of(inode);
	e->size = BPF_CORE_READ(inode, i_size);
	e->mtime = mtime_of(inode);
	e->ctime = ctime_of(inode);
	e->mode = BPF_CORE_READ(inode, i_mode);
	e->nlink = BPF_CORE_READ(inode, i_nlink);
	e->file_uid = BPF_CORE_READ(inode, i_uid.val);
	e->fs_magic = BPF_CORE_READ(inode, i_sb, s_magic);
	e->mount_flags = BPF_CORE_READ(file, f_path.mnt, mnt_flags) & 7;
	if (e->fs_magic == TMPFS_MAGIC_)
		flags |= FILE_tmpfs;
	if (!e->nlink)
		flags |= is_memfd(BPF_CORE_READ(file, f_path.dentry)) ? FILE_memfd : FILE_deleted;
	return flags;
}

static __always_inline void rights_fill(struct wire_exec *e, const struct cred *cred)
{
	e->uid = BPF_CORE_READ(cred, uid.val);
	e->euid = BPF_CORE_READ(cred, euid.val);
	e->suid = BPF_CORE_READ(cred, suid.val);
	e->gid = BPF_CORE_READ(cred, gid.val);
	e->egid = BPF_CORE_READ(cred, egid.val);
	bpf_core_read(&e->cap_effective, 8, &cred->cap_effective);
	e->fs_uid = BPF_CORE_READ(cred, fsuid.val);
	bpf_core_read(&e->cap_permitted, 8, &cred->cap_permitted);
	bpf_core_read(&e->cap_inheritable, 8, &cred->cap_inheritable);
	bpf_core_read(&e->cap_bounding, 8, &cred->cap_bset);
	bpf_core_read(&e->cap_ambient, 8, &cred->cap_ambient);
	e->ns_user = BPF_CORE_READ(cred, user_ns, ns.inum);
}

/* The entry of the task's own pid namespace: struct pid ends with an array of level + 1 of them.
 */
static __always_inline const char *own_upid(struct task_struct *task)
{
	struct pid *pid = BPF_CORE_READ(task, thread_pid);

	return (char *)pid + bpf_core_field_offset(struct pid, numbers) +
	       BPF_CORE_READ(pid, level) * bpf_core_type_size(struct upid);
}

static __always_inline u32 vpid_of(struct task_struct *task)
{
	u32 nr = 0;

	bpf_probe_read_kernel(&nr, sizeof nr,
		own_upid(task) + bpf_core_field_offset(struct upid, nr));
	return nr;
}

static __always_inline u32 pid_namespace_of(struct task_struct *task)
{
	struct pid_namespace *ns = NULL;

	bpf_probe_read_kernel(&ns, sizeof ns,
		own_upid(task) + bpf_core_field_offset(struct upid, ns));
	return BPF_CORE_READ(ns, ns.inum);
}

/* The number of a pid in the first namespace. */
static __always_inline u32 first_nr(struct pid *pid)
{
	return pid ? BPF_CORE_READ(pid, numbers[0].nr) : 0;
}

static __always_inline void task_fill(struct wire_exec *e, struct task_struct *task)
{
	struct nsproxy *ns = BPF_CORE_READ(task, nsproxy);
	struct tty_struct *tty = BPF_CORE_READ(task, signal, tty);

	e->no_new_privs = BPF_CORE_READ(task, atomic_flags) & 1;
	e->seccomp = BPF_CORE_READ(task, seccomp.mode);
	e->group_leader = first_nr(BPF_CORE_READ(task, signal, pids[2]));
	e->session_leader = first_nr(BPF_CORE_READ(task, signal, pids[3]));
	e->login_uid = BPF_CORE_READ(task, loginuid.val);
	e->session = BPF_CORE_READ(task, sessionid);
	e->vpid = vpid_of(task);
	e->cgroup_id = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
	e->ns_uts = BPF_CORE_READ(ns, uts_ns, ns.inum);
	e->ns_ipc = BPF_CORE_READ(ns, ipc_ns, ns.inum);
	e->ns_mnt = BPF_CORE_READ(ns, mnt_ns, ns.inum);
	e->ns_net = BPF_CORE_READ(ns, net_ns, ns.inum);
	e->ns_cgroup = BPF_CORE_READ(ns, cgroup_ns, ns.inum);
	e->ns_time = BPF_CORE_READ(ns, time_ns, ns.inum);
	e->ns_pid = pid_namespace_of(task);
	bpf_probe_read_kernel_str(e->comm, sizeof e->comm, task->comm);
	e->tty[0] = 0;
	if (tty)
		bpf_probe_read_kernel_str(e->tty, sizeof e->tty, tty->name);
}

static __always_inline u8 stdio_kind(struct task_struct *task, u32 fd)
{
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **files = BPF_CORE_READ(table, fd), *file = NULL;
	u32 mode, device, major;

	if (!table || fd >= BPF_CORE_READ(table, max_fds))
		return STDIO_closed;
	bpf_probe_read_kernel(&file, sizeof file, files + fd);
	if (!file)
		return STDIO_closed;
	mode = BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT_;
	if (mode == S_IFIFO_)
		return STDIO_pipe;
	if (mode == S_IFSOCK_)
		return STDIO_socket;
	if (mode == S_IFREG_)
		return STDIO_file;
	if (mode != S_IFCHR_)
		return STDIO_other;
	device = BPF_CORE_READ(file, f_inode, i_rdev);
	major = device >> 20;
	if (major == 1 && (device & 0xfffff) == 3)
		return STDIO_null;
	/* tty 4, console 5, pty slaves 136 to 143 (admin-guide/devices.txt) */
	return major == 4 || major == 5 || (major >= 136 && major <= 143) ? STDIO_tty
									  : STDIO_device;
}

/* A path that lies in the scratch goes behind the other strings. Returns the new end. */
static __always_inline u32 put_path(struct scratch *s, u32 end, struct span path)
{
	u32 n = path.n;

	asm volatile("%0 &= 0x3ffff" : "+r"(end));
	asm volatile("%0 &= 0xfff" : "+r"(n));
	bpf_probe_read_kernel(&s->record[end], n, &s->path[path.from & PATH_MASK]);
	return end + n;
}

/* A string of the kernel that ends with NUL. */
static __always_inline u32 put_string(struct scratch *s, u32 end, const char *from, u32 *length)
{
	long n;

	asm volatile("%0 &= 0x3ffff" : "+r"(end));
	n = bpf_probe_read_kernel_str(&s->record[end], WIRE_PATH_MAX, from);
	*length = n > 0 ? (n - 1) & PATH_MASK : 0;
	return end + *length;
}

static __always_inline u32 put_cwd(struct scratch *s, struct wire_exec *e,
	struct task_struct *task, u32 end, u32 slot)
{
	struct span path = path_of_cwd(task, slot);

	if (path.cut)
		e->head.flags |= WIRE_FLAG_cut;
	e->cwd_length = path.n;
	return put_path(s, end, path);
}

/* Whether a process works in a folder of the scope. "/srv/www" lies in "/srv/www/". */
static __always_inline int cwd_in_scope(struct scratch *s, struct task_struct *task, u32 slot)
{
	struct wire_place *found;
	struct span path;
	u32 n;

	if (scope_kind != SCOPE_dir || !prefix_wanted)
		return 0;
	path = path_of_cwd(task, slot);
	n = path.n;
	asm volatile("%0 &= 0xff" : "+r"(n));
	if (path.n >= PLACE_PATH_MAX || n >= PLACE_PATH_MAX)
		return 0;
	bpf_probe_read_kernel(s->place.path, n, &s->path[path.from & PATH_MASK]);
	s->place.path[n] = '/';
	s->place.bits = (n + 1) * 8;
	found = bpf_map_lookup_elem(&place, &s->place);
	return found && found->flags & PLACE_scope;
}

static long cgroup_step(u32 i, void *context)
{
	struct scratch *scratch = scratch_at(*(u32 *)context);
	struct kernfs_node *node, *parent;
	struct kernfs_node___from_6_15 *newer;
	u32 offset;
	char *tail;
	long n;

	if (!scratch)
		return 1;
	node = (void *)scratch->walk.node;
	newer = (void *)node;
	if (bpf_core_field_exists(newer->__parent))
		parent = BPF_CORE_READ(newer, __parent);
	else
		parent = BPF_CORE_READ(node, parent);
	offset = scratch->walk.offset;
	if (!parent || offset < 260)
		return 1;
	/* its length is known only after reading: read behind the walk's half, then move */
	tail = &scratch->path[WIRE_PATH_MAX];
	n = bpf_probe_read_kernel_str(tail, 256, BPF_CORE_READ(node, name));
	if (n <= 1)
		return 1;
	n = (n - 1) & 0xff;
	offset -= n;
	bpf_probe_read_kernel(&scratch->path[offset & PATH_MASK], n, tail);
	offset--;
	scratch->path[offset & PATH_MASK] = '/';
	scratch->walk.offset = offset;
	scratch->walk.node = (u64)parent;
	return 0;
}

/* Writes a cgroup's path into the scratch, "" for the root; the answer is as path_walk's. Verified
 * once. */
__noinline u64 cgroup_path(u64 node, u32 slot)
{
	struct scratch *scratch = scratch_at(slot);
	u32 context = slot, offset;

	if (!scratch)
		return 0;
	scratch->walk.node = node;
	scratch->walk.offset = WIRE_PATH_MAX - 1;
	bpf_loop(32, cgroup_step, &context, 0);
	offset = scratch->walk.offset;
	return (u64)offset << 32 | (u64)(WIRE_PATH_MAX - 1 - offset) << 1;
}

/* The memory controller's tree where it says more than "/" (hybrid trees), else the unified one.
 */
static __always_inline u32 put_cgroup(struct scratch *s, struct wire_exec *e,
	struct task_struct *task, u32 end, u32 slot)
{
	struct css_set *set = BPF_CORE_READ(task, cgroups);
	u32 memory = bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id);
	struct cgroup_subsys_state *css = NULL;
	struct span path = {};

	if (bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id))
		bpf_core_read(&css, sizeof css, &set->subsys[memory & 15]);
	if (css)
		path = span_of(cgroup_path((u64)BPF_CORE_READ(css, cgroup, kn), slot));
	if (!path.n)
		path = span_of(cgroup_path((u64)BPF_CORE_READ(set, dfl_cgrp, kn), slot));
	if (!path.n) {
		path = (struct span){.from = 0, .n = 1};
		s->path[0] = '/';
	}
	e->cgroup_length = path.n;
	return put_path(s, end, path);
}

/* Bytes of the current process's memory, at most `max` of them (a constant). */
#define put_user(s, end, from, n, max)                                                            \
	({                                                                                        \
		u32 n_ = (n);                                                                     \
		asm volatile("%0 &= 0x3ffff" : "+r"(end));                                        \
		if (n_ > (max))                                                                   \
			n_ = (max);                                                               \
		if (bpf_probe_read_user(&(s)->record[end], n_, (const void *)(from)))             \
			n_ = 0;                                                                   \
		n_;                                                                               \
	})
