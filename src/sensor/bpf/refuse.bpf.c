// SPDX-License-Identifier: GPL-2.0-or-later
// The refusals beside exec and connections: files, modules, access to the memory of others, BPF;
// and what is done to saker itself. By LSM where the kernel was told to ask BPF, else by
// trampolines that change the answer of the same hooks: each program stands here twice.

#include "sensor/bpf/process.h"

/*
 * A hook under both names; `body` is what it answers, an expression with `rung`. All arguments of
 * the hook must be named: what it answers so far stands behind them.
 */
#define REFUSAL(name, hook, args, body)                                                           \
	SEC("lsm/" #hook)                                                                         \
	int BPF_PROG(lsm_##name, UNPACK args, int before)                                         \
	{                                                                                         \
		const u32 rung = WIRE_RUNG_lsm;                                                   \
		return before ? before : (body);                                                  \
	}                                                                                         \
	SEC("fmod_ret/security_" #hook)                                                           \
	int BPF_PROG(modify_##name, UNPACK args, int before)                                      \
	{                                                                                         \
		const u32 rung = WIRE_RUNG_modify;                                                \
		return before ? before : (body);                                                  \
	}
#define UNPACK(...) __VA_ARGS__

/* Who acts, for the clauses; false if nobody asks about such an act, or nothing may be done. */
static __always_inline int asked_about(u32 act, struct wire_task *task, u32 place_flags)
{
	return may_act_inside(task, in_scope(task) || place_flags & PLACE_scope);
}

static __always_inline void actor_judge(struct judging *j, u32 act, u64 object,
	struct wire_task *task)
{
	struct task_struct *current = bpf_get_current_task_btf();
	struct wire_process parent;

	j->act = act;
	j->object = object;
	j->image = task ? task->image : 0;
	j->parent = parent_bits(current->group_leader, &parent);
	j->ancestors = task ? task->ancestors : 0;
	j->uid = BPF_CORE_READ(current, cred, euid.val);
	judge(j);
}

/* Whether somebody else is about to change saker's own files. Package managers may. */
static __always_inline int is_intruding(u32 act, u32 place_flags, struct wire_task *task,
	const struct judging *j)
{
	struct file *program = BPF_CORE_READ(bpf_get_current_task_btf(), mm, exe_file);
	u64 inode;

	if (!protect || !(place_flags & PLACE_own) || act == ACT_open || (task && task->own))
		return 0;
	if ((j->image | j->parent | j->ancestors) & 1ULL << IMAGE_BIT_protected)
		return 0;
	inode = BPF_CORE_READ(program, f_inode, i_ino);
	return (inode != own_inodes[0] && inode != own_inodes[1]) ||
	       BPF_CORE_READ(program, f_inode, i_sb, s_dev) != own_device;
}

/* Paths of one act: of the file, and of its old name where it is renamed. */
struct named {
	u64 dentry, mount, old_dentry, old_mount;
	u64 inode;
};

static __always_inline u64 bits_at(struct scratch *s, struct span path, u32 *place_flags)
{
	u64 bits = image_bits(path.from, path.n, lsm_slot());
	struct wire_place *found = place_of(s, path);

	if (found) {
		bits |= found->image_bits;
		*place_flags |= found->flags;
	}
	return bits;
}

static __always_inline void refusal_send(struct scratch *s, struct wire_file *f, u16 kind,
	const struct judging *j, u32 rung, u64 inode, u32 end)
{
	f->head.kind = kind;
	f->verdict.clause = j->clause;
	f->verdict.rule = j->rule;
	f->verdict.rung = rung;
	f->result = -EPERM_;
	f->inode = inode ? BPF_CORE_READ((struct inode *)inode, i_ino) : 0;
	file_send_numbered(f, end, attempt(WIRE_RING_file));
	refused_note(task_known(bpf_get_current_task_btf()->group_leader));
}

/* A pointer as a number, which is what path_walk takes: the verifier lets no other way pass. */
static __always_inline u64 number_of(struct scratch *s, u64 pointer)
{
	volatile u64 *place = &s->walk.node;

	*place = pointer;
	return *place;
}

static __always_inline int file_judge(struct scratch *s, u32 act, u16 kind,
	const struct named *named, u32 rung)
{
	struct wire_task *task = task_known(bpf_get_current_task_btf()->group_leader);
	struct wire_file *f = file_begin(s, kind);
	struct span path = span_of(path_walk(number_of(s, named->dentry),
		number_of(s, named->mount), lsm_slot()));
	u32 place_flags = 0, end;
	struct judging j = {};
	u64 bits = bits_at(s, path, &place_flags);

	f->path_length = path.n;
	end = put_path(s, sizeof *f, path);
	if (named->old_dentry) {
		path = span_of(path_walk(number_of(s, named->old_dentry),
			number_of(s, named->old_mount), lsm_slot()));
		bits |= bits_at(s, path, &place_flags);
		f->old_path_length = path.n;
		end = put_path(s, end, path);
	}
	if (asked_about(act, task, place_flags))
		actor_judge(&j, act, bits, task);
	if (is_intruding(act, place_flags, task, &j)) {
		j.clause = 0;
		f->head.flags |= WIRE_FLAG_own;
	} else if (!j.clause) {
		return 0;
	}
	refusal_send(s, f, kind, &j, rung, named->inode, end);
	return -EPERM_;
}

/* Scratch that is taken lets the act through, and says that something is missing. */
static __always_inline int file_refuse(u32 act, u16 kind, const struct named *named, u32 rung)
{
	struct scratch *s;
	int answer;

	if (!(armed && acts_wanted & act) && !protect)
		return 0;
	s = scratch_take(lsm_slot());
	if (!s) {
		attempt(WIRE_RING_file);
		lost(WIRE_RING_file);
		return 0;
	}
	answer = file_judge(s, act, kind, named, rung);
	scratch_give(s);
	return answer;
}

#define NAMED(d, m) (&(struct named){.dentry = (u64)(d), .mount = (u64)(m)})

static __always_inline int open_refuse(struct file *file, u32 rung)
{
	u32 mode = BPF_CORE_READ(file, f_mode), act = mode & FMODE_WRITE ? ACT_write : ACT_open;
	struct named named = {.dentry = (u64)BPF_CORE_READ(file, f_path.dentry),
		.mount = (u64)BPF_CORE_READ(file, f_path.mnt),
		.inode = (u64)BPF_CORE_READ(file, f_inode)};

	if (!(armed && acts_wanted & act) && !(protect && act == ACT_write))
		return 0;
	if (!is_regular(file))
		return 0;
	return file_refuse(act, act == ACT_open ? WIRE_file_open : WIRE_file_write, &named, rung);
}

REFUSAL(open, file_open, (struct file *file), open_refuse(file, rung))
REFUSAL(truncate, path_truncate, (struct path *path),
	file_refuse(ACT_write, WIRE_file_truncate, NAMED(path->dentry, path->mnt), rung))
REFUSAL(mknod, path_mknod, (struct path *dir, struct dentry *dentry, u32 mode, u32 device),
	file_refuse(ACT_create, WIRE_file_create, NAMED(dentry, dir->mnt), rung))
REFUSAL(mkdir, path_mkdir, (struct path *dir, struct dentry *dentry, u32 mode),
	file_refuse(ACT_create, WIRE_file_create, NAMED(dentry, dir->mnt), rung))
REFUSAL(symlink, path_symlink, (struct path *dir, struct dentry *dentry, const char *to),
	file_refuse(ACT_create, WIRE_file_create, NAMED(dentry, dir->mnt), rung))
REFUSAL(link, path_link, (struct dentry *old, struct path *dir, struct dentry *dentry),
	file_refuse(ACT_create, WIRE_file_create, NAMED(dentry, dir->mnt), rung))
REFUSAL(unlink, path_unlink, (struct path *dir, struct dentry *dentry),
	file_refuse(ACT_delete, WIRE_file_delete, NAMED(dentry, dir->mnt), rung))
REFUSAL(rmdir, path_rmdir, (struct path *dir, struct dentry *dentry),
	file_refuse(ACT_delete, WIRE_file_delete, NAMED(dentry, dir->mnt), rung))

#define RENAMED                                                                                   \
	(&(struct named){(u64)dentry, (u64)dir->mnt, (u64)old, (u64)old_dir->mnt})
REFUSAL(rename, path_rename,
	(struct path *old_dir, struct dentry *old, struct path *dir, struct dentry *dentry,
		u32 flags),
	file_refuse(ACT_rename, WIRE_file_rename, RENAMED, rung))

enum { READING_MODULE_ = 2, LOADING_MODULE_ = 2 };

static __always_inline int module_refuse(struct file *file, int what, u32 rung)
{
	struct named named = {};

	if (what != READING_MODULE_ || !file)
		return 0;
	named.dentry = (u64)BPF_CORE_READ(file, f_path.dentry);
	named.mount = (u64)BPF_CORE_READ(file, f_path.mnt);
	named.inode = (u64)BPF_CORE_READ(file, f_inode);
	return file_refuse(ACT_module, WIRE_module, &named, rung);
}

REFUSAL(module, kernel_read_file, (struct file *file, int what, int contents),
	module_refuse(file, what, rung))

/* An act on no file: on a process, or BPF. `object`: bits of what is acted upon. */
static __always_inline int act_refuse(u32 act, u16 kind, u32 call, u64 object,
	struct task_struct *target, u32 operation, u32 rung)
{
	struct wire_task *task = task_known(bpf_get_current_task_btf()->group_leader);
	struct judging j = {};
	struct wire_act *record;

	if (!(armed && acts_wanted & act) || !asked_about(act, task, 0))
		return 0;
	actor_judge(&j, act, object, task);
	if (!j.clause)
		return 0;
	refused_note(task);
	record = act_begin(kind, call);
	if (record) {
		record->verdict.clause = j.clause;
		record->verdict.rule = j.rule;
		record->verdict.rung = rung;
		record->operation = operation;
		record->result = -EPERM_;
		if (target)
			process_of(target, task_known(target), &record->target);
		act_send(record);
	}
	return -EPERM_;
}

static __always_inline int memory_module_refuse(int what, u32 rung)
{
	struct wire_task *task = task_known(bpf_get_current_task_btf()->group_leader);
	struct judging j = {};
	struct scratch *s;

	if (what != LOADING_MODULE_ || !(armed && acts_wanted & ACT_module) ||
		!asked_about(ACT_module, task, 0))
		return 0;
	actor_judge(&j, ACT_module, 0, task);
	if (!j.clause)
		return 0;
	s = scratch_take(lsm_slot());
	if (!s)
		return -EPERM_;
	refusal_send(s, file_begin(s, WIRE_module), WIRE_module, &j, rung, 0,
		sizeof(struct wire_file));
	scratch_give(s);
	return -EPERM_;
}

REFUSAL(memory_module, kernel_load_data, (int what, int contents),
	memory_module_refuse(what, rung))

/* Something of saker's own was about to be touched. */
static __always_inline int own_refuse(u16 kind, u32 call, struct task_struct *target,
	u32 operation, u32 rung)
{
	struct wire_act *record = act_begin(kind, call);

	if (record) {
		record->verdict.rung = rung;
		record->operation = operation;
		record->result = -EPERM_;
		record->head.flags |= WIRE_FLAG_own;
		if (target)
			process_of(target, task_known(target), &record->target);
		act_send(record);
	}
	return -EPERM_;
}

static __always_inline int is_own_task(struct task_struct *task)
{
	struct wire_task *known = bpf_task_storage_get(&tasks, task->group_leader, 0, 0);

	return (known && known->own) || task->tgid == own_tgid;
}

enum { MODE_ATTACH = 2, SIGNAL_KILL = 9 };

static __always_inline int attach_refuse(struct task_struct *child, u32 mode, u32 rung)
{
	struct wire_task *known;

	if (!(mode & MODE_ATTACH))
		return 0;
	if (protect && is_own_task(child) && !is_own())
		return own_refuse(WIRE_memory_access, WIRE_CALL_ptrace, child->group_leader, 0,
			rung);
	known = bpf_task_storage_get(&tasks, child->group_leader, 0, 0);
	return act_refuse(ACT_attach, WIRE_memory_access, WIRE_CALL_ptrace,
		known ? known->image : 0, child->group_leader, 0, rung);
}

REFUSAL(attach, ptrace_access_check, (struct task_struct *child, unsigned int mode),
	attach_refuse(child, mode, rung))

/*
 * What ends or stops saker at once. To be asked to end (SIGTERM, SIGINT, SIGHUP) is left to its
 * administrator: it says who asked, and that nothing is watched any more. The first process of all
 * may do anything.
 */
static __always_inline int kill_refuse(struct task_struct *to, int signal, u32 rung)
{
	if (!protect || !(signal == SIGNAL_KILL || (is_grave(signal) && signal != 15)))
		return 0;
	if (!is_own_task(to) || is_own() || bpf_get_current_pid_tgid() >> 32 == 1)
		return 0;
	return own_refuse(WIRE_signal, WIRE_CALL_kill, to->group_leader, signal, rung);
}

REFUSAL(kill, task_kill, (struct task_struct *to, void *info, int signal, const struct cred *cred),
	kill_refuse(to, signal, rung))

/*
 * The attributes are the kernel's copy by now. A map or link may be found by its id, or be had
 * already.
 */
static __always_inline int bpf_touches_own(int command, u64 attr)
{
	u64 key = 0;
	u32 first = 0;

	bpf_probe_read_kernel(&first, sizeof first, (void *)attr);
	switch (command) {
	case MAP_UPDATE:
	case MAP_DELETE:
	case MAP_FREEZE: return is_own_object(first, OWN_map);
	case LINK_UPDATE:
	case LINK_DETACH: return is_own_object(first, OWN_link);
	case MAP_GET_FD: key = (u64)OWN_map << 32 | first; break;
	case LINK_GET_FD: key = (u64)OWN_link << 32 | first; break;
	default: return 0;
	}
	return bpf_map_lookup_elem(&own_objects, &key) != NULL;
}

static __always_inline int bpf_refuse(int command, void *attr, u32 rung)
{
	if (protect && !is_own() && bpf_touches_own(command, (u64)attr))
		return own_refuse(WIRE_bpf, WIRE_CALL_bpf, NULL, command, rung);
	if (command != PROG_LOAD)
		return 0;
	return act_refuse(ACT_bpf, WIRE_bpf, WIRE_CALL_bpf, 0, NULL, command, rung);
}

/* Newer kernels have an argument more, so that what it answers so far is not to be had. */
SEC("lsm/bpf")
int BPF_PROG(lsm_bpf, int command, void *attr)
{
	return bpf_refuse(command, attr, WIRE_RUNG_lsm);
}

SEC("fmod_ret/security_bpf")
int BPF_PROG(modify_bpf, int command, void *attr)
{
	return bpf_refuse(command, attr, WIRE_RUNG_modify);
}
