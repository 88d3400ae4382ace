// SPDX-License-Identifier: Apache-2.0
// Values of fields as text, and the texts of times and addresses.

#include <arpa/inet.h>
#include <stdio.h>
#include <time.h>

#include "event/event.h"

static const void *value_at(const struct field *field, const void *object)
{
	return (const char *)object + field->offset;
}

bool field_known(const struct field *field, const void *object)
{
	const void *value = value_at(field, object);

	switch (field->type) {
	case FIELD_text: return ((const struct text *)value)->at;
	case FIELD_list: return ((const struct text_list *)value)->at;
	case FIELD_number:
	case FIELD_time: return *(const int64_t *)value != NUMBER_NONE;
	case FIELD_flag: return true;
	case FIELD_id: return !entity_is_none(*(const struct entity *)value);
	case FIELD_address: return ((const struct address *)value)->family;
	}
	return false;
}

static struct text number_text(int64_t number, char *buffer)
{
	return (struct text){buffer,
		(size_t)snprintf(buffer, FIELD_BUFFER, "%lld", (long long)number)};
}

struct text field_text(const struct field *field, const void *object, char *buffer)
{
	const void *value = value_at(field, object);

	if (!field_known(field, object))
		return (struct text){0};
	switch (field->type) {
	case FIELD_text: return *(const struct text *)value;
	case FIELD_number: return number_text(*(const int64_t *)value, buffer);
	case FIELD_time: return time_text(*(const event_time *)value, buffer);
	case FIELD_flag: return *(const bool *)value ? TEXT("true") : TEXT("false");
	case FIELD_id: return entity_text(*(const struct entity *)value, buffer);
	case FIELD_address: return address_text(*(const struct address *)value, buffer);
	case FIELD_list: break;
	}
	return (struct text){0};
}

struct text_list field_list(const struct field *field, const void *object)
{
	return field->type == FIELD_list ? *(const struct text_list *)value_at(field, object)
					 : (struct text_list){0};
}

struct text address_text(struct address address, char *buffer)
{
	int family = address.family == 4 ? AF_INET : AF_INET6;

	if (!address.family || !inet_ntop(family, address.bytes, buffer, FIELD_BUFFER))
		return (struct text){0};
	return text_of(buffer);
}

bool address_read(struct text text, struct address *address)
{
	struct address read = {0};
	char copy[INET6_ADDRSTRLEN + 1];

	if (!text.n || text.n >= sizeof copy)
		return false;
	memcpy(copy, text.at, text.n);
	copy[text.n] = 0;
	if (inet_pton(AF_INET, copy, read.bytes) == 1)
		read.family = 4;
	else if (inet_pton(AF_INET6, copy, read.bytes) == 1)
		read.family = 6;
	else
		return false;
	*address = read;
	return true;
}

static const int64_t second = 1000000000;

/*
 * The date, `days` after 1970-01-01 (H. Hinnant, "chrono-compatible low-level date algorithms").
 */
static void date_of(int64_t days, unsigned *year, unsigned *month, unsigned *day)
{
	/* counted from 0000-03-01, in eras of 400 years, so that the leap day ends a year */
	uint64_t from = (uint64_t)(days + 719468), era = from / 146097;
	unsigned in_era = (unsigned)(from % 146097);
	unsigned y = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	unsigned in_year = in_era - (365 * y + y / 4 - y / 100), m = (5 * in_year + 2) / 153;

	*day = in_year - (153 * m + 2) / 5 + 1;
	*month = m < 10 ? m + 3 : m - 9;
	*year = (unsigned)era * 400 + y + (*month <= 2);
}

static void put_digits(char *at, size_t count, uint64_t number)
{
	while (count--) {
		at[count] = (char)('0' + number % 10);
		number /= 10;
	}
}

struct text time_text(event_time time, char *buffer)
{
	static const char form[] = "YYYY-MM-DDThh:mm:ss.nnnnnnnnnZ";
	int64_t nanoseconds = time % second, seconds = time / second, days, in_day;
	unsigned year, month, day;

	if (time == NUMBER_NONE)
		return (struct text){0};
	if (nanoseconds < 0) {
		nanoseconds += second;
		seconds--;
	}
	in_day = seconds % 86400;
	days = seconds / 86400;
	if (in_day < 0) {
		in_day += 86400;
		days--;
	}
	date_of(days, &year, &month, &day);
	memcpy(buffer, form, sizeof form);
	put_digits(buffer, 4, year);
	put_digits(buffer + 5, 2, month);
	put_digits(buffer + 8, 2, day);
	put_digits(buffer + 11, 2, (uint64_t)in_day / 3600);
	put_digits(buffer + 14, 2, (uint64_t)in_day / 60 % 60);
	put_digits(buffer + 17, 2, (uint64_t)in_day % 60);
	put_digits(buffer + 20, 9, (uint64_t)nanoseconds);
	return (struct text){buffer, sizeof form - 1};
}

/* Takes exactly `count` digits off the front. */
static bool take_digits(struct text *text, size_t count, int *number)
{
	*number = 0;
	if (text->n < count)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (text->at[i] < '0' || text->at[i] > '9')
			return false;
		*number = *number * 10 + text->at[i] - '0';
	}
	*text = (struct text){text->at + count, text->n - count};
	return true;
}

static bool take(struct text *text, const char *any)
{
	if (!text->n || !strchr(any, text->at[0]))
		return false;
	*text = (struct text){text->at + 1, text->n - 1};
	return true;
}

static bool take_fraction(struct text *text, int64_t *nanoseconds)
{
	int64_t unit = second;
	int number;

	*nanoseconds = 0;
	if (!take(text, "."))
		return true;
	if (!text->n || text->at[0] < '0' || text->at[0] > '9')
		return false;
	while (text->n && take_digits(text, 1, &number)) {
		unit /= 10;
		*nanoseconds += number * unit;
	}
	return true;
}

static bool take_zone(struct text *text, int *seconds)
{
	bool west = text->n && text->at[0] == '-';
	int hours, minutes;

	*seconds = 0;
	if (!text->n || take(text, "Zz"))
		return true;
	if (!take(text, "+-") || !take_digits(text, 2, &hours))
		return false;
	take(text, ":");
	if (!take_digits(text, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*seconds = (hours * 60 + minutes) * (west ? -60 : 60);
	return true;
}

bool time_read(struct text text, event_time *time)
{
	struct tm tm = {0};
	int64_t nanoseconds;
	int zone;

	if (!take_digits(&text, 4, &tm.tm_year) || !take(&text, "-") ||
	    !take_digits(&text, 2, &tm.tm_mon) || !take(&text, "-") ||
	    !take_digits(&text, 2, &tm.tm_mday) || !take(&text, "Tt ") ||
	    !take_digits(&text, 2, &tm.tm_hour) || !take(&text, ":") ||
	    !take_digits(&text, 2, &tm.tm_min) || !take(&text, ":") ||
	    !take_digits(&text, 2, &tm.tm_sec) || !take_fraction(&text, &nanoseconds) ||
	    !take_zone(&text, &zone) || text.n)
		return false;
	if (tm.tm_year < 1700 || tm.tm_year > 2200 || !tm.tm_mon || tm.tm_mon > 12 ||
		!tm.tm_mday || tm.tm_mday > 31 || tm.tm_hour > 23 || tm.tm_min > 59 ||
		tm.tm_sec > 60)
		return false; /* what nanoseconds in 64 bits can hold is 1678 to 2261 */
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	*time = ((int64_t)timegm(&tm) - zone) * second + nanoseconds;
	return true;
}
