// SPDX-License-Identifier: Apache-2.0
// The words that sentences are made of.

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/own.h"
#include "base/printable.h"
#include "intrusion/words.h"

enum { NAME_BYTES = 64, ITEM_BYTES = 160 };

static const int64_t second = 1000000000;

const char *const level_words[LEVEL_COUNT] = { "informational", "low", "medium", "high",
	"critical" };

bool level_known(struct text level)
{
	for (size_t i = 0; i < LEVEL_COUNT; i++)
		if (text_is(level, level_words[i]))
			return true;
	return false;
}

unsigned level_rank(struct text level)
{
	for (unsigned i = 0; i < LEVEL_COUNT; i++)
		if (text_is(level, level_words[i]))
			return i;
	return 0;
}

static struct text shown(struct text text, size_t max, struct arena *arena)
{
	return text_shorten(arena, text_printable(arena, text), max);
}

struct text process_short(const struct process *process, struct arena *arena)
{
	struct text name = { 0 };

	if (process)
		name = process->name.n	       ? process->name
		       : process->executable.n ? text_basename(process->executable)
					       : process->comm;
	return name.n ? shown(name, NAME_BYTES, arena) : TEXT("?");
}

static struct text user_words(const struct process *process, struct arena *arena)
{
	if (process->user.n)
		return shown(process->user, NAME_BYTES, arena);
	if (process->uid != NUMBER_NONE)
		return arena_format(arena, "uid %" PRId64, process->uid);
	return TEXT("");
}

struct text process_words(const struct process *process, struct arena *arena)
{
	struct text name = process_short(process, arena), user;

	if (!process || (text_is(name, "?") && process->pid == NUMBER_NONE))
		return TEXT("an unknown process");
	if (text_is(name, "?"))
		name = TEXT("an unknown program");
	user = user_words(process, arena);
	if (process->pid == NUMBER_NONE)
		return user.n ? arena_format(arena, "%.*s (%.*s)", TEXT_PRINT(name),
					TEXT_PRINT(user))
			      : name;
	return arena_format(arena, "%.*s (pid %" PRId64 "%s%.*s)", TEXT_PRINT(name), process->pid,
		user.n ? ", " : "", TEXT_PRINT(user));
}

struct text process_command(const struct process *process, size_t max, struct arena *arena)
{
	struct text text = process->command_line.n ? process->command_line : process->executable;

	return text.n ? shown(text, max, arena) : (struct text){ 0 };
}

static const struct prevention {
	const char *result, *rung;
	bool happened;
	const char *words;
} preventions[] = {
#define HAPPENED_yes true
#define HAPPENED_no false
#define PREVENTION(result, rung, happened, words) { result, rung, HAPPENED_##happened, words },
#include "intrusion/prevention.def"
#undef PREVENTION
};

static const struct prevention *prevention_of(const struct detection *detection)
{
	for (size_t i = 0; i < array_size(preventions); i++) {
		const struct prevention *prevention = &preventions[i];

		if (text_is(detection->result, prevention->result) &&
			(!*prevention->rung || text_is(detection->rung, prevention->rung)))
			return prevention;
	}
	return NULL;
}

bool detection_is_prevented(const struct detection *detection)
{
	const struct prevention *prevention = prevention_of(detection);

	return prevention && !prevention->happened;
}

struct text prevention_words(const struct detection *detection, struct arena *arena)
{
	const struct prevention *prevention = prevention_of(detection);
	bool failed = detection->error != NUMBER_NONE && detection->error;
	struct text rung = detection->rung.n ? shown(detection->rung, NAME_BYTES, arena)
					     : TEXT("");
	struct text words = prevention ? text_of(prevention->words)
				       : shown(detection->result, NAME_BYTES, arena);
	char buffer[128];

	if (failed)
		return arena_format(arena, "%.*s (%.*s%s%s)", TEXT_PRINT(words), TEXT_PRINT(rung),
			rung.n ? ": " : "",
			strerror_r((int)detection->error, buffer, sizeof buffer));
	if (text_is(detection->result, "timeout") && rung.n)
		return arena_format(arena, "%.*s (%.*s)", TEXT_PRINT(words), TEXT_PRINT(rung));
	return words;
}

struct text number_words(int64_t number, struct arena *arena)
{
	char digits[24], out[32];
	size_t n = 0, from = number < 0;
	size_t length = (size_t)snprintf(digits, sizeof digits, "%" PRId64, number);

	for (size_t i = 0; i < length; i++) {
		if (i > from && (length - i) % 3 == 0)
			out[n++] = ',';
		out[n++] = digits[i];
	}
	return arena_copy(arena, (struct text){ out, n });
}

struct text count_words(int64_t number, const char *noun, struct arena *arena)
{
	return arena_format(arena, "%.*s %s%s", TEXT_PRINT(number_words(number, arena)), noun,
		number == 1 ? "" : "s");
}

struct text duration_words(int64_t nanoseconds, struct arena *arena)
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = { { 86400, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } };
	const char *sign = nanoseconds < 0 ? "-" : "";
	uint64_t positive = nanoseconds < 0 ? -(uint64_t)nanoseconds : (uint64_t)nanoseconds;
	int64_t whole = (int64_t)(positive / (uint64_t)second);

	for (size_t i = 0; i + 1 < array_size(units); i++)
		if (whole >= units[i].seconds)
			return arena_format(arena, "%s%" PRId64 " %s %" PRId64 " %s", sign,
				whole / units[i].seconds, units[i].name,
				whole % units[i].seconds / units[i + 1].seconds,
				units[i + 1].name);
	return arena_format(arena, "%s%" PRId64 ".%03" PRId64 " s", sign, whole,
		(int64_t)(positive % (uint64_t)second) / 1000000);
}

struct text time_words(event_time time, struct arena *arena)
{
	enum { TO_SECONDS = 19, TO_MILLISECONDS = 23 };
	char buffer[FIELD_BUFFER];
	struct text text;

	if (time == NUMBER_NONE)
		return TEXT("an unknown time");
	text = time_text(time, buffer);
	if (text.n <= TO_MILLISECONDS || text.at[TO_SECONDS] != '.')
		return arena_copy(arena, text);
	return arena_format(arena, "%.*sZ", TO_MILLISECONDS, text.at);
}

struct text time_prose(event_time time, struct arena *arena)
{
	enum { DAY = 10, CLOCK = 11, CLOCK_BYTES = 8 }; /* "2015-09-26T10:00:00" */
	char buffer[FIELD_BUFFER];
	struct text text;

	if (time == NUMBER_NONE)
		return TEXT("an unknown time");
	text = time_text(time, buffer);
	if (text.n < CLOCK + CLOCK_BYTES)
		return arena_copy(arena, text);
	return arena_format(arena, "%.*s %.*s UTC", DAY, text.at, CLOCK_BYTES, text.at + CLOCK);
}

struct text list_words(struct text_list list, const char *last_and, struct arena *arena)
{
	struct text out = TEXT("");

	for (size_t i = 0; i < list.n; i++)
		out = arena_format(arena, "%.*s%s%.*s", TEXT_PRINT(out),
			!i		 ? ""
			: i + 1 < list.n ? ", "
					 : last_and,
			TEXT_PRINT(shown(list.at[i], ITEM_BYTES, arena)));
	return out;
}
