// SPDX-License-Identifier: Apache-2.0
// UTF-16 and Base64.

#include "detect/sigma/encode.h"
#include "detect/sigma/fold.h"

static size_t unit_put(char *out, unsigned unit, bool big_endian)
{
	out[big_endian] = (char)(unit & 0xff);
	out[!big_endian] = (char)(unit >> 8);
	return 2;
}

struct text encode_utf16(struct text text, bool big_endian, bool mark, struct arena *arena)
{
	char *out = arena_alloc(arena, text.n * 2 + 3);
	size_t n = mark ? unit_put(out, 0xfeff, big_endian) : 0;

	for (size_t i = 0; i < text.n;) {
		unsigned size;
		uint32_t c = character_at(text.at + i, text.n - i, &size);

		if (size == 1 && c > 0x7f)
			c = 0xfffd;
		if (c > 0xffff) {
			n += unit_put(out + n, 0xd800 + ((c - 0x10000) >> 10), big_endian);
			c = 0xdc00 + ((c - 0x10000) & 0x3ff);
		}
		n += unit_put(out + n, c, big_endian);
		i += size;
	}
	return (struct text){out, n};
}

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Base64 of `offset` zero bytes and then the bytes, padded. */
static struct text encode_after(struct text bytes, unsigned offset, struct arena *arena)
{
	size_t total = bytes.n + offset, n = 0;
	char *out = arena_alloc(arena, total / 3 * 4 + 5);

	for (size_t i = 0; i < total; i += 3) {
		uint32_t group = 0;

		for (size_t j = i; j < i + 3; j++)
			group = group << 8 | (j < offset || j >= total ? 0 :
				(unsigned char)bytes.at[j - offset]);
		for (unsigned j = 0; j < 4; j++)
			out[n++] = i + j <= total ? digits[group >> (18 - 6 * j) & 63] : '=';
	}
	return (struct text){out, n};
}

struct text encode_base64(struct text bytes, struct arena *arena)
{
	return encode_after(bytes, 0, arena);
}

struct text encode_base64_offset(struct text bytes, unsigned offset, struct arena *arena)
{
	static const unsigned front[] = {0, 2, 3}, back[] = {0, 3, 2};
	struct text all = encode_after(bytes, offset, arena);
	size_t cut = front[offset] + back[(bytes.n + offset) % 3];

	if (all.n <= cut)
		return (struct text){0};
	return (struct text){all.at + front[offset], all.n - cut};
}
