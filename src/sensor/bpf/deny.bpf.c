// SPDX-License-Identifier: GPL-2.0-or-later
// The refusals: exec by LSM before the program is mapped, connections by the cgroup hooks.

#include "sensor/bpf/process.h"

enum { ARGS_READ_MAX = 32, ARG_READ = 4096 };

struct args_reading {
	u64 argv; /* the caller's array of pointers */
	u32 end, n, cut, slot;
};

static long arg_step(u32 i, void *context)
{
	struct args_reading *r = context;
	struct scratch *s = scratch_at(r->slot);
	u64 at = 0;
	u32 end = r->end;
	long n;

	if (!s || bpf_probe_read_user(&at, sizeof at, (void *)(r->argv + 8 * i)) || !at)
		return 1;
	asm volatile("%0 &= 0x3ffff" : "+r"(end));
	n = bpf_probe_read_user_str(&s->record[end], ARG_READ, (void *)at);
	if (n <= 0)
		return 1;
	if (n == ARG_READ || i == ARGS_READ_MAX - 1)
		r->cut = 1;
	r->end = end + (n & 0x1fff);
	r->n++;
	return 0;
}

/*
 * The arguments as the caller's memory shows them now: another thread may still change them, which
 * does not matter for a program that is refused. The answer is the end of the record << 32 | count
 * << 1 | cut. Verified once, see path_walk.
 */
__noinline u64 args_read(u32 end, u32 slot)
{
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());
	struct args_reading r = { .end = end, .slot = slot };

	/* execve(path, argv, env) or execveat(dir, path, argv, env, flags) */
	r.argv = BPF_CORE_READ(regs, orig_ax) == 322 ? BPF_CORE_READ(regs, dx)
						     : BPF_CORE_READ(regs, si);
	bpf_loop(ARGS_READ_MAX, arg_step, &r, 0);
	return (u64)r.end << 32 | (u64)r.n << 1 | r.cut;
}

static __always_inline void denied_send(struct scratch *s, struct wire_exec *e,
	struct task_struct *p, struct linux_binprm *bprm, u32 end)
{
	u64 args;

	rights_fill(e, BPF_CORE_READ(bprm, cred));
	task_fill(e, p);
	e->stdio[0] = stdio_kind(p, 0);
	e->stdio[1] = stdio_kind(p, 1);
	e->stdio[2] = stdio_kind(p, 2);
	e->stdio_known = 1;
	e->creator = 0;
	end = put_string(s, end, BPF_CORE_READ(bprm, filename), &e->invoked_length);
	end = put_string(s, end, BPF_CORE_READ(bprm, interp), &e->interp_length);
	end = put_cwd(s, e, p, end, lsm_slot());
	end = put_cgroup(s, e, p, end, lsm_slot());
	args = args_read(end, lsm_slot());
	e->argc = args >> 1 & 63;
	e->args_kept = (args >> 32) - end;
	e->args_length = e->args_kept;
	if (args & 1)
		e->head.flags |= WIRE_FLAG_cut;
	e->env_kept = 0;
	e->env_length = 0;
	end = args >> 32;
	asm volatile("%0 &= 0x3ffff" : "+r"(end));
	e->head.length = end;
	e->head.attempt = attempt(WIRE_RING_lifecycle);
	send_to(ring_lifecycle, WIRE_RING_lifecycle, e, end);
}

/*
 * Puts the question for an exec that was not done yet. Returns the end of the record so far.
 * `inside`: the program or the folder that it is started in is in the scope; the caller, who may
 * go on without it, is not for that.
 */
static __always_inline u32 exec_ask(struct scratch *s, struct wire_exec *e, struct task_struct *p,
	struct linux_binprm *bprm, struct wire_task *task, struct judging *j, int *inside)
{
	struct task_struct *leader = p->group_leader;
	struct file *file = BPF_CORE_READ(bprm, file);
	u32 end, place_flags;
	u64 bits, above;

	e->head.kind = WIRE_denied;
	e->head.flags = WIRE_FLAG_scope;
	e->head.cpu = bpf_get_smp_processor_id();
	e->head.tid = p->pid;
	e->head.time = bpf_ktime_get_boot_ns();
	process_of(leader, task, &e->head.process);
	__builtin_memset(&e->parent, 0, sizeof e->parent);
	__builtin_memset(&e->verdict, 0, sizeof e->verdict);
	above = parent_bits(leader, &e->parent);
	e->file_flags = program_fill(e, file);
	end = put_program(s, e, file, &bits, &place_flags, lsm_slot());
	*inside = in_scope(task) || place_flags & PLACE_scope || cwd_in_scope(s, p, lsm_slot());
	e->euid = BPF_CORE_READ(bprm, cred, euid.val);
	judging_fill(j, bits, above, task, e);
	return end;
}

static __always_inline int refused(struct scratch *s, struct wire_exec *e, struct task_struct *p,
	struct linux_binprm *bprm, const struct judging *j, u32 end, u32 rung)
{
	if (!j->clause)
		return 0;
	e->verdict.clause = j->clause;
	e->verdict.rule = j->rule;
	e->verdict.rung = rung;
	denied_send(s, e, p, bprm, end);
	return -EPERM_;
}

/* The hook is asked about a script before it is asked about its interpreter, which alone becomes
 * the program. */
static __always_inline int is_script_itself(struct linux_binprm *bprm)
{
	char begin[2] = {};

	bpf_core_read(begin, sizeof begin, &bprm->buf);
	return begin[0] == '#' && begin[1] == '!';
}

/* The clauses with a hash, if it is known by now; else the question is kept for the program that
 * finds it. */
static __always_inline void judge_hashed(struct task_struct *p, struct linux_binprm *bprm,
	struct judging *j)
{
	u64 file = (u64)BPF_CORE_READ(bprm, file);
	struct asked *asked = bpf_task_storage_get(&asks, p, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (!asked)
		return;
	if (asked->file == file && asked->hashed) {
		__builtin_memcpy(j->sha256, asked->sha256, sizeof j->sha256);
		j->with_hash = 1;
		judge(j);
		asked->file = 0;
		return;
	}
	asked->image = j->image;
	asked->parent = j->parent;
	asked->ancestors = j->ancestors;
	asked->file_flags = j->file_flags;
	asked->uid = j->uid;
	asked->hashed = 0;
	asked->filled = 1;
	asked->file = file;
}

static __always_inline int exec_judge(struct scratch *s, struct task_struct *p,
	struct linux_binprm *bprm, struct wire_task *task, u32 rung)
{
	struct wire_exec *e = (struct wire_exec *)s->record;
	struct judging j = {};
	int inside;
	u32 end = exec_ask(s, e, p, bprm, task, &j, &inside);

	if (!may_act_inside(task, inside))
		return 0;
	judge(&j);
	if (!j.clause && hash_wanted)
		judge_hashed(p, bprm, &j);
	return refused(s, e, p, bprm, &j, end, rung);
}

static __always_inline int exec_refuse(struct linux_binprm *bprm, int before, u32 rung)
{
	struct task_struct *p = bpf_get_current_task_btf();
	struct wire_task *task = task_or_new(p->group_leader);
	struct scratch *s;
	int answer;

	if (before || !armed || lsm_off || (!proving && task && task->own) ||
		is_script_itself(bprm))
		return before;
	s = scratch_take(lsm_slot());
	if (!s)
		return 0; /* the signal stands behind */
	answer = exec_judge(s, p, bprm, task, rung);
	scratch_give(s);
	return answer;
}

SEC("lsm/bprm_check_security")
int BPF_PROG(lsm_exec, struct linux_binprm *bprm, int before)
{
	return exec_refuse(bprm, before, WIRE_RUNG_lsm);
}

/* Where the kernel was not told to ask BPF: the same hook, its answer changed by a trampoline. */
SEC("fmod_ret/security_bprm_check")
int BPF_PROG(modify_exec, struct linux_binprm *bprm, int before)
{
	return exec_refuse(bprm, before, WIRE_RUNG_modify);
}

/* The hash of the program, computed by the kernel (IMA). If it comes second it refuses itself, and
 * what it refused is a gap: the record is the other one's to write. */
SEC("lsm.s/bprm_check_security")
int BPF_PROG(lsm_exec_hash, struct linux_binprm *bprm, int before)
{
	struct task_struct *p = bpf_get_current_task_btf();
	struct judging j = {.with_hash = 1, .act = ACT_exec};
	struct asked *asked;
	u64 file;

	if (before || !hash_wanted || !armed || lsm_off)
		return before;
	asked = bpf_task_storage_get(&asks, p, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	file = (u64)BPF_CORE_READ(bprm, file);
	if (!asked)
		return 0;
	asked->hashed = 0;
	if (bpf_ima_file_hash(bprm->file, j.sha256, sizeof j.sha256) != 4) /* HASH_ALGO_SHA256 */
		return 0;
	if (asked->file != file || !asked->filled) {
		__builtin_memcpy(asked->sha256, j.sha256, sizeof j.sha256);
		asked->hashed = 1;
		asked->filled = 0;
		asked->file = file;
		return 0;
	}
	j.image = asked->image;
	j.parent = asked->parent;
	j.ancestors = asked->ancestors;
	j.file_flags = asked->file_flags;
	j.uid = asked->uid;
	asked->file = 0;
	judge(&j);
	if (!j.clause)
		return 0;
	attempt(WIRE_RING_lifecycle);
	lost(WIRE_RING_lifecycle);
	return -EPERM_;
}

static __always_inline int connect_refused(struct bpf_sock_addr *address,
	struct wire_address_key *key)
{
	u32 *rule = bpf_map_lookup_elem(&deny_address, key);
	struct wire_network *refused;
	struct task_struct *leader;
	u64 number;

	if (!rule || !may_refuse(bpf_get_current_pid_tgid() >> 32))
		return 1;
	number = attempt(WIRE_RING_network);
	refused = bpf_ringbuf_reserve(&ring_network, sizeof *refused, 0);
	if (!refused) {
		lost(WIRE_RING_network);
		return 0;
	}
	__builtin_memset(refused, 0, sizeof *refused);
	head_set(&refused->head, WIRE_refused, sizeof *refused, number);
	leader = bpf_get_current_task_btf()->group_leader;
	process_of(leader, NULL, &refused->head.process);
	refused->head.process.generation = WIRE_GENERATION_unknown;
	refused->head.flags = WIRE_FLAG_scope;
	refused->verdict.rule = *rule;
	refused->verdict.rung = WIRE_RUNG_connect;
	__builtin_memcpy(refused->destination, key->bytes, sizeof key->bytes);
	refused->destination_port = __builtin_bswap16(address->user_port);
	refused->family = key->family;
	refused->type = address->type;
	refused->protocol = address->protocol;
	refused->result = -EPERM_;
	bpf_ringbuf_submit(refused, wake(&ring_network, WIRE_RING_network, sizeof *refused));
	return 0;
}

static __always_inline int refuse4(struct bpf_sock_addr *address)
{
	struct wire_address_key key = {.bits = WIRE_ADDRESS_FAMILY + 32, .family = AF_INET_};
	u32 ip = address->user_ip4;

	__builtin_memcpy(key.bytes, &ip, sizeof ip);
	return connect_refused(address, &key);
}

static __always_inline int refuse6(struct bpf_sock_addr *address)
{
	struct wire_address_key key = {.bits = WIRE_ADDRESS_FAMILY + 128, .family = AF_INET6_};
	u32 ip[4] = {address->user_ip6[0], address->user_ip6[1], address->user_ip6[2],
		address->user_ip6[3]};

	if (!ip[0] && !ip[1] && ip[2] == __builtin_bswap32(0xffff)) { /* IPv4 in IPv6 */
		key.family = AF_INET_;
		key.bits = WIRE_ADDRESS_FAMILY + 32;
		__builtin_memcpy(key.bytes, &ip[3], 4);
	} else {
		__builtin_memcpy(key.bytes, ip, sizeof ip);
	}
	return connect_refused(address, &key);
}

SEC("cgroup/connect4")
int deny_connect4(struct bpf_sock_addr *address)
{
	return refuse4(address);
}

SEC("cgroup/connect6")
int deny_connect6(struct bpf_sock_addr *address)
{
	return refuse6(address);
}

/* Datagrams of sockets that are connected to nobody. */
SEC("cgroup/sendmsg4")
int deny_sendmsg4(struct bpf_sock_addr *address)
{
	return refuse4(address);
}

SEC("cgroup/sendmsg6")
int deny_sendmsg6(struct bpf_sock_addr *address)
{
	return refuse6(address);
}
