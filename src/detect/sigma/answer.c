// SPDX-License-Identifier: Apache-2.0
// The answers to predicates that are no plain texts: patterns, regular expressions, networks,
// numbers, times, other fields, and whether a field is there.

#include <stdlib.h>

#include "detect/sigma/row.h"

bool number_read(struct text text, long double *number)
{
	char buffer[64], *end;
	size_t i = text.n && (text.at[0] == '-' || text.at[0] == '+');

	if (!text.n || text.n >= sizeof buffer || i == text.n)
		return false;
	for (size_t j = i; j < text.n; j++)
		if (!strchr("0123456789.eE+-", text.at[j]) || !text.at[j])
			return false;
	memcpy(buffer, text.at, text.n);
	buffer[text.n] = 0;
	*number = strtold(buffer, &end);
	return end == buffer + text.n;
}

/* Digits `from` .. `from + n - 1` as a number, -1 if they are none. */
static int digits_at(struct text text, size_t from, size_t n)
{
	int value = 0;

	if (text.n < from + n)
		return -1;
	for (size_t i = from; i < from + n; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return -1;
		value = value * 10 + text.at[i] - '0';
	}
	return value;
}

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100) || year % 400 == 0;
}

/* Day of the week of a date, Monday is 1 (Sakamoto). */
static int weekday(int year, int month, int day)
{
	static const int shift[] = {0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4};
	int sunday_is_0;

	year -= month < 3;
	sunday_is_0 = (year + year / 4 - year / 100 + year / 400 + shift[month - 1] + day) % 7;
	return sunday_is_0 ? sunday_is_0 : 7;
}

/* Weeks of an ISO year: 53 if it begins on a Thursday, or on a Wednesday and is leap. */
static int weeks_in(int year)
{
	int first = weekday(year, 1, 1);

	return first == 4 || (first == 3 && is_leap(year)) ? 53 : 52;
}

static int iso_week(int year, int month, int day)
{
	static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
	int of_year = before[month - 1] + day + (month > 2 && is_leap(year));
	int week = (of_year - weekday(year, month, day) + 10) / 7;

	if (week < 1)
		return weeks_in(year - 1);
	return week > weeks_in(year) ? 1 : week;
}

int time_part_read(struct text text, enum time_part part)
{
	int year = digits_at(text, 0, 4), month = digits_at(text, 5, 2);
	int day = digits_at(text, 8, 2), hour = digits_at(text, 11, 2);
	int minute = digits_at(text, 14, 2);

	if (year < 1 || month < 1 || month > 12 || day < 1 || day > 31 || text.at[4] != '-' ||
	    text.at[7] != '-')
		return -1;
	switch (part) {
	case PART_year:
		return year;
	case PART_month:
		return month;
	case PART_day:
		return day;
	case PART_week:
		return iso_week(year, month, day);
	case PART_hour:
		return text.n > 10 && (text.at[10] == 'T' || text.at[10] == ' ') ? hour : -1;
	default:
		return hour >= 0 && text.at[13] == ':' ? minute : -1;
	}
}

static bool compare(enum comparison comparison, long double a, long double b)
{
	switch (comparison) {
	case COMPARE_lt:
		return a < b;
	case COMPARE_lte:
		return a <= b;
	case COMPARE_gt:
		return a > b;
	case COMPARE_gte:
		return a >= b;
	default:
		return a == b;
	}
}

static bool texts_compare(enum operation place, struct text value, struct text other)
{
	switch (place) {
	case OPERATION_starts:
		return text_starts(value, other);
	case OPERATION_ends:
		return text_ends(value, other);
	case OPERATION_contains:
		return !other.n || memmem(value.at, value.n, other.at, other.n);
	default:
		return text_equal(value, other);
	}
}

/* Whether one value of the one field and one of the other fit. */
static bool reference_test(const struct predicate *p, struct row *row)
{
	for (uint32_t i = row_first(row, p->field); i; i = row->values[i].next) {
		if (row->values[i].kind >= VALUE_null)
			continue;
		for (uint32_t j = row_first(row, p->other); j; j = row->values[j].next) {
			struct text value = row_view(row, i, p->view);

			if (row->values[j].kind < VALUE_null &&
			    texts_compare(p->place, value, row_view(row, j, p->view)))
				return true;
		}
	}
	return false;
}

static bool value_test(struct predicate *p, struct row *row, uint32_t value, bool *limit)
{
	enum value_kind kind = row->values[value].kind;
	struct text raw = row->values[value].view[VIEW_raw];
	long double number;
	enum regex_answer answer;

	if (p->operation == OPERATION_exists)
		return true;
	if (p->operation == OPERATION_null)
		return kind == VALUE_null;
	if (kind == VALUE_null)
		return false;
	switch (p->operation) {
	case OPERATION_present:
		return true;
	case OPERATION_empty:
		return kind == VALUE_text && !raw.n;
	case OPERATION_pattern:
		return kind != VALUE_object &&
			pattern_match(&p->pattern, row_view(row, value, p->view));
	case OPERATION_cidr:
		return cidr_holds(&p->cidr, raw);
	case OPERATION_number:
		return number_read(raw, &number) && compare(p->comparison, number, p->number);
	case OPERATION_time:
		number = time_part_read(raw, p->part);
		return number >= 0 && compare(p->comparison, number, p->number);
	case OPERATION_regex:
		answer = kind == VALUE_object ? REGEX_no : regex_search(p->regex, raw, row->room);
		*limit |= answer == REGEX_limit;
		return answer == REGEX_yes;
	default:
		return kind != VALUE_object &&
			texts_compare(p->operation, row_view(row, value, p->view), p->text);
	}
}

bool predicate_test(struct predicate *p, struct row *row, bool *limit)
{
	uint32_t value = row_first(row, p->field);

	if (p->operation == OPERATION_reference)
		return reference_test(p, row);
	if (!value)
		return p->operation == OPERATION_null;
	for (; value; value = row->values[value].next)
		if (value_test(p, row, value, limit))
			return true;
	return false;
}
