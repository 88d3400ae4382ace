/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/* What the programs of the isolation and user space share. */
#pragma once

#ifndef __bpf__
#include <stdint.h>
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
#endif

enum { ISOLATE_ALLOWED_MAX = 1024, ISOLATE_PORTS_MAX = 8, ISOLATE_FAMILY = 32 };

/* Key of map `allowed` (LPM trie). */
struct isolate_key {
	u32 bits; /* ISOLATE_FAMILY, and those of the network */
	u32 family; /* 2 or 10 */
	u8 bytes[16]; /* IPv4: the first 4 */
};

/* Its value: ports of the far end; none: all. */
struct isolate_ports {
	u32 n;
	u16 at[ISOLATE_PORTS_MAX];
};

/* Why something was refused, index into map `counts`. */
enum isolate_reason {
	ISOLATE_out, /* a packet to an address that is not allowed */
	ISOLATE_in, /* one from there */
	ISOLATE_asked, /* a connection or datagram that a program asked for */
	ISOLATE_broken, /* a packet that cannot be read */
	ISOLATE_REASONS
};

/* Key of map `peers`; value: how often. */
struct isolate_peer {
	u8 bytes[16];
	u32 family, reason;
	u16 port, pad;
};
