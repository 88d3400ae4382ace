/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Paths, from the kernel's own names: from an entry up to the root of its mount namespace, across
 * mounts, at most 200 steps; written from the end of a buffer to its front. A chroot hides
 * nothing: what lies in /tmp/x/etc is not in /etc.
 */
#pragma once

#include "sensor/bpf/sensor.h"

enum { STEPS_MAX = 200 };

static long walk_step(u32 i, void *context)
{
	struct scratch *scratch = scratch_at(*(u32 *)context);
	struct walk *w;
	struct dentry *dentry, *parent;
	struct vfsmount *vfsmount;
	struct mount *mount;
	const unsigned char *name;
	u32 offset, n;

	if (!scratch)
		return 1;
	w = &scratch->walk;
	dentry = (void *)w->dentry;
	vfsmount = (void *)w->vfsmount;
	mount = (void *)w->mount;
	if (dentry == BPF_CORE_READ(vfsmount, mnt_root)) {
		struct mount *up = BPF_CORE_READ(mount, mnt_parent);

		if (up == mount)
			return 1; /* the root of everything */
		w->dentry = (u64)BPF_CORE_READ(mount, mnt_mountpoint);
		w->mount = (u64)up;
		w->vfsmount = (u64)up + bpf_core_field_offset(struct mount, mnt);
		return 0;
	}
	parent = BPF_CORE_READ(dentry, d_parent);
	offset = w->offset;
	if (dentry == parent && offset != WIRE_PATH_MAX - 1)
		return 1; /* else it has a name and no place: a memfd */
	n = BPF_CORE_READ(dentry, d_name.len);
	name = BPF_CORE_READ(dentry, d_name.name);
	if (n > 255 || n + 1 > offset || i == STEPS_MAX - 1) {
		w->cut = 1;
		return 1;
	}
	offset -= n;
	bpf_probe_read_kernel(&scratch->path[offset & PATH_MASK], n & 255, name);
	offset--;
	scratch->path[offset & PATH_MASK] = '/';
	w->offset = offset;
	w->dentry = (u64)parent;
	return 0;
}

/* Where a path lies in the scratch. */
struct span {
	u32 from, n, cut;
};

/*
 * Writes the path of an entry into the scratch; "/" where the entry is the root itself. The answer
 * is where it begins << 32 | length << 1 | cut. A function of its own for the verifier, which
 * looks at it once and not once per caller; hence the numbers instead of pointers.
 */
__noinline u64 path_walk(u64 dentry, u64 vfsmount, u32 slot)
{
	struct scratch *scratch = scratch_at(slot);
	u32 context = slot, offset;
	struct walk *w;

	if (!scratch)
		return 0;
	w = &scratch->walk;
	w->dentry = dentry;
	w->vfsmount = vfsmount;
	w->mount = vfsmount - bpf_core_field_offset(struct mount, mnt);
	w->offset = WIRE_PATH_MAX - 1;
	w->cut = 0;
	bpf_loop(STEPS_MAX, walk_step, &context, 0);
	offset = w->offset;
	if (offset == WIRE_PATH_MAX - 1)
		scratch->path[--offset & PATH_MASK] = '/';
	return (u64)offset << 32 | (u64)(WIRE_PATH_MAX - 1 - offset) << 1 | !!w->cut;
}

static __always_inline struct span span_of(u64 walked)
{
	return (struct span){walked >> 32 & PATH_MASK, walked >> 1 & PATH_MASK, walked & 1};
}

static __always_inline struct span path_of_file(struct file *file, u32 slot)
{
	return span_of(path_walk((u64)BPF_CORE_READ(file, f_path.dentry),
		(u64)BPF_CORE_READ(file, f_path.mnt), slot));
}

static __always_inline struct span path_of_cwd(struct task_struct *task, u32 slot)
{
	return span_of(path_walk((u64)BPF_CORE_READ(task, fs, pwd.dentry),
		(u64)BPF_CORE_READ(task, fs, pwd.mnt), slot));
}

static __always_inline u32 here(void)
{
	return bpf_get_smp_processor_id();
}

/* The file behind a descriptor of the current process, NULL if there is none. */
static __always_inline struct file *file_of(u32 fd)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **files = BPF_CORE_READ(table, fd), *file = NULL;

	if (!table || fd >= BPF_CORE_READ(table, max_fds))
		return NULL;
	bpf_probe_read_kernel(&file, sizeof file, files + fd);
	return file;
}

/* What lies at that path in the scratch: flags and image bits of the longest prefix that is known.
 */
static __always_inline struct wire_place *place_of(struct scratch *scratch, struct span path)
{
	u32 n = path.n;

	asm volatile("%0 &= 0xfff" : "+r"(n));
	if (n > PLACE_PATH_MAX)
		n = PLACE_PATH_MAX;
	bpf_probe_read_kernel(scratch->place.path, n, &scratch->path[path.from & PATH_MASK]);
	scratch->place.bits = n * 8;
	return bpf_map_lookup_elem(&place, &scratch->place);
}
