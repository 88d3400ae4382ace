// SPDX-License-Identifier: Apache-2.0
// Network address ranges.

#include <arpa/inet.h>

#include "base/text.h"
#include "detect/sigma/cidr.h"

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

/* An address of either family; IPv4 in IPv6 becomes IPv4. */
static bool address_parse(struct text text, struct cidr *address)
{
	char buffer[INET6_ADDRSTRLEN];

	if (!text.n || text.n >= sizeof buffer)
		return false;
	memcpy(buffer, text.at, text.n);
	buffer[text.n] = 0;
	*address = (struct cidr){.family = 4, .bits = 32};
	if (inet_pton(AF_INET, buffer, address->bytes) == 1)
		return true;
	*address = (struct cidr){.family = 6, .bits = 128};
	if (inet_pton(AF_INET6, buffer, address->bytes) != 1)
		return false;
	if (!memcmp(address->bytes, mapped, sizeof mapped)) {
		memmove(address->bytes, address->bytes + sizeof mapped, 4);
		address->family = 4;
		address->bits = 32;
	}
	return true;
}

bool cidr_read(struct text text, struct cidr *cidr)
{
	const char *slash = text.n ? memchr(text.at, '/', text.n) : NULL;
	struct text address = {text.at, slash ? (size_t)(slash - text.at) : text.n};
	bool is_mapped = slash && memchr(text.at, ':', address.n);
	int64_t bits;

	if (!address_parse(address, cidr))
		return false;
	if (!slash)
		return true;
	if (!text_number((struct text){slash + 1, text.n - address.n - 1}, &bits))
		return false;
	if (is_mapped && cidr->family == 4)
		bits -= 96;
	if (bits < 0 || bits > cidr->bits)
		return false;
	cidr->bits = (uint8_t)bits;
	return true;
}

bool cidr_holds(const struct cidr *cidr, struct text text)
{
	struct cidr address;
	unsigned whole = cidr->bits / 8, rest = cidr->bits % 8;

	if (!address_parse(text, &address) || address.family != cidr->family)
		return false;
	if (memcmp(address.bytes, cidr->bytes, whole))
		return false;
	return !rest || !((address.bytes[whole] ^ cidr->bytes[whole]) >> (8 - rest));
}
