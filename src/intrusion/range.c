// SPDX-License-Identifier: Apache-2.0
// Points in time as people give them.

#include <stdio.h>

#include "base/own.h"
#include "intrusion/range.h"

static const struct {
	char unit;
	int64_t seconds;
} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 } };

static bool ago_read(struct text text, event_time now, event_time *time)
{
	int64_t number, span;

	if (text.n < 2 || !text_number((struct text){ text.at, text.n - 1 }, &number) ||
		number < 0)
		return false;
	for (size_t i = 0; i < array_size(units); i++)
		if (text.at[text.n - 1] == units[i].unit &&
			!__builtin_mul_overflow(number, units[i].seconds * 1000000000, &span)) {
			*time = now - span;
			return true;
		}
	return false;
}

static bool day_read(struct text text, event_time *time)
{
	enum { DAY = 10 /* "2015-09-26" */ };
	char whole[32], buffer[FIELD_BUFFER];
	event_time day;

	if (text.n != DAY)
		return false;
	snprintf(whole, sizeof whole, "%.*sT00:00:00Z", DAY, text.at);
	/* a day that does not exist comes back as another */
	if (!time_read(text_of(whole), &day) || memcmp(time_text(day, buffer).at, text.at, DAY))
		return false;
	*time = day;
	return true;
}

int range_since(const char *text, event_time now, event_time *time, struct error *err)
{
	struct text given = text_of(text);

	if (ago_read(given, now, time) || day_read(given, time) || time_read(given, time))
		return 0;
	return fail(err,
		"'%.*s' is no time; write 30m, 2h or 1d for how long ago, or a time like "
		"2015-09-26T10:00:00Z",
		(int)given.n, given.at);
}
