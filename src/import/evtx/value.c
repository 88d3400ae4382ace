// SPDX-License-Identifier: Apache-2.0
// Texts of values.

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/utf8.h"
#include "import/evtx/bytes.h"
#include "import/utf16.h"
#include "import/evtx/value.h"

enum { SHORT = 64 }; /* more than the longest text of a number, a time or a GUID */

/* FILETIME counts steps of 100 ns since 1601. */
#define STEPS_TO_1970 INT64_C(116444736000000000)
#define STEPS_PER_SECOND 10000000

static const char digits_lower[] = "0123456789abcdef", digits_upper[] = "0123456789ABCDEF";

static void set(struct value *value, enum value_kind kind, struct text text)
{
	value->kind = kind;
	value->text = text;
}

static void make_null(struct value *value, struct room *room)
{
	set(value, VALUE_null, TEXT(""));
}

static void make_utf16(struct value *value, struct room *room)
{
	size_t units = value->n / 2;
	char *to;

	while (units && !bytes_16(value->at + 2 * units - 2))
		units--;
	to = room_need(room, units * UTF16_GROWTH);
	set(value, VALUE_text, room_take(room, utf16_read(to, value->at, units)));
}

/* What Windows-1252 has from 0x80 to 0x9f; the log does not say which code page it was. */
static const uint16_t page_1252[32] = {
	0x20ac, 0x81, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160,
	0x2039, 0x152, 0x8d, 0x17d, 0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013,
	0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0x9d, 0x17e, 0x178,
};

static void make_ansi(struct value *value, struct room *room)
{
	size_t n = value->n, made = 0;
	char *to;

	while (n && !value->at[n - 1])
		n--;
	to = room_need(room, n * 3);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)value->at[i];

		made += utf8_put(to + made, c >= 0x80 && c < 0xa0 ? page_1252[c - 0x80] : c);
	}
	set(value, VALUE_text, room_take(room, made));
}

static void make_binary(struct value *value, struct room *room)
{
	char *to = room_need(room, 2 * (size_t)value->n);

	for (size_t i = 0; i < value->n; i++) {
		to[2 * i] = digits_upper[(unsigned char)value->at[i] >> 4];
		to[2 * i + 1] = digits_upper[value->at[i] & 15];
	}
	set(value, VALUE_text, room_take(room, 2 * (size_t)value->n));
}

static bool is_number(const struct value *value)
{
	return value->n == 1 || value->n == 2 || value->n == 4 || value->n == 8;
}

static uint64_t number_of(const struct value *value)
{
	switch (value->n) {
	case 1:
		return (unsigned char)value->at[0];
	case 2:
		return bytes_16(value->at);
	case 4:
		return bytes_32(value->at);
	default:
		return bytes_64(value->at);
	}
}

static void decimal_make(struct value *value, bool minus, uint64_t number, struct room *room)
{
	char *end = room_need(room, SHORT) + SHORT, *at = end;
	size_t n;

	do
		*--at = (char)('0' + number % 10);
	while (number /= 10);
	if (minus)
		*--at = '-';
	n = (size_t)(end - at);
	memmove(room->at, at, n);
	set(value, VALUE_number, room_take(room, n));
}

static void make_unsigned(struct value *value, struct room *room)
{
	if (is_number(value))
		decimal_make(value, false, number_of(value), room);
	else
		make_binary(value, room);
}

static void make_signed(struct value *value, struct room *room)
{
	uint64_t number;
	unsigned spare;

	if (!is_number(value)) {
		make_binary(value, room);
		return;
	}
	number = number_of(value);
	spare = 64 - 8 * (unsigned)value->n;
	if (number >> (63 - spare) & 1)
		decimal_make(value, true, (0 - (number << spare)) >> spare, room);
	else
		decimal_make(value, false, number, room);
}

static void make_hex(struct value *value, struct room *room)
{
	char *to = room_need(room, SHORT);
	size_t n = 0, digits = 1;
	uint64_t number;

	if (!is_number(value)) {
		make_binary(value, room);
		return;
	}
	number = number_of(value);
	while (digits < 16 && number >> 4 * digits)
		digits++;
	to[n++] = '0';
	to[n++] = 'x';
	while (digits--)
		to[n++] = digits_lower[number >> 4 * digits & 15];
	set(value, VALUE_text, room_take(room, n));
}

/* The shortest digits that are read back as the same number, as number_canonical has them. */
static int float_write(char *to, double number, bool single)
{
	int n = 0;

	if (number == floor(number) && fabs(number) < 9007199254740992.0)
		return snprintf(to, SHORT, "%.0f", number + 0.0);
	for (int precision = single ? 6 : 15; precision <= 17; precision++) {
		n = snprintf(to, SHORT, "%.*g", precision, number);
		if (single ? strtof(to, NULL) == (float)number : strtod(to, NULL) == number)
			break;
	}
	return n;
}

static void make_float(struct value *value, struct room *room)
{
	char *to = room_need(room, SHORT);
	uint32_t bits;
	uint64_t more_bits;
	double number;
	float single;
	int n;

	if (value->n == sizeof single) {
		bits = bytes_32(value->at);
		memcpy(&single, &bits, sizeof single);
		number = (double)single;
	} else if (value->n == sizeof number) {
		more_bits = bytes_64(value->at);
		memcpy(&number, &more_bits, sizeof number);
	} else {
		make_binary(value, room);
		return;
	}
	n = float_write(to, number, value->n == sizeof single);
	set(value, isfinite(number) ? VALUE_number : VALUE_text, room_take(room, (size_t)n));
}

static void make_flag(struct value *value, struct room *room)
{
	bool is = false;

	for (size_t i = 0; i < value->n; i++)
		is |= value->at[i] != 0;
	set(value, VALUE_flag, is ? TEXT("true") : TEXT("false"));
}

static char *hex_put(char *to, uint64_t number, unsigned digits)
{
	while (digits--)
		*to++ = digits_upper[number >> 4 * digits & 15];
	return to;
}

static void make_guid(struct value *value, struct room *room)
{
	char *start = room_need(room, SHORT), *to = start;

	if (value->n != 16) {
		make_binary(value, room);
		return;
	}
	to = hex_put(to, bytes_32(value->at), 8);
	*to++ = '-';
	to = hex_put(to, bytes_16(value->at + 4), 4);
	*to++ = '-';
	to = hex_put(to, bytes_16(value->at + 6), 4);
	for (int i = 8; i < 16; i++) {
		if (i == 8 || i == 10)
			*to++ = '-';
		to = hex_put(to, (unsigned char)value->at[i], 2);
	}
	set(value, VALUE_text, room_take(room, (size_t)(to - start)));
}

event_time value_time(uint64_t filetime)
{
	int64_t steps;
	event_time time;

	if (filetime > INT64_MAX)
		return NUMBER_NONE;
	steps = (int64_t)filetime - STEPS_TO_1970;
	return __builtin_mul_overflow(steps, 100, &time) ? NUMBER_NONE : time;
}

/* Times before 1677 and after 2262, which event_time does not hold. */
static struct text far_text(uint64_t filetime, char *buffer)
{
	time_t seconds = (time_t)(filetime / STEPS_PER_SECOND) - STEPS_TO_1970 / STEPS_PER_SECOND;
	struct tm at = {0};

	gmtime_r(&seconds, &at);
	return (struct text){buffer,
		(size_t)snprintf(buffer, SHORT, "%04d-%02d-%02dT%02d:%02d:%02d.%06uZ",
			at.tm_year + 1900, at.tm_mon + 1, at.tm_mday, at.tm_hour, at.tm_min,
			at.tm_sec, (unsigned)(filetime % STEPS_PER_SECOND / 10))};
}

static void make_filetime(struct value *value, struct room *room)
{
	enum { TO_MICROSECONDS = 26 }; /* of "2019-03-18T14:37:02.123456789Z" */
	struct text text;
	event_time time;
	char *to = room_need(room, SHORT);

	if (value->n != 8) {
		make_binary(value, room);
		return;
	}
	time = value_time(bytes_64(value->at));
	if (time == NUMBER_NONE) {
		text = far_text(bytes_64(value->at), to);
	} else {
		time_text(time, to);
		to[TO_MICROSECONDS] = 'Z';
		text = (struct text){to, TO_MICROSECONDS + 1};
	}
	set(value, VALUE_text, room_take(room, text.n));
}

static void make_systemtime(struct value *value, struct room *room)
{
	char *to = room_need(room, SHORT);
	uint16_t part[8];
	int n;

	if (value->n != sizeof part) {
		make_binary(value, room);
		return;
	}
	for (int i = 0; i < 8; i++)
		part[i] = bytes_16(value->at + 2 * i);
	/* part[2] is the day of the week */
	n = snprintf(to, SHORT, "%04u-%02u-%02uT%02u:%02u:%02u.%03u000Z", part[0], part[1],
		part[3], part[4], part[5], part[6], part[7]);
	set(value, VALUE_text, room_take(room, (size_t)n));
}

static size_t sid_size(const char *at, size_t n)
{
	size_t size = n >= 8 ? 8 + 4 * (size_t)(unsigned char)at[1] : 0;

	return size <= n ? size : 0;
}

/* [MS-DTYP] 2.4.2.1 */
static void make_sid(struct value *value, struct room *room)
{
	size_t size = sid_size(value->at, value->n);
	uint64_t authority = 0;
	char *start, *to;

	if (!size || size != value->n) {
		make_binary(value, room);
		return;
	}
	to = start = room_need(room, SHORT + size * 3);
	for (int i = 2; i < 8; i++)
		authority = authority << 8 | (unsigned char)value->at[i];
	to += sprintf(to, authority >> 32 ? "S-%u-0x%012llX" : "S-%u-%llu",
		(unsigned)(unsigned char)value->at[0], (unsigned long long)authority);
	for (size_t i = 8; i < size; i += 4) {
		char digits[10];
		unsigned n = 0;
		uint32_t number = bytes_32(value->at + i);

		do
			digits[n++] = (char)('0' + number % 10);
		while (number /= 10);
		*to++ = '-';
		while (n)
			*to++ = digits[--n];
	}
	set(value, VALUE_text, room_take(room, (size_t)(to - start)));
}

void value_make(struct value *value, struct room *room)
{
	if (value->made)
		return;
	value->made = true;
	switch (value->type) {
#define TYPE(number, name, size, how)                                                             \
	case number:                                                                              \
		make_##how(value, room);                                                          \
		break;
#include "import/evtx/value.def"
#undef TYPE
	default:
		make_binary(value, room);
	}
}

static size_t item_size(uint8_t type)
{
	switch (type) {
#define TYPE(number, name, size, how)                                                             \
	case number:                                                                              \
		return size;
#include "import/evtx/value.def"
#undef TYPE
	default:
		return 0;
	}
}

bool value_next(const struct value *array, size_t *from, struct value *item)
{
	uint8_t type = array->type & (uint8_t)~TYPE_array;
	size_t left = array->n - *from, n = item_size(type), gap = 0;
	const char *at = array->at + *from;

	if (!left)
		return false;
	if (type == TYPE_utf16 && left >= 2) {
		n = 2 * utf16_length(at, left / 2);
		gap = 2;
	} else if (type == TYPE_ansi) {
		n = strnlen(at, left);
		gap = 1;
	} else if (type == TYPE_sid) {
		n = sid_size(at, left);
	} else if (type == TYPE_size && left % 8) {
		n = 4;
	}
	*item = (struct value){.at = at, .n = (uint16_t)n, .type = type};
	if ((!n && !gap) || n > left)
		*item = (struct value){.at = at, .n = (uint16_t)left, .type = TYPE_binary};
	*from += item->n + gap;
	if (*from > array->n)
		*from = array->n;
	return true;
}
