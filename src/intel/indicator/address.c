// SPDX-License-Identifier: Apache-2.0
// Addresses as text.

#include "intel/indicator/address.h"

enum { GROUPS = 8, IPV4_TEXT = 15, IPV6_TEXT = 45, MAPPED_BITS = 96 };

/* Reads four numbers that fill the text. */
static bool ipv4_read(struct text text, uint8_t *bytes)
{
	size_t at = 0;

	if (text.n > IPV4_TEXT)
		return false;
	for (int i = 0; i < 4; i++) {
		unsigned value = 0;
		size_t start = at;

		for (; at < text.n && text.at[at] >= '0' && text.at[at] <= '9'; at++)
			value = value * 10 + (unsigned)(text.at[at] - '0');
		if (at == start || at - start > 3 || value > 255 ||
			(text.at[start] == '0' && at - start > 1))
			return false;
		bytes[i] = (uint8_t)value;
		if (i < 3 && (at == text.n || text.at[at++] != '.'))
			return false;
	}
	return at == text.n;
}

static int hexadecimal(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 32);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One group of up to four digits; returns how many. */
static size_t group_read(struct text text, size_t at, unsigned *value)
{
	size_t n = 0;

	*value = 0;
	for (; n < 5 && at + n < text.n && hexadecimal(text.at[at + n]) >= 0; n++)
		*value = *value << 4 | (unsigned)hexadecimal(text.at[at + n]);
	return n > 4 ? 0 : n;
}

/* Puts the groups behind "::" to the end. */
static void groups_spread(uint8_t *bytes, int n, int gap)
{
	int moved = 2 * (n - gap);

	memmove(bytes + 2 * GROUPS - moved, bytes + 2 * gap, (size_t)moved);
	memset(bytes + 2 * gap, 0, (size_t)(2 * (GROUPS - n)));
}

static bool ipv6_read(struct text text, uint8_t *bytes)
{
	size_t at = 0;
	int n = 0, gap = -1;

	if (text.n < 2 || text.n > IPV6_TEXT)
		return false;
	if (text.at[0] == ':' && text.at[1] == ':') {
		gap = 0;
		at = 2;
	}
	while (at < text.n) {
		unsigned value;
		size_t digits = group_read(text, at, &value);

		if (n == GROUPS)
			return false;
		if (digits && at + digits < text.n && text.at[at + digits] == '.' &&
			n + 2 <= GROUPS) {
			if (!ipv4_read((struct text){text.at + at, text.n - at}, bytes + 2 * n))
				return false;
			n += 2;
			break;
		}
		if (!digits)
			return false;
		bytes[2 * n] = (uint8_t)(value >> 8);
		bytes[2 * n++ + 1] = (uint8_t)value;
		at += digits;
		if (at == text.n)
			break;
		if (text.at[at++] != ':' || at == text.n)
			return false;
		if (text.at[at] == ':') {
			if (gap >= 0)
				return false;
			gap = n;
			at++;
		}
	}
	if (gap < 0)
		return n == GROUPS;
	if (n == GROUPS)
		return false;
	groups_spread(bytes, n, gap);
	return true;
}

static bool is_mapped(const struct ip_address *address)
{
	static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};

	return address->family == 6 && !memcmp(address->bytes, prefix, sizeof prefix);
}

void ip_unmap(struct ip_address *address)
{
	if (!is_mapped(address))
		return;
	address->family = 4;
	memcpy(address->bytes, address->bytes + 12, 4);
	memset(address->bytes + 4, 0, 12);
}

static bool read_either(struct text text, struct ip_address *address)
{
	struct ip_address read = {0};

	if (ipv4_read(text, read.bytes))
		read.family = 4;
	else if (ipv6_read(text, read.bytes))
		read.family = 6;
	else
		return false;
	*address = read;
	return true;
}

bool ip_read(struct text text, struct ip_address *address)
{
	if (!read_either(text, address))
		return false;
	ip_unmap(address);
	return true;
}

static bool length_read(struct text text, unsigned max, unsigned *length)
{
	*length = 0;
	if (!text.n || text.n > 3 || (text.n > 1 && text.at[0] == '0'))
		return false;
	for (size_t i = 0; i < text.n; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		*length = *length * 10 + (unsigned)(text.at[i] - '0');
	}
	return *length <= max;
}

/* Clears all bits from `length` on; true if one was set. */
static bool bits_clear(uint8_t *bytes, unsigned length, unsigned bits)
{
	bool stray = false;

	for (unsigned i = length / 8; i < bits / 8; i++) {
		uint8_t kept = i == length / 8 ? (uint8_t)(0xff00 >> length % 8) : 0;

		stray |= (bytes[i] & ~kept) != 0;
		bytes[i] &= kept;
	}
	return stray;
}

bool ip_range_read(struct text text, struct ip_address *address, unsigned *length, bool *stray)
{
	const char *slash = text.n ? memchr(text.at, '/', text.n) : NULL;
	struct ip_address read;
	unsigned n;

	if (!slash || !read_either((struct text){text.at, (size_t)(slash - text.at)}, &read))
		return false;
	if (!length_read((struct text){slash + 1, text.n - (size_t)(slash + 1 - text.at)},
			read.family == 4 ? 32 : 128, &n))
		return false;
	if (is_mapped(&read) && n >= MAPPED_BITS) {
		ip_unmap(&read);
		n -= MAPPED_BITS;
	}
	*stray = bits_clear(read.bytes, n, read.family == 4 ? 32 : 128);
	*address = read;
	*length = n;
	return true;
}

struct text host_without_port(struct text text)
{
	size_t n = text.n;

	while (n && text.at[n - 1] >= '0' && text.at[n - 1] <= '9')
		n--;
	n = n > 1 && n < text.n && text.at[n - 1] == ':' ? n - 1 : text.n;
	if (n > 2 && text.at[0] == '[' && text.at[n - 1] == ']')
		return (struct text){text.at + 1, n - 2};
	return n && memchr(text.at, ':', n) ? text : (struct text){text.at, n};
}
