// SPDX-License-Identifier: Apache-2.0
// Regular expressions by PCRE2.

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/memory.h"
#include "base/own.h"
#include "detect/sigma/regex.h"

enum {
	MATCH_LIMIT = 200000, /* steps of one search, about 2 ms */
	DEPTH_LIMIT = 20000,
	HEAP_LIMIT = 16384, /* KiB */
	JIT_STACK = 512 * 1024,
};

struct regex {
	pcre2_code *code;
	bool off;
};

void regex_room_clear(struct regex_room *room)
{
	pcre2_match_data_free(room->found);
	pcre2_match_context_free(room->limits);
	pcre2_jit_stack_free(room->stack);
	*room = (struct regex_room){0};
}

/* False when there is no memory. */
static bool room_make(struct regex_room *room)
{
	if (room->found)
		return true;
	room->limits = pcre2_match_context_create(NULL);
	room->stack = pcre2_jit_stack_create(32 * 1024, JIT_STACK, NULL);
	if (!room->limits || !room->stack)
		return false;
	pcre2_set_match_limit(room->limits, MATCH_LIMIT);
	pcre2_set_depth_limit(room->limits, DEPTH_LIMIT);
	pcre2_set_heap_limit(room->limits, HEAP_LIMIT);
	pcre2_jit_stack_assign(room->limits, NULL, room->stack);
	room->found = pcre2_match_data_create(1, NULL);
	return room->found;
}

void regex_free(struct regex **regex)
{
	if (!*regex)
		return;
	pcre2_code_free((*regex)->code);
	memory_free(regex);
}

struct regex *regex_new(struct text pattern, bool ignore_case, bool lines, bool dot_all,
	struct error *err)
{
	until_return(regex_free) struct regex *regex = memory_new(sizeof *regex);
	uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C |
		(ignore_case ? PCRE2_CASELESS : 0) | (lines ? PCRE2_MULTILINE : 0) |
		(dot_all ? PCRE2_DOTALL : 0);
	char why[160];
	PCRE2_SIZE where;
	int code;

	regex->code = pcre2_compile((PCRE2_SPTR)pattern.at, pattern.n, options, &code, &where,
		NULL);
	if (!regex->code) {
		pcre2_get_error_message(code, (PCRE2_UCHAR *)why, sizeof why);
		return fail_null(err, "%s, at character %zu of it", why, (size_t)where + 1);
	}
	pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE);
	return give(regex);
}

enum regex_answer regex_search(struct regex *regex, struct text value, struct regex_room *room)
{
	int result;

	if (__atomic_load_n(&regex->off, __ATOMIC_RELAXED) || !room_make(room))
		return REGEX_no;
	result = pcre2_match(regex->code, (PCRE2_SPTR)(value.at ? value.at : ""), value.n, 0, 0,
		room->found, room->limits);
	if (result >= 0)
		return REGEX_yes;
	if (result == PCRE2_ERROR_NOMATCH || result == PCRE2_ERROR_PARTIAL)
		return REGEX_no;
	__atomic_store_n(&regex->off, true, __ATOMIC_RELAXED);
	return REGEX_limit;
}
