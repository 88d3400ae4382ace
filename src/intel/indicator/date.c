// SPDX-License-Identifier: Apache-2.0
// Dates as feeds write them.

#include <time.h>

#include "intel/indicator/date.h"

enum { EPOCH_DIGITS = 8, MILLISECOND_DIGITS = 12 };

/* Takes a number of `least` to `most` digits off the front. */
static bool take_number(struct text *text, size_t least, size_t most, int *number)
{
	size_t n = 0;

	for (*number = 0; n < text->n && n < most && text->at[n] >= '0' && text->at[n] <= '9'; n++)
		*number = *number * 10 + text->at[n] - '0';
	*text = (struct text){text->at + n, text->n - n};
	return n >= least;
}

static bool take(struct text *text, const char *any)
{
	if (!text->n || !text->at[0] || !strchr(any, text->at[0]))
		return false;
	*text = (struct text){text->at + 1, text->n - 1};
	return true;
}

static bool take_date(struct text *text, struct tm *tm)
{
	if (!take_number(text, 4, 4, &tm->tm_year) || !take(text, "-/") ||
		!take_number(text, 1, 2, &tm->tm_mon) || !take(text, "-/") ||
		!take_number(text, 1, 2, &tm->tm_mday))
		return false;
	tm->tm_year -= 1900;
	tm->tm_mon--;
	return tm->tm_year >= 0 && tm->tm_mon >= 0 && tm->tm_mon < 12 && tm->tm_mday &&
		tm->tm_mday <= 31;
}

static bool take_clock(struct text *text, struct tm *tm)
{
	int fraction;

	if (!take_number(text, 2, 2, &tm->tm_hour) || !take(text, ":") ||
		!take_number(text, 2, 2, &tm->tm_min))
		return false;
	if (take(text, ":") && !take_number(text, 2, 2, &tm->tm_sec))
		return false;
	if (take(text, ".") && !take_number(text, 1, 9, &fraction))
		return false;
	return tm->tm_hour < 24 && tm->tm_min < 60 && tm->tm_sec <= 60;
}

static bool take_zone(struct text *text, int *seconds)
{
	bool west;
	int hours, minutes = 0;

	*seconds = 0;
	take(text, " ");
	if (!text->n || text_is(*text, "Z") || text_is(*text, "z") || text_is(*text, "UTC"))
		return true;
	west = text->at[0] == '-';
	if (!take(text, "+-") || !take_number(text, 2, 2, &hours))
		return false;
	take(text, ":");
	if (text->n && !take_number(text, 2, 2, &minutes))
		return false;
	*seconds = (hours * 60 + minutes) * (west ? -60 : 60);
	return !text->n && hours < 24 && minutes < 60;
}

bool date_read(struct text text, int64_t *seconds)
{
	struct tm tm = {0};
	int64_t number;
	int zone = 0;

	if (text.n >= EPOCH_DIGITS && text_number(text, &number)) {
		*seconds = text.n >= MILLISECOND_DIGITS ? number / 1000 : number;
		return true;
	}
	if (!take_date(&text, &tm))
		return false;
	if (text.n && (!take(&text, "Tt ") || !take_clock(&text, &tm) || !take_zone(&text, &zone)))
		return false;
	*seconds = (int64_t)timegm(&tm) - zone;
	return true;
}
