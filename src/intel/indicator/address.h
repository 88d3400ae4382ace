/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses and ranges of addresses as text. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

struct ip_address {
	uint8_t family; /* 4 or 6 */
	uint8_t bytes[16]; /* network order; the first 4 for IPv4 */
};

/*
 * An IPv4 address (four decimal numbers, without leading zeros) or an IPv6 address (RFC 4291
 * section 2.2). A v4-mapped one is read as IPv4. False if it is none.
 */
bool ip_read(struct text text, struct ip_address *address);

/*
 * An address, '/', and how many bits count (RFC 4632); `stray`: bits behind them were set, and
 * are cleared. A v4-mapped range of 96 bits or more is one of IPv4.
 */
bool ip_range_read(struct text text, struct ip_address *address, unsigned *length, bool *stray);

/* Makes IPv4 of the v4-mapped form. */
void ip_unmap(struct ip_address *address);

/* "host:port" and "[address]:port" without the port, and "[address]" without brackets. */
struct text host_without_port(struct text text);
