// SPDX-License-Identifier: GPL-2.0-or-later
// TCP connections asked for and accepted, raw and packet sockets, and payloads with the shape of a
// known tool's messages.

#include "sensor/bpf/act.h"
#include "sensor/bpf/path.h"

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
	struct wire_network *n;
	u64 number;

	if (!wants(kind))
		return NULL;
	number = attempt_governed(WIRE_RING_network);
	if (!number)
		return NULL;
	n = bpf_ringbuf_reserve(&ring_network, sizeof *n, 0);
	if (!n) {
		lost(WIRE_RING_network);
		return NULL;
	}
	__builtin_memset(n, 0, sizeof *n);
	head_set(&n->head, kind, sizeof *n, number);
	return n;
}

#define network_send(n) bpf_ringbuf_submit(n, wake(&ring_network, WIRE_RING_network, sizeof *n))

static __always_inline void owner_put(struct socket_owner *owner, const struct wire_head *head)
{
	owner->process = head->process;
	owner->flags = head->flags;
	owner->begun = head->time;
}

/* By the process that asks for it. */
static __always_inline void connection_asked(struct sock *sk)
{
	struct wire_network *n = network_reserve(WIRE_connect);
	struct socket_owner *owner;

	if (!n)
		return;
	actor(&n->head);
	tuple_fill(n, sk);
	owner = bpf_sk_storage_get(&sockets, sk, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (owner)
		owner_put(owner, &n->head);
	network_send(n);
}

/* The kernel chooses it after the connection was asked for. */
static __always_inline void port_note(struct sock *sk)
{
	struct socket_owner *owner = bpf_sk_storage_get(&sockets, sk, 0, 0);

	if (owner)
		owner->port = BPF_CORE_READ(sk, __sk_common.skc_num);
}

/* Whose it is was noted when it began: whoever runs now is a bystander. */
static __always_inline void owner_take(struct wire_network *n, const struct socket_owner *owner)
{
	n->head.process = owner->process;
	n->head.flags = owner->flags & WIRE_FLAG_scope;
	n->head.tid = owner->process.pid;
}

static __always_inline void connection_failed(struct sock *sk)
{
	struct socket_owner *owner = bpf_sk_storage_get(&sockets, sk, 0, 0);
	struct wire_network *n = owner ? network_reserve(WIRE_failed) : NULL;

	if (!n)
		return;
	owner_take(n, owner);
	tuple_fill(n, sk);
	n->result = -BPF_CORE_READ(sk, sk_err);
	network_send(n);
}

static __always_inline void swap_ends(struct wire_network *n);

static __always_inline void connection_ended(struct sock *sk)
{
	struct socket_owner *owner = bpf_sk_storage_get(&sockets, sk, 0, 0);
	u64 number, cookie = BPF_CORE_READ(sk, __sk_common.skc_cookie.counter);
	int accepted = 0;
	struct wire_close *close;

	if (!owner && cookie) {
		owner = bpf_map_lookup_elem(&accepted_sockets, &cookie);
		accepted = 1;
	}
	if (!owner || !wants(WIRE_close))
		return;
	number = attempt_governed(WIRE_RING_network);
	if (!number)
		return;
	close = bpf_ringbuf_reserve(&ring_network, sizeof *close, 0);
	if (!close) {
		lost(WIRE_RING_network);
		return;
	}
	__builtin_memset(close, 0, sizeof *close);
	head_set(&close->network.head, WIRE_close, sizeof *close, number);
	owner_take(&close->network, owner);
	tuple_fill(&close->network, sk);
	close->network.source_port = owner->port;
	if (accepted) {
		close->network.head.flags |= WIRE_FLAG_ingress;
		swap_ends(&close->network);
	}
	close->network.result = -BPF_CORE_READ(sk, sk_err);
	close->sent = BPF_CORE_READ((struct tcp_sock *)sk, bytes_sent) -
		BPF_CORE_READ((struct tcp_sock *)sk, bytes_retrans);
	/* the end of the stream counts as a byte there */
	close->received = BPF_CORE_READ((struct tcp_sock *)sk, bytes_received) -
		(BPF_CORE_READ(sk, __sk_common.skc_flags) >> 1 & 1);
	close->duration = close->network.head.time - owner->begun;
	bpf_ringbuf_submit(close, wake(&ring_network, WIRE_RING_network, sizeof *close));
	if (accepted)
		bpf_map_delete_elem(&accepted_sockets, &cookie);
}

static __always_inline void listens(struct sock *sk)
{
	struct wire_network *n = network_reserve(WIRE_listen);

	if (!n)
		return;
	actor(&n->head);
	tuple_fill(n, sk);
	network_send(n);
}

/* Asking and listening are done by the process itself, the rest happens to whoever runs. */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(on_connect, struct sock *sk, int before, int after)
{
	if (before == TCP_SYN_RECV_ && after == TCP_ESTABLISHED_)
		bpf_get_socket_cookie(sk); /* gives it one, for the call that will accept it */
	else if (before == TCP_SYN_SENT_ && after == TCP_ESTABLISHED_)
		port_note(sk);
	else if (after == TCP_SYN_SENT_)
		connection_asked(sk);
	else if (after == TCP_LISTEN_)
		listens(sk);
	else if (after == TCP_CLOSE_ && before == TCP_SYN_SENT_)
		connection_failed(sk);
	else if (after == TCP_CLOSE_ && before != TCP_LISTEN_ && before != TCP_SYN_RECV_)
		connection_ended(sk);
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
	owner_put(&owner, &n->head);
	owner.port = n->destination_port; /* the ends are swapped */
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

SEC("tracepoint/syscalls/sys_exit_socket")
int exit_socket(struct syscall_exit *c)
{
	struct wire_network *n;
	u32 family, type;
	REGISTERS;

	family = REG(di);
	type = REG(si) & 0xf;
	if (!is_raw(family, type))
		return 0;
	n = network_reserve(WIRE_raw);
	if (!n)
		return 0;
	actor(&n->head);
	n->family = family;
	n->type = type;
	n->protocol = REG(dx);
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

static __always_inline void raw_bound(struct sock *sk, u64 argument, s64 result)
{
	struct sockaddr_any address = {};
	struct wire_network *n = network_reserve(WIRE_raw);

	if (!n)
		return;
	if (bpf_probe_read_user(&address, sizeof address, (void *)argument))
		bpf_probe_read_user(&address, 16, (void *)argument);
	actor(&n->head);
	n->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	n->type = BPF_CORE_READ(sk, sk_type);
	n->protocol = BPF_CORE_READ(sk, sk_protocol);
	n->result = result;
	if (n->family == AF_INET_) {
		__builtin_memcpy(n->source, &address.ip4, 4);
		n->source_port = __builtin_bswap16(address.port);
	} else if (n->family == AF_INET6_) {
		__builtin_memcpy(n->source, address.ip6, 16);
		n->source_port = __builtin_bswap16(address.port);
	}
	network_send(n);
}

static __always_inline void socket_tell(u16 kind, struct sock *sk, s64 result)
{
	struct wire_network *n = network_reserve(kind);

	if (!n)
		return;
	actor(&n->head);
	tuple_fill(n, sk);
	n->result = result;
	network_send(n);
}

static __always_inline int is_internet(struct sock *sk)
{
	u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);

	return family == AF_INET_ || family == AF_INET6_;
}

SEC("tracepoint/syscalls/sys_exit_bind")
int exit_bind(struct syscall_exit *c)
{
	struct sock *sk;
	REGISTERS;

	sk = sock_of(REG(di));
	if (!sk)
		return 0;
	if (is_raw(BPF_CORE_READ(sk, __sk_common.skc_family), BPF_CORE_READ(sk, sk_type)))
		raw_bound(sk, REG(si), c->result);
	else if (!c->result && is_internet(sk))
		socket_tell(WIRE_bind, sk, 0);
	return 0;
}

enum { SOL_SOCKET_ = 1, ATTACH_FILTER = 26, ATTACH_BPF = 50 };

SEC("tracepoint/syscalls/sys_exit_setsockopt")
int exit_setsockopt(struct syscall_exit *c)
{
	struct sock *sk;
	REGISTERS;

	if (c->result || REG(si) != SOL_SOCKET_ ||
		(REG(dx) != ATTACH_FILTER && REG(dx) != ATTACH_BPF))
		return 0;
	sk = sock_of(REG(di));
	if (sk)
		socket_tell(WIRE_filter, sk, 0);
	return 0;
}

/* Datagrams, which have no beginning but the first one to an address. From hooks that see each
 * call, where a task's storage is out of reach (see marks). */
static __always_inline void datagram(struct bpf_sock_addr *c, struct flow *flow)
{
	u32 one = 1;
	struct bpf_sock *sk = c->sk;
	struct socket_owner *owner;
	struct wire_network *n;

	if (!sk || c->type != SOCK_DGRAM_)
		return;
	flow->cookie = bpf_get_socket_cookie(c);
	flow->port = c->user_port & 0xffff;
	if (bpf_map_lookup_elem(&flows, flow))
		return;
	bpf_map_update_elem(&flows, flow, &one, BPF_ANY);
	n = network_reserve(WIRE_datagram);
	if (!n)
		return;
	actor_marked(&n->head);
	n->family = flow->family;
	n->type = SOCK_DGRAM_;
	n->protocol = c->protocol;
	__builtin_memcpy(n->destination, flow->address, sizeof n->destination);
	n->destination_port = __builtin_bswap16(flow->port);
	n->source_port = sk->src_port;
	owner = bpf_sk_storage_get(&sockets, sk, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (owner)
		owner_put(owner, &n->head);
	network_send(n);
}

static __always_inline int datagram4(struct bpf_sock_addr *c)
{
	struct flow flow = {.family = AF_INET_};
	u32 ip = c->user_ip4;

	__builtin_memcpy(flow.address, &ip, sizeof ip);
	datagram(c, &flow);
	return 1;
}

static __always_inline int datagram6(struct bpf_sock_addr *c)
{
	struct flow flow = {.family = AF_INET6_};
	u32 ip[4] = {c->user_ip6[0], c->user_ip6[1], c->user_ip6[2], c->user_ip6[3]};

	__builtin_memcpy(flow.address, ip, sizeof ip);
	datagram(c, &flow);
	return 1;
}

SEC("cgroup/sendmsg4")
int on_sendmsg4(struct bpf_sock_addr *c)
{
	return datagram4(c);
}

SEC("cgroup/sendmsg6")
int on_sendmsg6(struct bpf_sock_addr *c)
{
	return datagram6(c);
}

SEC("cgroup/connect4")
int on_connect4(struct bpf_sock_addr *c)
{
	return datagram4(c);
}

SEC("cgroup/connect6")
int on_connect6(struct bpf_sock_addr *c)
{
	return datagram6(c);
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

/* Where a packet's parts lie. */
struct packet {
	u32 family, protocol, transport, data, length; /* offsets, and bytes of the payload */
};

static __always_inline int packet_read(struct __sk_buff *skb, struct packet *p)
{
	u8 first, byte;

	if (bpf_skb_load_bytes(skb, 0, &first, 1))
		return 0;
	p->family = first >> 4 == 4 ? AF_INET_ : AF_INET6_;
	p->transport = p->family == AF_INET_ ? (first & 15) * 4 : 40;
	/* behind IPv6 extension headers is none that anything was seen in */
	if (bpf_skb_load_bytes(skb, p->family == AF_INET_ ? 9 : 6, &byte, 1))
		return 0;
	p->protocol = byte;
	if (byte == 17) {
		p->data = p->transport + 8;
	} else if (byte == 6) {
		if (bpf_skb_load_bytes(skb, p->transport + 12, &byte, 1))
			return 0;
		p->data = p->transport + (byte >> 4) * 4;
	} else {
		return 0;
	}
	if (skb->len <= p->data)
		return 0;
	p->length = skb->len - p->data;
	return 1;
}

static __always_inline void packet_fill(struct wire_network *n, struct __sk_buff *skb,
	const struct packet *p)
{
	u16 ports[2] = {};

	n->family = p->family;
	n->type = p->protocol == 17 ? SOCK_DGRAM_ : 1;
	n->protocol = p->protocol;
	bpf_skb_load_bytes(skb, p->transport, ports, sizeof ports);
	n->source_port = __builtin_bswap16(ports[0]);
	n->destination_port = __builtin_bswap16(ports[1]);
	if (p->family == AF_INET_) {
		bpf_skb_load_bytes(skb, 12, n->source, 4);
		bpf_skb_load_bytes(skb, 16, n->destination, 4);
	} else {
		bpf_skb_load_bytes(skb, 8, n->source, 16);
		bpf_skb_load_bytes(skb, 24, n->destination, 16);
	}
}

static __always_inline void payload_begin(struct wire_payload *payload, struct __sk_buff *skb,
	u16 kind, u32 length, u64 number)
{
	struct wire_network *n = &payload->network;
	struct socket_owner *owner;
	struct bpf_sock *sk;
	u64 cookie;

	/* who runs now is a bystander, and older kernels do not say who */
	n->head.kind = kind;
	n->head.length = length;
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
		n->head.flags = owner->flags & WIRE_FLAG_scope;
	}
}

/* Bytes of the payload into a record's array of `max`, a power of two and a constant. */
#define payload_bytes(skb, p, record, max)                                                        \
	do {                                                                                      \
		/* than the bytes kept: never 0, which the verifier would not believe of them */  \
		u32 less = ((p)->length > (max) ? (max) : (p)->length) - 1;                       \
		asm volatile("%0 &= %1" : "+r"(less) : "i"((max) - 1));                           \
		(record)->payload.length = (p)->length;                                           \
		if (!bpf_skb_load_bytes(skb, (p)->data, (record)->bytes, less + 1))               \
			(record)->payload.kept = less + 1;                                        \
	} while (0)

static __always_inline void payload_send(struct __sk_buff *skb, const struct packet *p, u32 shape)
{
	u64 number = attempt(WIRE_RING_network);
	struct {
		struct wire_payload payload;
		u8 bytes[WIRE_PAYLOAD_MAX];
	} *record = bpf_ringbuf_reserve(&ring_network, sizeof *record, 0);

	if (!record) {
		lost(WIRE_RING_network);
		return;
	}
	__builtin_memset(&record->payload, 0, sizeof record->payload);
	payload_begin(&record->payload, skb, WIRE_payload, sizeof *record, number);
	packet_fill(&record->payload.network, skb, p);
	record->payload.shape = shape;
	payload_bytes(skb, p, record, WIRE_PAYLOAD_MAX);
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
}

enum { DNS_PORT = 53, DNS_LEAST = 12 };

static __always_inline void dns_send(struct __sk_buff *skb, struct packet *p, int ingress)
{
	u64 number = attempt_governed(WIRE_RING_network);
	struct {
		struct wire_payload payload;
		u8 bytes[WIRE_DNS_MAX];
	} *record;

	if (!number)
		return;
	record = bpf_ringbuf_reserve(&ring_network, sizeof *record, 0);
	if (!record) {
		lost(WIRE_RING_network);
		return;
	}
	__builtin_memset(&record->payload, 0, sizeof record->payload);
	payload_begin(&record->payload, skb, WIRE_dns, sizeof *record, number);
	packet_fill(&record->payload.network, skb, p);
	if (ingress) {
		record->payload.network.head.flags |= WIRE_FLAG_ingress;
		swap_ends(&record->payload.network);
	}
	payload_bytes(skb, p, record, WIRE_DNS_MAX);
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
}

/* Whether the far end is a name server's port; over TCP two bytes of length come first. */
static __always_inline int is_dns(struct __sk_buff *skb, struct packet *p, int ingress)
{
	u16 port = 0;

	if (p->length < DNS_LEAST ||
		bpf_skb_load_bytes(skb, p->transport + (ingress ? 0 : 2), &port, sizeof port) ||
		port != __builtin_bswap16(DNS_PORT))
		return 0;
	if (p->protocol == 6) {
		p->data += 2;
		p->length -= 2;
	}
	return p->length >= DNS_LEAST;
}

SEC("cgroup_skb/egress")
int on_egress(struct __sk_buff *skb)
{
	struct packet p = {};
	u32 shape;

	if (!packet_read(skb, &p))
		return 1;
	if (wants(WIRE_dns) && is_dns(skb, &p, 0)) {
		dns_send(skb, &p, 0);
		return 1;
	}
	if (p.protocol != 6 || p.length > 1500)
		return 1;
	shape = shape_of(skb, p.data, p.length);
	if (shape)
		payload_send(skb, &p, shape);
	return 1;
}

SEC("cgroup_skb/ingress")
int on_ingress(struct __sk_buff *skb)
{
	struct packet p = {};

	if (wants(WIRE_dns) && packet_read(skb, &p) && is_dns(skb, &p, 1))
		dns_send(skb, &p, 1);
	return 1;
}
