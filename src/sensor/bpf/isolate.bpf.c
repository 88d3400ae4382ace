// SPDX-License-Identifier: GPL-2.0-or-later
// Isolation: a control group, or the whole host, keeps only the addresses that are allowed, in
// both directions and both versions of IP. An object of its own, since it outlives the sensor: its
// links are pinned.

#include "sensor/bpf/kernel.h"

#include <bpf/bpf_helpers.h>

#include "sensor/bpf/isolate.h"

const volatile u32 dry = 0; /* counts, and lets everything through */

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, ISOLATE_ALLOWED_MAX);
	__type(key, struct isolate_key);
	__type(value, struct isolate_ports);
} allowed SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, ISOLATE_REASONS);
	__type(key, u32);
	__type(value, u64);
} counts SEC(".maps");

/* To and from whom, the latest of them. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct isolate_peer);
	__type(value, u64);
} peers SEC(".maps");

static __always_inline void count(u32 reason)
{
	u64 *n = bpf_map_lookup_elem(&counts, &reason);

	if (n)
		__sync_fetch_and_add(n, 1);
}

static __always_inline void peer_count(const struct isolate_key *key, u16 port, u32 reason)
{
	struct isolate_peer peer = {.family = key->family, .port = port, .reason = reason};
	u64 one = 1, *n;

	__builtin_memcpy(peer.bytes, key->bytes, sizeof peer.bytes);
	n = bpf_map_lookup_elem(&peers, &peer);
	if (n)
		__sync_fetch_and_add(n, 1);
	else
		bpf_map_update_elem(&peers, &peer, &one, BPF_ANY);
}

static __always_inline int is_loopback(const struct isolate_key *key)
{
	const u32 *words = (const u32 *)key->bytes;

	if (key->family == AF_INET_)
		return key->bytes[0] == 127;
	return !words[0] && !words[1] &&
	       ((!words[2] && words[3] == __builtin_bswap32(1)) ||
		       (words[2] == __builtin_bswap32(0xffff) && key->bytes[12] == 127));
}

/* `port` 0: not known, as in the later parts of a fragmented packet. */
static __always_inline int is_allowed(const struct isolate_key *key, u16 port)
{
	struct isolate_ports *ports;

	if (is_loopback(key))
		return 1;
	ports = bpf_map_lookup_elem(&allowed, key);
	if (!ports)
		return 0;
	if (!ports->n)
		return 1;
	for (u32 i = 0; i < ISOLATE_PORTS_MAX; i++)
		if (i < ports->n && port && ports->at[i] == port)
			return 1;
	return 0;
}

static __always_inline int refuse(const struct isolate_key *key, u16 port, u32 reason)
{
	count(reason);
	peer_count(key, port, reason);
	return dry ? 1 : 0;
}

struct parsed {
	struct isolate_key key; /* the far end */
	u32 protocol, offset;
	int has_ports;
};

static __always_inline int read4(struct __sk_buff *skb, struct parsed *p, int egress)
{
	u8 first, protocol;
	u16 fragment;

	p->key.family = AF_INET_;
	p->key.bits = ISOLATE_FAMILY + 32;
	if (bpf_skb_load_bytes(skb, 0, &first, 1) || bpf_skb_load_bytes(skb, 9, &protocol, 1) ||
		bpf_skb_load_bytes(skb, 6, &fragment, 2) ||
		bpf_skb_load_bytes(skb, egress ? 16 : 12, p->key.bytes, 4))
		return 0;
	p->protocol = protocol;
	p->offset = (first & 15) * 4;
	p->has_ports = !(__builtin_bswap16(fragment) & 0x1fff);
	return 1;
}

enum { HOP_BY_HOP = 0, ROUTING = 43, FRAGMENT = 44, DESTINATION = 60, EXTENSIONS_MAX = 6 };

static __always_inline int read6(struct __sk_buff *skb, struct parsed *p, int egress)
{
	u8 next, length;
	u16 fragment;

	p->key.family = AF_INET6_;
	p->key.bits = ISOLATE_FAMILY + 128;
	p->offset = 40;
	p->has_ports = 1;
	if (bpf_skb_load_bytes(skb, 6, &next, 1) ||
		bpf_skb_load_bytes(skb, egress ? 24 : 8, p->key.bytes, 16))
		return 0;
	for (int i = 0; i < EXTENSIONS_MAX; i++) {
		if (next != HOP_BY_HOP && next != ROUTING && next != DESTINATION &&
			next != FRAGMENT)
			break;
		if (next == FRAGMENT && !bpf_skb_load_bytes(skb, p->offset + 2, &fragment, 2) &&
			__builtin_bswap16(fragment) & 0xfff8)
			p->has_ports = 0;
		length = 0;
		if (next != FRAGMENT && bpf_skb_load_bytes(skb, p->offset + 1, &length, 1))
			return 0;
		if (bpf_skb_load_bytes(skb, p->offset, &next, 1))
			return 0;
		p->offset += (length + 1) * 8;
	}
	p->protocol = next;
	return 1;
}

enum { TCP = 6, UDP = 17, ICMP6 = 58 };

/* What a host needs to keep its address and to find its neighbours: DHCP, neighbour discovery. */
static __always_inline int is_housekeeping(struct __sk_buff *skb, const struct parsed *p,
	const u16 ports[2])
{
	u8 type;

	if (p->protocol == ICMP6)
		return !bpf_skb_load_bytes(skb, p->offset, &type, 1) && type >= 133 && type <= 137;
	if (p->protocol != UDP || !p->has_ports)
		return 0;
	if (p->key.family == AF_INET_)
		return (ports[0] == 67 || ports[0] == 68) && (ports[1] == 67 || ports[1] == 68);
	return (ports[0] == 546 || ports[0] == 547) && (ports[1] == 546 || ports[1] == 547);
}

static __always_inline int packet(struct __sk_buff *skb, int egress)
{
	u32 reason = egress ? ISOLATE_out : ISOLATE_in;
	struct parsed p = {};
	u16 ports[2] = {};
	u8 first = 0;
	int good;

	bpf_skb_load_bytes(skb, 0, &first, 1);
	good = first >> 4 == 4 ? read4(skb, &p, egress) : read6(skb, &p, egress);
	if (!good) {
		count(ISOLATE_broken);
		return dry ? 1 : 0;
	}
	if (p.has_ports && (p.protocol == TCP || p.protocol == UDP)) {
		bpf_skb_load_bytes(skb, p.offset, ports, sizeof ports);
		ports[0] = __builtin_bswap16(ports[0]);
		ports[1] = __builtin_bswap16(ports[1]);
	}
	if (is_housekeeping(skb, &p, ports))
		return 1;
	/* a rule's port is that of the far end, whoever began */
	if (is_allowed(&p.key, ports[egress ? 1 : 0]))
		return 1;
	return refuse(&p.key, ports[egress ? 1 : 0], reason);
}

SEC("cgroup_skb/egress")
int isolate_egress(struct __sk_buff *skb)
{
	return packet(skb, 1);
}

SEC("cgroup_skb/ingress")
int isolate_ingress(struct __sk_buff *skb)
{
	return packet(skb, 0);
}

/* So that programs fail at once instead of waiting for an answer. */
static __always_inline int asked4(struct bpf_sock_addr *c)
{
	struct isolate_key key = {.bits = ISOLATE_FAMILY + 32, .family = AF_INET_};
	u32 ip = c->user_ip4;
	u16 port = __builtin_bswap16(c->user_port & 0xffff);

	__builtin_memcpy(key.bytes, &ip, sizeof ip);
	if (is_allowed(&key, port) || (c->type == SOCK_DGRAM_ && (port == 67 || port == 68)))
		return 1;
	return refuse(&key, port, ISOLATE_asked);
}

static __always_inline int asked6(struct bpf_sock_addr *c)
{
	struct isolate_key key = {.bits = ISOLATE_FAMILY + 128, .family = AF_INET6_};
	u32 ip[4] = {c->user_ip6[0], c->user_ip6[1], c->user_ip6[2], c->user_ip6[3]};
	u16 port = __builtin_bswap16(c->user_port & 0xffff);

	if (!ip[0] && !ip[1] && ip[2] == __builtin_bswap32(0xffff)) { /* IPv4 in IPv6 */
		key.family = AF_INET_;
		key.bits = ISOLATE_FAMILY + 32;
		__builtin_memcpy(key.bytes, &ip[3], 4);
	} else {
		__builtin_memcpy(key.bytes, ip, sizeof ip);
	}
	if (is_allowed(&key, port) || (c->type == SOCK_DGRAM_ && (port == 546 || port == 547)))
		return 1;
	return refuse(&key, port, ISOLATE_asked);
}

SEC("cgroup/connect4")
int isolate_connect4(struct bpf_sock_addr *c)
{
	return asked4(c);
}

SEC("cgroup/connect6")
int isolate_connect6(struct bpf_sock_addr *c)
{
	return asked6(c);
}

SEC("cgroup/sendmsg4")
int isolate_sendmsg4(struct bpf_sock_addr *c)
{
	return asked4(c);
}

SEC("cgroup/sendmsg6")
int isolate_sendmsg6(struct bpf_sock_addr *c)
{
	return asked6(c);
}

char LICENSE[] SEC("license") = "GPL";
