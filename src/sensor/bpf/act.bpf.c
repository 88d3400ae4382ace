// SPDX-License-Identifier: GPL-2.0-or-later
// What a process asks of the kernel beside files and network: rights, the memory of others, memory
// that is executed, BPF, settings, the clock, namespaces, mounts, control groups. From the ends of
// system calls and from tracepoints that cost nothing elsewhere.

#include "sensor/bpf/act.h"
#include "sensor/bpf/path.h"

/* Rights are compared with what was last seen, so that it does not matter which call, or which
 * fault of the kernel, changed them. */
static __always_inline void rights_note(struct wire_task *task, const struct cred *cred)
{
	task->uid = BPF_CORE_READ(cred, uid.val);
	task->euid = BPF_CORE_READ(cred, euid.val);
	task->suid = BPF_CORE_READ(cred, suid.val);
	task->gid = BPF_CORE_READ(cred, gid.val);
	task->egid = BPF_CORE_READ(cred, egid.val);
	bpf_core_read(&task->effective, sizeof task->effective, &cred->cap_effective);
	task->rights_known = 1;
}

static __always_inline void rights_tell(u16 kind, u32 call, u64 old, u64 new)
{
	struct wire_act *act = act_begin(kind, call);

	if (!act)
		return;
	act->old = old;
	act->new_ = new;
	act_send(act);
}

/* Verified once, see path_walk. `call`: enum wire_call. */
__noinline int rights_compare(u32 call)
{
	struct task_struct *current = bpf_get_current_task_btf();
	struct wire_task *task = task_or_new(current->group_leader), before;

	if (!task)
		return 0;
	before = *task;
	rights_note(task, current->cred);
	if (!before.rights_known)
		return 0;
	if (before.uid != task->uid || before.euid != task->euid || before.suid != task->suid)
		rights_tell(WIRE_user, call, before.euid, task->euid);
	else if (task->effective & ~before.effective)
		rights_tell(WIRE_capabilities, call, before.effective, task->effective);
	if (before.gid != task->gid || before.egid != task->egid)
		rights_tell(WIRE_group, call, before.egid, task->egid);
	return 0;
}

#define ON_RIGHTS(name, call)                                                                     \
	SEC("tracepoint/syscalls/sys_exit_" #name)                                                \
	int exit_##name(struct syscall_exit *c)                                                   \
	{                                                                                         \
		return c->result < 0 ? 0 : rights_compare(WIRE_CALL_##call);                      \
	}

ON_RIGHTS(setuid, set_ids)
ON_RIGHTS(setreuid, set_ids)
ON_RIGHTS(setresuid, set_ids)
ON_RIGHTS(setgid, set_ids)
ON_RIGHTS(setregid, set_ids)
ON_RIGHTS(setresgid, set_ids)
ON_RIGHTS(capset, capset)

SEC("tracepoint/syscalls/sys_exit_setsid")
int exit_setsid(struct syscall_exit *c)
{
	struct wire_act *act = c->result > 0 ? act_begin(WIRE_session, WIRE_CALL_setsid) : NULL;

	if (act)
		act_send(act);
	return 0;
}

enum { ENOENT_ = 2 };

/* A shell tries the folders of its PATH one after the other: what is not there is no news. */
static __always_inline int exec_failed(s64 result, u64 path)
{
	struct wire_act *act;

	if (result >= 0 || result == -ENOENT_)
		return 0;
	act = act_begin(WIRE_exec_failed, WIRE_CALL_execve);
	if (!act)
		return 0;
	act->result = result;
	act_string(act, object, path);
	act_send(act);
	return 0;
}

SEC("tracepoint/syscalls/sys_exit_execve")
int exit_execve(struct syscall_exit *c)
{
	REGISTERS;

	return exec_failed(c->result, REG(di));
}

SEC("tracepoint/syscalls/sys_exit_execveat")
int exit_execveat(struct syscall_exit *c)
{
	REGISTERS;

	return exec_failed(c->result, REG(si));
}

/* Capabilities whose use says something: DAC_READ_SEARCH, NET_RAW, SYS_MODULE, SYS_RAWIO,
 * SYS_PTRACE, SYS_BOOT, SYS_TIME, MKNOD, SETFCAP, MAC_OVERRIDE, MAC_ADMIN, SYSLOG, BPF. */
static const u64 telling_capabilities = 1ULL << 2 | 1ULL << 13 | 1ULL << 16 | 1ULL << 17 |
	1ULL << 19 | 1ULL << 22 | 1ULL << 25 | 1ULL << 27 | 1ULL << 31 | 1ULL << 32 | 1ULL << 33 |
	1ULL << 34 | 1ULL << 39;

/* Told once for each program and capability. */
static __always_inline int capability_used(int capability, int result)
{
	struct wire_task *task;
	struct wire_act *act;
	u64 bit = 1ULL << (capability & 63);

	if (result || !(telling_capabilities & bit))
		return 0;
	task = task_known(bpf_get_current_task_btf()->group_leader);
	if (!task || task->used & bit || task->own)
		return 0;
	task->used |= bit;
	act = act_begin(WIRE_capability_use, WIRE_CALL_capable);
	if (!act)
		return 0;
	act->operation = capability;
	act_send(act);
	return 0;
}

SEC("tp_btf/cap_capable")
int BPF_PROG(on_capable, const struct cred *cred, struct user_namespace *ns,
	struct user_namespace *capable_ns, int capability, int result)
{
	return capability_used(capability, result);
}

SEC("fexit/cap_capable")
int BPF_PROG(after_capable, const struct cred *cred, struct user_namespace *ns, int capability,
	unsigned int options, int result)
{
	return capability_used(capability, result);
}

/* What can stop or end a process of saker's, or the first one of all. */
static __always_inline int is_grave(int signal)
{
	return signal == 9 || signal == 19 || signal == 15 || signal == 11 || signal == 6 ||
	       signal == 3 || signal == 20;
}

SEC("tp_btf/signal_generate")
int BPF_PROG(on_signal, int signal, void *info, struct task_struct *to, int group,
	int result)
{
	struct task_struct *leader = to->group_leader;
	struct wire_task *task;
	struct wire_act *act;

	if (!is_grave(signal) || (u64)info == 1) /* SEND_SIG_PRIV: the kernel's own */
		return 0;
	task = bpf_task_storage_get(&tasks, leader, 0, 0);
	if (leader->tgid != 1 && !(task && task->own) && leader->tgid != own_tgid)
		return 0;
	if (is_own())
		return 0;
	act = act_begin(WIRE_signal, WIRE_CALL_kill);
	if (!act)
		return 0;
	act->operation = signal;
	if (leader->tgid != 1)
		act->head.flags |= WIRE_FLAG_own;
	process_of(leader, task, &act->target);
	act_send(act);
	return 0;
}

/* The caller's own name for a process; user space knows whom it means. */
static __always_inline int other_memory(u16 kind, u32 call, u32 pid, u32 operation, u64 length)
{
	struct wire_act *act;
	u32 *mark;

	if (pid == bpf_get_current_pid_tgid() >> 32 || is_own())
		return 0;
	act = act_begin(kind, call);
	if (!act)
		return 0;
	mark = bpf_map_lookup_elem(&marks, &pid);
	if ((mark && *mark & MARK_own) || pid == own_tgid)
		act->head.flags |= WIRE_FLAG_own;
	act->target.pid = pid;
	act->target.generation = WIRE_GENERATION_unknown;
	act->operation = operation;
	act->length = length;
	act_send(act);
	return 0;
}

/* A debugger's first of each kind; the thousands that follow say nothing new. */
struct traced {
	u32 tracer, target, request, pad;
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct traced);
	__type(value, u32);
} traces SEC(".maps");

enum {
	TRACEME = 0,
	POKETEXT = 4,
	POKEUSR = 6,
	SETREGS = 13,
	ATTACH = 16,
	SETREGSET = 0x4205,
	SEIZE = 0x4206
};

SEC("tracepoint/syscalls/sys_exit_ptrace")
int exit_ptrace(struct syscall_exit *c)
{
	struct traced key = {};
	u32 one = 1;
	REGISTERS;

	key.request = REG(di);
	if (c->result < 0 || !((key.request >= POKETEXT && key.request <= POKEUSR) ||
		key.request == SETREGS || key.request == ATTACH || key.request == SETREGSET ||
		key.request == SEIZE))
		return 0;
	key.tracer = bpf_get_current_pid_tgid() >> 32;
	key.target = REG(si);
	if (bpf_map_lookup_elem(&traces, &key))
		return 0;
	bpf_map_update_elem(&traces, &key, &one, BPF_ANY);
	return other_memory(key.request == ATTACH || key.request == SEIZE ? WIRE_memory_access
									   : WIRE_memory_write,
		WIRE_CALL_ptrace, key.target, key.request, 0);
}

SEC("tracepoint/syscalls/sys_exit_process_vm_writev")
int exit_process_vm_writev(struct syscall_exit *c)
{
	REGISTERS;

	return c->result <= 0 ? 0 : other_memory(WIRE_memory_write, WIRE_CALL_process_vm_writev,
		REG(di), 0, c->result);
}

SEC("tracepoint/syscalls/sys_exit_process_vm_readv")
int exit_process_vm_readv(struct syscall_exit *c)
{
	REGISTERS;

	return c->result <= 0 ? 0 : other_memory(WIRE_memory_access,
		WIRE_CALL_process_vm_readv, REG(di), 0, c->result);
}

SEC("tracepoint/syscalls/sys_exit_pidfd_getfd")
int exit_pidfd_getfd(struct syscall_exit *c)
{
	struct wire_act *act = c->result < 0 ? NULL
		: act_begin(WIRE_memory_access, WIRE_CALL_pidfd_getfd);

	if (act)
		act_send(act);
	return 0;
}

enum {
	PROT_WRITE_ = 2,
	PROT_EXEC_ = 4,
	MAP_ANONYMOUS_ = 0x20,
	EXECUTABLES_MAX = 4, /* of one program: a just-in-time compiler makes thousands */
};

static __always_inline int executable_tell(u32 call, u32 protection, u64 length)
{
	struct wire_task *task = task_known(bpf_get_current_task_btf()->group_leader);
	struct wire_act *act;

	if (!task || task->own || task->executables >= EXECUTABLES_MAX)
		return 0;
	task->executables++;
	act = act_begin(WIRE_memory_execute, call);
	if (!act)
		return 0;
	act->operation = protection;
	act->length = length;
	act_send(act);
	return 0;
}

static long has_no_file(struct task_struct *task, struct vm_area_struct *area, void *context)
{
	if (area)
		*(u32 *)context = !BPF_CORE_READ(area, vm_file);
	return 0;
}

/* Memory without a file behind it was written at some time, or there would be nothing to run. */
static __always_inline int protected(u64 at, u64 length, u64 protection)
{
	u32 anonymous = 0;

	if (!(protection & PROT_EXEC_))
		return 0;
	if (!(protection & PROT_WRITE_)) {
		bpf_find_vma(bpf_get_current_task_btf(), at, has_no_file, &anonymous, 0);
		if (!anonymous)
			return 0;
	}
	return executable_tell(WIRE_CALL_mprotect, protection, length);
}

SEC("tracepoint/syscalls/sys_exit_mprotect")
int exit_mprotect(struct syscall_exit *c)
{
	REGISTERS;

	return c->result ? 0 : protected(REG(di), REG(si), REG(dx));
}

SEC("tracepoint/syscalls/sys_exit_pkey_mprotect")
int exit_pkey_mprotect(struct syscall_exit *c)
{
	REGISTERS;

	return c->result ? 0 : protected(REG(di), REG(si), REG(dx));
}

SEC("tracepoint/syscalls/sys_exit_memfd_create")
int exit_memfd_create(struct syscall_exit *c)
{
	struct wire_act *act;
	REGISTERS;

	if (c->result < 0 || is_own())
		return 0;
	act = act_begin(WIRE_memory_file, WIRE_CALL_memfd_create);
	if (!act)
		return 0;
	act_string(act, object, REG(di));
	act->flags = REG(si);
	act_send(act);
	return 0;
}

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u64);
	__type(value, u32);
} own_objects SEC(".maps");

/*
 * Whether that descriptor of the caller's is one of ours: what a descriptor of BPF points at
 * begins differently for each type, and its inode does not tell which.
 */
static __always_inline int is_own_object(u32 fd, enum wire_own type)
{
	struct file *file = file_of(fd);
	void *object = file ? BPF_CORE_READ(file, private_data) : NULL;
	u64 key = (u64)type << 32;

	if (!object)
		return 0;
	if (type == OWN_map)
		key |= BPF_CORE_READ((struct bpf_map *)object, id);
	else
		key |= BPF_CORE_READ((struct bpf_link *)object, id);
	return bpf_map_lookup_elem(&own_objects, &key) != NULL;
}

enum {
	MAP_UPDATE = 2,
	MAP_DELETE = 3,
	PROG_LOAD = 5,
	OBJ_PIN = 6,
	PROG_ATTACH = 8,
	PROG_DETACH = 9,
	MAP_GET_FD = 14,
	RAW_TRACEPOINT = 17,
	MAP_FREEZE = 22,
	LINK_CREATE = 28,
	LINK_UPDATE = 29,
	LINK_GET_FD = 30,
	LINK_DETACH = 34,
	ATTR_NAME = 48, /* of a program, in union bpf_attr */
};

static __always_inline int touches_own(u32 command, u64 attr, s64 result)
{
	u32 fd = 0;

	bpf_probe_read_user(&fd, sizeof fd, (void *)attr);
	switch (command) {
	case MAP_UPDATE:
	case MAP_DELETE:
	case MAP_FREEZE: return is_own_object(fd, OWN_map);
	case LINK_UPDATE:
	case LINK_DETACH: return is_own_object(fd, OWN_link);
	case MAP_GET_FD: return result >= 0 && is_own_object(result, OWN_map);
	case LINK_GET_FD: return result >= 0 && is_own_object(result, OWN_link);
	}
	return 0;
}

static __always_inline int is_news(u32 command)
{
	return command == PROG_LOAD || command == OBJ_PIN || command == PROG_ATTACH ||
	       command == PROG_DETACH || command == RAW_TRACEPOINT || command == LINK_CREATE;
}

SEC("tracepoint/syscalls/sys_exit_bpf")
int exit_bpf(struct syscall_exit *c)
{
	struct wire_act *act;
	u32 command, type = 0;
	int own;
	REGISTERS;

	command = REG(di);
	if (is_own() || was_told_refused(c->result))
		return 0;
	own = touches_own(command, REG(si), c->result);
	if (!own && !is_news(command))
		return 0;
	act = act_begin(WIRE_bpf, WIRE_CALL_bpf);
	if (!act)
		return 0;
	act->operation = command;
	act->result = c->result < 0 ? c->result : 0;
	if (own)
		act->head.flags |= WIRE_FLAG_own;
	if (command == PROG_LOAD) {
		bpf_probe_read_user(&type, sizeof type, (void *)REG(si));
		bpf_probe_read_user_str(act->object, 16, (void *)(REG(si) + ATTR_NAME));
		act->flags = type;
	}
	act_send(act);
	return 0;
}

enum { PERF_TRACEPOINT = 2, PERF_DYNAMIC = 6 };

/* Counters of the processor are no news; tracepoints and probes of kernel and programs are. */
SEC("tracepoint/syscalls/sys_exit_perf_event_open")
int exit_perf_event_open(struct syscall_exit *c)
{
	struct wire_act *act;
	u64 name = 0;
	u32 type = 0;
	REGISTERS;

	bpf_probe_read_user(&type, sizeof type, (void *)REG(di));
	if (c->result < 0 || (type != PERF_TRACEPOINT && type < PERF_DYNAMIC) || is_own())
		return 0;
	act = act_begin(WIRE_trace, WIRE_CALL_perf_event_open);
	if (!act)
		return 0;
	act->operation = type;
	if (type >= PERF_DYNAMIC) { /* config1: the symbol or the file */
		bpf_probe_read_user(&name, sizeof name, (void *)(REG(di) + 56));
		act_string(act, object, name);
	}
	act_send(act);
	return 0;
}

/* An act that says no more than that it was asked for, and what came of it. */
static __always_inline int asked(u16 kind, u32 call, u32 operation, u64 flags, s64 result)
{
	struct wire_act *act = act_begin(kind, call);

	if (!act)
		return 0;
	act->operation = operation;
	act->flags = flags;
	act->result = result < 0 ? result : 0;
	act_send(act);
	return 0;
}

#define ON_ASKED(name, kind, operation, flags)                                                    \
	SEC("tracepoint/syscalls/sys_exit_" #name)                                                \
	int exit_##name(struct syscall_exit *c)                                                   \
	{                                                                                         \
		REGISTERS;                                                                        \
		(void)regs;                                                                       \
		return asked(WIRE_##kind, WIRE_CALL_##name, operation, flags, c->result);         \
	}

ON_ASKED(kexec_load, kexec, 0, REG(r10))
ON_ASKED(kexec_file_load, kexec, 0, REG(r8))
ON_ASKED(clock_settime, clock, REG(di), 0)
ON_ASKED(settimeofday, clock, 0, 0)

enum { ADJ_SETOFFSET_ = 0x100, CLOCK_ADJTIME = 305 };

/* A step; what a time service does all day is to change the speed. */
static __always_inline int clock_adjusted(u64 timex, s64 result)
{
	u32 modes = 0;

	bpf_probe_read_user(&modes, sizeof modes, (void *)timex);
	if (!(modes & ADJ_SETOFFSET_))
		return 0;
	return asked(WIRE_clock, WIRE_CALL_clock_adjtime, 0, modes, result);
}

SEC("tracepoint/syscalls/sys_exit_clock_adjtime")
int exit_clock_adjtime(struct syscall_exit *c)
{
	REGISTERS;

	return clock_adjusted(REG(si), c->result);
}

SEC("tracepoint/syscalls/sys_exit_adjtimex")
int exit_adjtimex(struct syscall_exit *c)
{
	REGISTERS;

	return clock_adjusted(REG(di), c->result);
}

/* There may be no end of this call. */
SEC("tracepoint/syscalls/sys_enter_reboot")
int enter_reboot(struct syscall_enter *c)
{
	return asked(WIRE_reboot, WIRE_CALL_reboot, c->args[2], 0, 0);
}

SEC("tp_btf/io_uring_create")
int BPF_PROG(on_ring, int fd, void *ring, u32 submissions, u32 completions, u32 flags)
{
	return is_own() ? 0 : asked(WIRE_io_uring, WIRE_CALL_io_uring_setup, 0, flags, 0);
}

SEC("tracepoint/syscalls/sys_exit_unshare")
int exit_unshare(struct syscall_exit *c)
{
	enum { NAMESPACES = 0x7e020080 };
	REGISTERS;

	return REG(di) & NAMESPACES
		? asked(WIRE_namespace, WIRE_CALL_unshare, 0, REG(di) & NAMESPACES, c->result)
		: 0;
}

ON_ASKED(setns, namespace, 0, REG(si))

#define ON_MOUNT(name, call, source, point, flags_)                                               \
	SEC("tracepoint/syscalls/sys_exit_" #name)                                                \
	int exit_##name(struct syscall_exit *c)                                                   \
	{                                                                                         \
		struct wire_act *act;                                                             \
		REGISTERS;                                                                        \
		if (is_own())                                                                     \
			return 0;                                                                 \
		act = act_begin(WIRE_mount, WIRE_CALL_##call);                                    \
		if (!act)                                                                         \
			return 0;                                                                 \
		act->result = c->result < 0 ? c->result : 0;                                      \
		act->flags = flags_;                                                              \
		act_string(act, object, source);                                                  \
		act_string(act, into, point);                                                     \
		act_send(act);                                                                    \
		return 0;                                                                         \
	}

ON_MOUNT(mount, mount, REG(di), REG(si), REG(r10))
ON_MOUNT(umount, umount, 0, REG(di), REG(si))
ON_MOUNT(move_mount, move_mount, REG(si), REG(r10), REG(r8))
ON_MOUNT(pivot_root, pivot_root, REG(di), REG(si), 0)

static __always_inline void cgroup_tell(struct cgroup *cgroup, const char *path, u32 operation,
	struct task_struct *moved)
{
	struct wire_act *act = act_begin(WIRE_cgroup, WIRE_CALL_cgroup);

	if (!act)
		return;
	act->operation = operation;
	act->new_ = BPF_CORE_READ(cgroup, kn, id);
	if (bpf_probe_read_kernel_str(act->object, sizeof act->object, path) == WIRE_OBJECT_MAX)
		act->head.flags |= WIRE_FLAG_cut;
	if (moved)
		process_of(moved, bpf_task_storage_get(&tasks, moved, 0, 0), &act->target);
	act_send(act);
}

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(on_cgroup_made, struct cgroup *cgroup, const char *path)
{
	cgroup_tell(cgroup, path, CGROUP_made, NULL);
	return 0;
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(on_cgroup_removed, struct cgroup *cgroup, const char *path)
{
	cgroup_tell(cgroup, path, CGROUP_removed, NULL);
	return 0;
}

SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(on_cgroup_entered, struct cgroup *cgroup, const char *path, struct task_struct *task,
	int threads)
{
	cgroup_tell(cgroup, path, CGROUP_entered, task->group_leader);
	return 0;
}

SEC("cgroup/sysctl")
int on_setting(struct bpf_sysctl *c)
{
	struct wire_act *act;

	if (!c->write)
		return 1;
	act = act_reserve(WIRE_setting, WIRE_CALL_sysctl);
	if (!act)
		return 1;
	actor_marked(&act->head);
	bpf_sysctl_get_name(c, act->object, sizeof act->object, 0);
	bpf_sysctl_get_new_value(c, act->into, sizeof act->into);
	act_send(act);
	return 1;
}
