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

struct text time_text(event_time time, char *buffer)
{
	int64_t nanoseconds = time % second, seconds = time / second;
	time_t whole;
	struct tm tm;
	int n;

	if (time == NUMBER_NONE)
		return (struct text){0};
	if (nanoseconds < 0) {
		nanoseconds += second;
		seconds--;
	}
	whole = (time_t)seconds;
	gmtime_r(&whole, &tm);
	n = snprintf(buffer, FIELD_BUFFER, "%04d-%02d-%02dT%02d:%02d:%02d.%09dZ",
		tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		(int)nanoseconds);
	return (struct text){buffer, (size_t)n};
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
