/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command of saker(1). To add one: a line in command.def, a file cli/<name>.c with `int
 * command_<name>(struct invocation *)`, a man page man/saker-<name>.1.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { EXIT_done = 0, EXIT_found = 1, EXIT_refused = 2 };

/* How a command was called. `argv[0]` is the command's name; the options common to all are taken
 * out already. */
struct invocation {
	int argc;
	char **argv;
	const char *store; /* --store DIR, else $SAKER_STORE, else what saker.conf says */
	bool store_given; /* by one of the first two */
	bool json; /* --json */
};

#define COMMAND(name, arguments, sentence) int command_##name(struct invocation *invocation);
#include "cli/command.def"
#undef COMMAND

/* Prints "saker NAME: sentence" to standard error and returns EXIT_refused. */
int refuse(const struct invocation *invocation, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Reads the value of an option into `number`; a sentence and EXIT_refused if it does not fit. */
int option_number(const struct invocation *invocation, const char *option, const char *value,
	int64_t least, int64_t most, int64_t *number);

/* Prints the usage line of the command from the table to standard error, and returns EXIT_refused.
 */
int usage(const struct invocation *invocation);
