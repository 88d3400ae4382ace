// SPDX-License-Identifier: Apache-2.0
// Decimal numbers as text.

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/number.h"

static size_t digits(struct text text, size_t i)
{
	size_t start = i;

	while (i < text.n && text.at[i] >= '0' && text.at[i] <= '9')
		i++;
	return i - start;
}

/* [-+]? ( digits [. digits] | . digits ) ( [eE] [-+]? digits )? */
bool number_is_decimal(struct text text, bool *whole)
{
	size_t i = text.n && (text.at[0] == '-' || text.at[0] == '+'), n = digits(text, i), m = 0;

	*whole = true;
	i += n;
	if (i < text.n && text.at[i] == '.') {
		*whole = false;
		m = digits(text, ++i);
		i += m;
	}
	if (!n && !m)
		return false;
	if (i < text.n && (text.at[i] == 'e' || text.at[i] == 'E')) {
		*whole = false;
		i++;
		i += i < text.n && (text.at[i] == '-' || text.at[i] == '+');
		n = digits(text, i);
		if (!n)
			return false;
		i += n;
	}
	return i == text.n;
}

bool number_is_hexadecimal(struct text text)
{
	if (text.n < 3 || text.n > 18 || text.at[0] != '0' || text.at[1] != 'x')
		return false;
	for (size_t i = 2; i < text.n; i++)
		if (!((text.at[i] >= '0' && text.at[i] <= '9') ||
		      (text.at[i] >= 'a' && text.at[i] <= 'f') ||
		      (text.at[i] >= 'A' && text.at[i] <= 'F')))
			return false;
	return true;
}

static uint64_t hexadecimal_read(struct text number)
{
	uint64_t value = 0;

	for (size_t i = 2; i < number.n; i++) {
		int digit = number.at[i] | 32;

		value = value << 4 | (uint64_t)(digit >= 'a' ? digit - 'a' + 10 : digit - '0');
	}
	return value;
}

static struct text whole_canonical(struct text number)
{
	bool minus = number.at[0] == '-';
	size_t i = minus || number.at[0] == '+';

	while (i + 1 < number.n && number.at[i] == '0')
		i++;
	if (minus && number.at[i] != '0') {
		if (i == 1)
			return number;
		return (struct text){NULL, i}; /* "-007": the sign must move */
	}
	return (struct text){number.at + i, number.n - i};
}

static struct text float_canonical(struct text number, struct arena *arena)
{
	char buffer[64];
	double value;

	if (number.n >= sizeof buffer)
		return number;
	memcpy(buffer, number.at, number.n);
	buffer[number.n] = 0;
	value = strtod(buffer, NULL);
	if (value == floor(value) && fabs(value) < 9007199254740992.0)
		return arena_format(arena, "%.0f", value + 0.0);
	for (int precision = 1; precision < 18; precision++) {
		snprintf(buffer, sizeof buffer, "%.*g", precision, value);
		if (strtod(buffer, NULL) == value)
			break;
	}
	return arena_format(arena, "%s", buffer);
}

struct text number_canonical(struct text number, struct arena *arena)
{
	bool whole;
	struct text digits_only;

	if (number_is_hexadecimal(number))
		return arena_format(arena, "%llu", (unsigned long long)hexadecimal_read(number));
	if (!number_is_decimal(number, &whole))
		return (struct text){0};
	if (!whole)
		return float_canonical(number, arena);
	digits_only = whole_canonical(number);
	if (digits_only.at)
		return digits_only;
	return arena_format(arena, "-%.*s", (int)(number.n - digits_only.n),
		number.at + digits_only.n);
}
