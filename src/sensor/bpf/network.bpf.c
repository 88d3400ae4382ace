// SPDX-License-Identifier: GPL-2.0-or-later
// TCP connections asked for and accepted, raw and packet sockets, and payloads with the shape of a
// known tool's messages.

#include "sensor/bpf/path.h"
#include "sensor/bpf/task.h"

static __always_inline void tuple_fill(struct wire_network *n, struct sock *sk)
{
	n->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	n->source_port = BPF_CORE_READ(sk, __sk_common.skc_num);
	n->destination_port = __builtin_bswap16(BPF_CORE_READ(sk, __sk_common.skc_dport));
	n->protocol = BPF_CORE_READ(sk, sk_protocol);
	n->type = BPF_CORE_READ(sk, sk_type);
	if (n->family == AF_INET_) {
		bpf_core_read(n->source, 4, &sk->__sk_common.skc_rcv_saddr);
		bpf_core_read(n->destination, 4, &sk->__sk_common.skc_daddr);
	} else if (n->family == AF_INET6_) {
		bpf_core_read(n->source, 16, &sk->__sk_common.skc_v6_rcv_saddr);
		bpf_core_read(n->destination, 16, &sk->__sk_common.skc_v6_daddr);
	}
}

static __always_inline struct wire_network *network_reserve(u16 kind)
{
	u64 number = attempt(WIRE_RING_network);
	struct wire_network *n = bpf_ringbuf_reserve(&ring_network, sizeof *n, 0);

	if (!n) {
		lost(WIRE_RING_network);
		return NULL;
	}
	__builtin_memset(n, 0, sizeof *n);
	n->head.kind = kind;
	n->head.length = sizeof *n;
	n->head.cpu = bpf_get_smp_processor_id();
	n->head.attempt = number;
	n->head.time = bpf_ktime_get_boot_ns();
	n->head.tid = (u32)bpf_get_current_pid_tgid();
	return n;
}

#define network_send(n) bpf_ringbuf_submit(n, wake(&ring_network, WIRE_RING_network, sizeof *n))

/* The one change of state that is made by the process itself: the later ones happen to whoever
 * runs. */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(on_connect, struct sock *sk, int before, int after)
{
	struct socket_owner *owner;
	struct wire_network *n;

	if (before == TCP_SYN_RECV_ && after == TCP_ESTABLISHED_)
		bpf_get_socket_cookie(sk); /* gives it one, for the call that will accept it */
	if (after != TCP_SYN_SENT_)
		return 0;
	n = network_reserve(WIRE_connect);
	if (!n)
		return 0;
	actor(&n->head);
	tuple_fill(n, sk);
	owner = bpf_sk_storage_get(&sockets, sk, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (owner) {
		owner->process = n->head.process;
		owner->flags = n->head.flags;
	}
	network_send(n);
	return 0;
}

static __always_inline struct sock *sock_of(u32 fd)
{
	struct file *file = file_of(fd);
	struct socket *socket;

	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT_) != S_IFSOCK_)
		return NULL;
	socket = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(socket, sk);
}

/* Seen from the accepting side the peer is the source. */
static __always_inline void swap_ends(struct wire_network *n)
{
	u8 bytes[16];
	u16 port = n->source_port;

	__builtin_memcpy(bytes, n->source, sizeof bytes);
	__builtin_memcpy(n->source, n->destination, sizeof bytes);
	__builtin_memcpy(n->destination, bytes, sizeof bytes);
	n->source_port = n->destination_port;
	n->destination_port = port;
}

static __always_inline int accepted(s64 fd)
{
	struct sock *sk = fd >= 0 ? sock_of(fd) : NULL;
	struct socket_owner owner = {};
	struct wire_network *n;
	u64 cookie;
	u16 family;

	if (!sk)
		return 0;
	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	if (family != AF_INET_ && family != AF_INET6_)
		return 0;
	n = network_reserve(WIRE_accept);
	if (!n)
		return 0;
	actor(&n->head);
	tuple_fill(n, sk);
	swap_ends(n);
	owner.process = n->head.process;
	owner.flags = n->head.flags;
	cookie = BPF_CORE_READ(sk, __sk_common.skc_cookie.counter);
	if (cookie)
		bpf_map_update_elem(&accepted_sockets, &cookie, &owner, BPF_ANY);
	network_send(n);
	return 0;
}

SEC("tracepoint/syscalls/sys_exit_accept")
int exit_accept(struct syscall_exit *c)
{
	return accepted(c->result);
}

SEC("tracepoint/syscalls/sys_exit_accept4")
int exit_accept4(struct syscall_exit *c)
{
	return accepted(c->result);
}

static __always_inline int is_raw(u32 family, u32 type)
{
	return family == AF_PACKET_ ||
	       (type == SOCK_RAW_ && (family == AF_INET_ || family == AF_INET6_));
}

static __always_inline struct pt_regs *registers(void)
{
	return (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());
}

SEC("tracepoint/syscalls/sys_exit_socket")
int exit_socket(struct syscall_exit *c)
{
	struct pt_regs *regs = registers();
	u32 family = BPF_CORE_READ(regs, di), type = BPF_CORE_READ(regs, si) & 0xf;
	struct wire_network *n;

	if (!is_raw(family, type))
		return 0;
	n = network_reserve(WIRE_raw);
	if (!n)
		return 0;
	actor(&n->head);
	n->family = family;
	n->type = type;
	n->protocol = BPF_CORE_READ(regs, dx);
	n->result = c->result < 0 ? c->result : 0;
	network_send(n);
	return 0;
}

/* What the caller asked to bind to: the kernel ignores a raw socket's port, but the argument tells
 * who asks. */
struct sockaddr_any {
	u16 family, port;
	u32 ip4;
	u8 ip6[16];
};

SEC("tracepoint/syscalls/sys_exit_bind")
int exit_bind(struct syscall_exit *c)
{
	struct pt_regs *regs = registers();
	struct sock *sk = sock_of(BPF_CORE_READ(regs, di));
	struct sockaddr_any address = {};
	struct wire_network *n;
	u32 family, type;

	if (!sk)
		return 0;
	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	type = BPF_CORE_READ(sk, sk_type);
	if (!is_raw(family, type))
		return 0;
	if (bpf_probe_read_user(&address, sizeof address, (void *)BPF_CORE_READ(regs, si)))
		bpf_probe_read_user(&address, 16, (void *)BPF_CORE_READ(regs, si));
	n = network_reserve(WIRE_raw);
	if (!n)
		return 0;
	actor(&n->head);
	n->family = family;
	n->type = type;
	n->protocol = BPF_CORE_READ(sk, sk_protocol);
	n->result = c->result;
	if (family == AF_INET_) {
		__builtin_memcpy(n->source, &address.ip4, 4);
		n->source_port = __builtin_bswap16(address.port);
	} else if (family == AF_INET6_) {
		__builtin_memcpy(n->source, address.ip6, 16);
		n->source_port = __builtin_bswap16(address.port);
	}
	network_send(n);
	return 0;
}

/* Payloads that leave this host. What the shapes mean is said in docs/sensor.md. */
enum { HANDSHAKE = 64, HEADER = 24 };

static __always_inline u32 rotate7(u32 word)
{
	return word >> 7 | word << 25;
}

static __always_inline u32 shape_of(struct __sk_buff *skb, u32 offset, u32 length)
{
	u32 w[9];

	if (length < HEADER || bpf_skb_load_bytes(skb, offset, w, HEADER))
		return 0;
	if (w[0] == length && (w[1] == 2 || w[1] == 4))
		return SHAPE_header_24;
	if (length != HANDSHAKE || bpf_skb_load_bytes(skb, offset, w, sizeof w))
		return 0;
	if (w[1] == ~w[0] && w[2] == rotate7(w[0]))
		return SHAPE_handshake_old;
	return w[3] == ~w[0] && w[8] == rotate7(w[0]) ? SHAPE_handshake_new : 0;
}

static __always_inline void payload_send(struct __sk_buff *skb, u32 offset, u32 length, u32 shape)
{
	u64 number = attempt(WIRE_RING_network);
	struct {
		struct wire_payload payload;
		u8 bytes[WIRE_PAYLOAD_MAX];
	} *record = bpf_ringbuf_reserve(&ring_network, sizeof *record, 0);
	struct wire_network *n;
	struct socket_owner *owner;
	struct bpf_sock *sk;
	u64 cookie;
	u32 less; /* than the bytes kept: never 0, which the verifier would not believe of them */

	if (!record) {
		lost(WIRE_RING_network);
		return;
	}
	n = &record->payload.network;
	__builtin_memset(record, 0, sizeof *record);
	n->head.kind = WIRE_payload;
	n->head.length = sizeof *record;
	n->head.cpu = bpf_get_smp_processor_id();
	n->head.attempt = number;
	n->head.time = bpf_ktime_get_boot_ns();
	n->head.flags = scope_kind == SCOPE_all ? WIRE_FLAG_scope : 0;
	sk = skb->sk ? bpf_sk_fullsock(skb->sk) : NULL;
	owner = sk ? bpf_sk_storage_get(&sockets, sk, 0, 0) : NULL;
	if (!owner) {
		cookie = bpf_get_socket_cookie(skb);
		owner = bpf_map_lookup_elem(&accepted_sockets, &cookie);
	}
	if (owner) {
		n->head.process = owner->process;
		n->head.flags = owner->flags;
	}
	n->family = skb->family;
	n->type = 1;
	n->protocol = 6;
	n->source_port = skb->local_port;
	n->destination_port = __builtin_bswap32(skb->remote_port);
	if (n->family == AF_INET_) {
		u32 ip = skb->local_ip4;

		__builtin_memcpy(n->source, &ip, 4);
		ip = skb->remote_ip4;
		__builtin_memcpy(n->destination, &ip, 4);
	} else {
		u32 ip[4] = {skb->local_ip6[0], skb->local_ip6[1], skb->local_ip6[2],
			skb->local_ip6[3]};

		__builtin_memcpy(n->source, ip, 16);
		ip[0] = skb->remote_ip6[0];
		ip[1] = skb->remote_ip6[1];
		ip[2] = skb->remote_ip6[2];
		ip[3] = skb->remote_ip6[3];
		__builtin_memcpy(n->destination, ip, 16);
	}
	less = (length > WIRE_PAYLOAD_MAX ? WIRE_PAYLOAD_MAX : length) - 1;
	record->payload.shape = shape;
	record->payload.length = length;
	asm volatile("%0 &= 0xff" : "+r"(less));
	if (!bpf_skb_load_bytes(skb, offset, record->bytes, less + 1))
		record->payload.kept = less + 1;
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
}

SEC("cgroup_skb/egress")
int on_egress(struct __sk_buff *skb)
{
	u32 offset, length;
	u8 first, data;

	if (skb->len < 20 + 20 + HEADER || skb->len > 60 + 60 + 1500 ||
		bpf_skb_load_bytes(skb, 0, &first, 1))
		return 1;
	if (first >> 4 == 4) {
		u8 protocol;

		offset = (first & 15) * 4;
		if (bpf_skb_load_bytes(skb, 9, &protocol, 1) || protocol != 6)
			return 1;
	} else {
		u8 next;

		offset = 40; /* with extension headers it is none that the shapes were seen in */
		if (bpf_skb_load_bytes(skb, 6, &next, 1) || next != 6)
			return 1;
	}
	if (bpf_skb_load_bytes(skb, offset + 12, &data, 1))
		return 1;
	offset += (data >> 4) * 4;
	if (skb->len <= offset)
		return 1;
	length = skb->len - offset;
	u32 shape = shape_of(skb, offset, length);

	if (shape)
		payload_send(skb, offset, length, shape);
	return 1;
}
