// SPDX-License-Identifier: Apache-2.0
// Texts without case, and with one spelling of the dashes.

#include <string.h>

#include "base/own.h"
#include "base/utf8.h"
#include "detect/sigma/fold.h"

static const struct fold_range {
	uint32_t first, last, step;
	int32_t delta;
} ranges[] = {
#define FOLD(first, last, step, delta) {first, last, step, delta},
#include "detect/sigma/fold.def"
#undef FOLD
};

unsigned character_size(const char *at, size_t n)
{
	size_t size = utf8_length(at, n);

	return size ? (unsigned)size : 1;
}

uint32_t character_at(const char *at, size_t n, unsigned *bytes)
{
	unsigned size = *bytes = character_size(at, n);
	uint32_t c = (unsigned char)at[0];

	if (size == 1)
		return c;
	c &= 0xffu >> (size + 1);
	for (unsigned i = 1; i < size; i++)
		c = c << 6 | ((unsigned char)at[i] & 0x3f);
	return c;
}

static uint32_t character_fold(uint32_t c)
{
	size_t low = 0, high = array_size(ranges);

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (c > ranges[middle].last)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == array_size(ranges) || c < ranges[low].first ||
	    (c - ranges[low].first) % ranges[low].step)
		return c;
	return c + (uint32_t)ranges[low].delta;
}

static inline char byte_fold(char c)
{
	return (char)(c + ((unsigned char)(c - 'A') < 26) * 32);
}

/* From the first byte on that is not ASCII. */
static size_t fold_slowly(char *out, struct text in)
{
	size_t n = 0;

	for (size_t i = 0; i < in.n;) {
		unsigned size;
		uint32_t c;

		if ((unsigned char)in.at[i] < 0x80) {
			out[n++] = byte_fold(in.at[i++]);
			continue;
		}
		c = character_at(in.at + i, in.n - i, &size);
		if (size == 1)
			out[n++] = in.at[i];
		else
			n += utf8_put(out + n, character_fold(c));
		i += size;
	}
	return n;
}

typedef unsigned char lane __attribute__((vector_size(16)));

/* Folds ASCII, sixteen bytes at a time; false once a byte is none. */
static bool fold_ascii(char *out, struct text in)
{
	lane high = {0};
	unsigned char rest = 0;
	uint64_t halves[2];
	size_t i = 0;

	for (; i + sizeof(lane) <= in.n; i += sizeof(lane)) {
		lane v;

		memcpy(&v, in.at + i, sizeof v);
		high |= v;
		v |= (lane)((v >= 'A') & (v <= 'Z')) & 0x20;
		memcpy(out + i, &v, sizeof v);
	}
	if (i < in.n && in.n >= sizeof(lane)) {
		/* the last lane, of which some was there already */
		lane v;

		i = in.n - sizeof(lane);
		memcpy(&v, in.at + i, sizeof v);
		high |= v;
		v |= (lane)((v >= 'A') & (v <= 'Z')) & 0x20;
		memcpy(out + i, &v, sizeof v);
		i = in.n;
	}
	for (; i < in.n; i++) {
		out[i] = byte_fold(in.at[i]);
		rest |= (unsigned char)in.at[i];
	}
	memcpy(halves, &high, sizeof halves);
	return !(((halves[0] | halves[1]) & UINT64_C(0x8080808080808080)) || rest & 0x80);
}

size_t fold(char *out, struct text in)
{
	return fold_ascii(out, in) ? in.n : fold_slowly(out, in);
}

static bool is_long_dash(const char *at, size_t n)
{
	return n > 2 && (unsigned char)at[0] == 0xe2 && (unsigned char)at[1] == 0x80 &&
		(unsigned char)at[2] >= 0x93 && (unsigned char)at[2] <= 0x95;
}

bool dash_found(struct text in)
{
	if (!in.n)
		return false;
	if (memchr(in.at, '/', in.n))
		return true;
	for (const char *at = in.at; (at = memchr(at, 0xe2, in.n - (size_t)(at - in.at))); at++)
		if (is_long_dash(at, in.n - (size_t)(at - in.at)))
			return true;
	return false;
}

size_t dash_fold(char *out, struct text in)
{
	size_t n = 0;

	for (size_t i = 0; i < in.n;) {
		bool is_long = is_long_dash(in.at + i, in.n - i);

		out[n++] = is_long || in.at[i] == '/' ? '-' : in.at[i];
		i += is_long ? 3 : 1;
	}
	return n;
}
