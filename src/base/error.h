/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A refusal by the world, as one sentence for the user: lower case, no full stop, quoting its
 * subject, saying what failed, then why, then the remedy where there is one. Only the outermost
 * layer prints it.
 *
 *	if (!file)
 *		return fail(err, "cannot open '%s': %m", path);
 */
#pragma once

#include <stdarg.h>

#undef fail /* cmocka's, in tests */

struct error {
	char text[1024]; /* empty while nothing failed */
};

/* Puts the sentence into `err` (which may be NULL) and returns -1. `%m` is the text of errno. */
int fail(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same, for a function that returns a pointer: the value is NULL. */
#define fail_null(...) (fail(__VA_ARGS__), NULL)

/* Puts context in front of the sentence that is already there ("rule 'x.yml': "), and returns -1.
 */
int fail_in(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
