/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the commands that look into the store have in common: their options, and how they say that
 * output failed.
 */
#pragma once

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/command.h"
#include "event/event.h"

/*
 * If argument `*i` is the option `name`, its value: what follows '=', or the next argument (`*i`
 * moves there). NULL if it is another; "" if the value is missing.
 */
static inline const char *look_option(const struct invocation *invocation, int *i,
	const char *name)
{
	const char *argument = invocation->argv[*i];
	size_t n = strlen(name);

	if (strncmp(argument, name, n))
		return NULL;
	if (argument[n] == '=')
		return argument + n + 1;
	if (argument[n])
		return NULL;
	return *i + 1 < invocation->argc ? invocation->argv[++*i] : "";
}

static inline event_time look_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/*
 * Sends what was written on its way: EXIT_done, or a sentence and EXIT_refused. `name`: of the
 * file.
 */
static inline int look_finish(const struct invocation *invocation, FILE *out, const char *name)
{
	if (!fflush(out) && !ferror(out))
		return EXIT_done;
	return refuse(invocation, "cannot write to %s: %m", name);
}
