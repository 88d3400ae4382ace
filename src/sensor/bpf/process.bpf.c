// SPDX-License-Identifier: GPL-2.0-or-later
// The life of processes: fork, exec, exit, a new name; and the signal that ends a program before
// its first instruction.

#include "sensor/bpf/process.h"

/* The file facts that are known before the exec is done. */
static __always_inline u32 binprm_flags(struct linux_binprm *bprm)
{
	return BPF_CORE_READ_BITFIELD_PROBED(bprm, secureexec) ? FILE_setuid : 0;
}

static __always_inline int is_script(struct linux_binprm *bprm)
{
	return BPF_CORE_READ(bprm, interp) != BPF_CORE_READ(bprm, filename);
}

/* The head of a record that is written straight into the ring. */
static __always_inline void lifecycle_head(struct wire_head *head, u16 kind, u32 length,
	u64 number, u32 tid, const struct wire_task *task)
{
	head_set(head, kind, length, number);
	head->flags = in_scope(task) ? WIRE_FLAG_scope : 0;
	head->tid = tid;
}

#define lifecycle_send(record)                                                                    \
	bpf_ringbuf_submit(record, wake(&ring_lifecycle, WIRE_RING_lifecycle, sizeof *(record)))

/* A child begins as its parent is. */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child)
{
	struct task_struct *leader = parent->group_leader;
	struct wire_task *from = task_known(leader), *to;
	struct wire_fork *fork;
	u64 number;

	if (child->pid != child->tgid)
		return 0;
	to = task_or_new(child);
	if (from && from->rights_known)
		rights_compare(WIRE_CALL_none); /* changed by no call that we know of? */
	if (to && from) {
		*to = *from;
		to->generation = 0;
	}
	if (to)
		to->creator = parent->tgid;
	if (to && own_tgid && leader->tgid == own_tgid)
		to->own = 1;
	if (to && scope_kind == SCOPE_pid && leader->tgid == scope_pid)
		to->in_scope = 1;
	if (to)
		mark(child->tgid, to);
	number = attempt(WIRE_RING_lifecycle);
	fork = bpf_ringbuf_reserve(&ring_lifecycle, sizeof *fork, 0);
	if (!fork) {
		lost(WIRE_RING_lifecycle);
		return 0;
	}
	lifecycle_head(&fork->head, WIRE_fork, sizeof *fork, number, parent->pid, to);
	process_of(leader, from, &fork->head.process);
	process_of(child, NULL, &fork->child);
	fork->vpid = vpid_of(child);
	fork->clone_flags_known = 0;
	lifecycle_send(fork);
	return 0;
}

/*
 * A thread that runs a program takes the place of its leader, and the leader's storage goes: what
 * it carries is copied to the thread before. From 6.12 on the kernel says when an exec can no
 * longer fail; before, every call is taken for one.
 */
static __always_inline int thread_prepare(struct task_struct *thread)
{
	struct wire_task *from, *to;

	if (thread->pid == thread->tgid)
		return 0;
	from = task_known(thread->group_leader);
	to = from ? task_or_new(thread) : NULL;
	if (to)
		*to = *from;
	return 0;
}

SEC("tp_btf/sched_prepare_exec")
int BPF_PROG(on_prepare, struct task_struct *p)
{
	return thread_prepare(p);
}

SEC("tracepoint/syscalls/sys_enter_execve")
int enter_execve(struct syscall_enter *c)
{
	return thread_prepare(bpf_get_current_task_btf());
}

SEC("tracepoint/syscalls/sys_enter_execveat")
int enter_execveat(struct syscall_enter *c)
{
	return thread_prepare(bpf_get_current_task_btf());
}

/* The parent's own bits; those above it are the task's ancestors already. */
static __always_inline u64 parent_bits(struct task_struct *leader, struct wire_process *parent)
{
	struct task_struct *up = leader->real_parent;
	struct wire_task *task;

	if (!up)
		return 0;
	up = up->group_leader;
	if (!up)
		return 0;
	task = bpf_task_storage_get(&tasks, up, 0, 0);
	process_of(up, task, parent);
	return task ? task->image : 0;
}

static __always_inline u32 put_args(struct scratch *s, struct wire_exec *e, struct mm_struct *mm,
	u32 end)
{
	u64 start = BPF_CORE_READ(mm, arg_start), n = BPF_CORE_READ(mm, arg_end) - start;
	u32 kept;

	e->args_length = n;
	if (n <= WIRE_ARGS_MAX) {
		e->args_kept = put_user(s, end, start, n, WIRE_ARGS_MAX);
		return end + e->args_kept;
	}
	e->head.flags |= WIRE_FLAG_cut;
	kept = put_user(s, end, start, WIRE_ARGS_TAIL, WIRE_ARGS_TAIL);
	end += kept;
	if (kept)
		kept += put_user(s, end, start + n - WIRE_ARGS_TAIL, WIRE_ARGS_TAIL,
			WIRE_ARGS_TAIL);
	e->args_kept = kept;
	return end + (kept > WIRE_ARGS_TAIL ? WIRE_ARGS_TAIL : 0);
}

static __always_inline u32 put_env(struct scratch *s, struct wire_exec *e, struct mm_struct *mm,
	u32 end)
{
	u64 start = BPF_CORE_READ(mm, env_start), n = BPF_CORE_READ(mm, env_end) - start;

	e->env_length = n;
	if (n > WIRE_ENV_MAX)
		n = WIRE_ENV_MAX; /* a longer one is said by env_length, and is no reason to
				     distrust the rest */
	e->env_kept = put_user(s, end, start, n, WIRE_ENV_MAX);
	return end + e->env_kept;
}

/* The program's path goes first behind the fixed part; its bits and its place are found on the
 * way. */
static __always_inline u32 put_program(struct scratch *s, struct wire_exec *e, struct file *file,
	u64 *bits, u32 *place_flags, u32 slot)
{
	struct span path = path_of_file(file, slot);

	if (path.cut)
		e->head.flags |= WIRE_FLAG_cut;
	*bits = image_bits(path.from, path.n, slot);
	*place_flags = 0;
	if (prefix_wanted) {
		struct wire_place *found = place_of(s, path);

		if (found) {
			*bits |= found->image_bits;
			*place_flags = found->flags;
		}
	}
	e->path_length = path.n;
	return put_path(s, sizeof *e, path);
}

static __always_inline void judging_fill(struct judging *j, u64 bits, u64 parent,
	const struct wire_task *task, const struct wire_exec *e)
{
	j->act = ACT_exec;
	j->object = 0;
	j->image = bits;
	j->parent = parent;
	j->ancestors = task ? task->ancestors | task->image : 0;
	j->file_flags = e->file_flags;
	j->uid = e->euid;
}

static __always_inline void stdio_fill(struct wire_exec *e, struct task_struct *task)
{
	e->stdio[0] = stdio_kind(task, 0);
	e->stdio[1] = stdio_kind(task, 1);
	e->stdio[2] = stdio_kind(task, 2);
	e->stdio_known = 1;
}

/*
 * The last rung before the first instruction: the program is mapped, and its process ends instead
 * of running it. It also stands behind the LSM rung, which is asked before set-uid is settled.
 */
static __always_inline void signal_rung(struct wire_exec *e, const struct wire_task *task,
	struct judging *j)
{
	if (!may_act(task))
		return;
	judge(j);
	if (!j->clause)
		return;
	e->verdict.clause = j->clause;
	e->verdict.rule = j->rule;
	e->verdict.rung = WIRE_RUNG_signal;
	e->verdict.error = bpf_send_signal(9);
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *p, int old_pid, struct linux_binprm *bprm)
{
	struct task_struct *leader = p->group_leader;
	struct wire_task *task = task_or_new(leader);
	struct scratch *s = scratch_get();
	struct judging j = {};
	struct wire_exec *e;
	u64 bits, above;
	u32 end, place_flags;

	if (!s)
		return 0;
	e = (struct wire_exec *)s->record;
	if (task)
		task->generation++;
	head_set(&e->head, WIRE_exec, 0, attempt(WIRE_RING_lifecycle));
	process_of(leader, task, &e->head.process);
	__builtin_memset(&e->parent, 0, sizeof e->parent);
	__builtin_memset(&e->verdict, 0, sizeof e->verdict);
	above = parent_bits(leader, &e->parent);
	e->file_flags = program_fill(e, BPF_CORE_READ(bprm, file)) | binprm_flags(bprm) |
			(is_script(bprm) ? FILE_script : 0);
	rights_fill(e, p->cred);
	task_fill(e, p);
	stdio_fill(e, p);
	e->argc = BPF_CORE_READ(bprm, argc);
	e->creator = task ? task->creator : 0;
	end = put_program(s, e, BPF_CORE_READ(bprm, file), &bits, &place_flags, here());
	end = put_string(s, end, BPF_CORE_READ(bprm, filename), &e->invoked_length);
	end = put_string(s, end, BPF_CORE_READ(bprm, interp), &e->interp_length);
	end = put_cwd(s, e, p, end, here());
	if (task && !task->in_scope && (place_flags & PLACE_scope || cwd_in_scope(s, p, here()))) {
		task->in_scope = 1;
		mark(leader->tgid, task);
	}
	end = put_cgroup(s, e, p, end, here());
	end = put_args(s, e, BPF_CORE_READ(p, mm), end);
	end = put_env(s, e, BPF_CORE_READ(p, mm), end);
	if (in_scope(task))
		e->head.flags |= WIRE_FLAG_scope;
	judging_fill(&j, bits, above, task, e);
	signal_rung(e, task, &j);
	if (task) {
		task->ancestors |= task->image | above;
		task->image = bits;
		task->executables = 0;
		task->used = 0;
		rights_note(task, p->cred);
	}
	asm volatile("%0 &= 0x3ffff" : "+r"(end));
	e->head.length = end;
	send_to(ring_lifecycle, WIRE_RING_lifecycle, e, end);
	return 0;
}

/* The end of the whole process, once: when its last thread goes. */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *p)
{
	struct task_struct *leader = p->group_leader;
	struct wire_process who;
	struct wire_task *task;
	struct wire_exit *exit;
	u64 number;
	int inside;

	if (p->flags & PF_KTHREAD || BPF_CORE_READ(p, signal, live.counter))
		return 0;
	task = task_known(leader);
	if (task && task->writes)
		files_end(0, -1u);
	process_of(leader, task, &who);
	inside = in_scope(task);
	unmark(leader->tgid, task);
	/* of threads that end at the same time only one finds the storage there to take away, and
	 * tells */
	if (task && bpf_task_storage_delete(&tasks, leader))
		return 0;
	number = attempt(WIRE_RING_lifecycle);
	exit = bpf_ringbuf_reserve(&ring_lifecycle, sizeof *exit, 0);
	if (!exit) {
		lost(WIRE_RING_lifecycle);
		return 0;
	}
	lifecycle_head(&exit->head, WIRE_exit, sizeof *exit, number, p->pid, NULL);
	exit->head.flags = inside ? WIRE_FLAG_scope : 0;
	exit->head.process = who;
	exit->code = BPF_CORE_READ(p, signal, group_exit_code);
	if (!exit->code)
		exit->code = p->exit_code;
	exit->pad = 0;
	lifecycle_send(exit);
	return 0;
}

SEC("tp_btf/task_rename")
int BPF_PROG(on_rename, struct task_struct *p, const char *name)
{
	struct task_struct *leader = p->group_leader;
	struct wire_rename *rename;
	struct wire_task *task;
	u64 number;

	/* an exec names its process too, and says so itself; a thread's name is its own */
	if (p->flags & PF_KTHREAD || p->pid != p->tgid ||
		BPF_CORE_READ_BITFIELD_PROBED(p, in_execve))
		return 0;
	task = task_known(leader);
	number = attempt(WIRE_RING_lifecycle);
	rename = bpf_ringbuf_reserve(&ring_lifecycle, sizeof *rename, 0);
	if (!rename) {
		lost(WIRE_RING_lifecycle);
		return 0;
	}
	lifecycle_head(&rename->head, WIRE_rename, sizeof *rename, number, p->pid, task);
	process_of(leader, task, &rename->head.process);
	bpf_probe_read_kernel_str(rename->old, sizeof rename->old, p->comm);
	bpf_probe_read_kernel_str(rename->new_, sizeof rename->new_, name);
	rename->head.uid = BPF_CORE_READ(p, cred, euid.val);
	rename->head.flags |= WIRE_FLAG_uid;
	lifecycle_send(rename);
	return 0;
}
