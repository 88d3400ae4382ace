/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A network address range, and whether an address in any spelling lies in it. IPv4 inside of IPv6
 * counts as IPv4.
 */
#pragma once

#include <stdint.h>

#include "base/text.h"

struct cidr {
	uint8_t family; /* 4 or 6 */
	uint8_t bits;
	uint8_t bytes[16];
};

/* "10.0.0.0/8", "fe80::/10", or one address. */
bool cidr_read(struct text text, struct cidr *cidr);

bool cidr_holds(const struct cidr *cidr, struct text address);
