// SPDX-License-Identifier: Apache-2.0
// saker(1): finds the command in the table, takes the common options out, and runs it.

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/own.h"
#include "cli/command.h"
#include "daemon/roles.h"
#include "daemon/settings.h"
#include "base/text.h"

static const struct command {
	const char *name, *arguments, *sentence;
	int (*run)(struct invocation *invocation);
} commands[] = {
#define COMMAND(name, arguments, sentence) {#name, arguments, sentence, command_##name},
#include "cli/command.def"
#undef COMMAND
};

static const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < array_size(commands); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

int refuse(const struct invocation *invocation, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "saker %s: ", invocation->argv[0]);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return EXIT_refused;
}

int option_number(const struct invocation *invocation, const char *option, const char *value,
	int64_t least, int64_t most, int64_t *number)
{
	if (text_number(text_of(value), number) && *number >= least && *number <= most)
		return EXIT_done;
	return refuse(invocation, "%s takes a number from %lld to %lld, not '%s'", option,
		(long long)least, (long long)most, value);
}

static void usage_print(FILE *to, const struct command *command)
{
	fprintf(to, "usage: saker %s%s%s [--store DIR] [--json]\n", command->name,
		*command->arguments ? " " : "", command->arguments);
}

int usage(const struct invocation *invocation)
{
	usage_print(stderr, command_find(invocation->argv[0]));
	return EXIT_refused;
}

static int help(void)
{
	printf("saker protects Linux hosts: it sees, judges, stops and tells.\n\n"
	       "usage: saker COMMAND [--store DIR] [--json] ...\n\n");
	for (size_t i = 0; i < array_size(commands); i++)
		printf("  %-11s %s\n", commands[i].name, commands[i].sentence);
	printf("\n`saker COMMAND --help` shows how a command is called; saker-COMMAND(1) says "
	       "more.\n"
	       "Exit codes: 0 done, 1 done and something was found, 2 the request was wrong or "
	       "could "
	       "not be carried out.\n");
	return EXIT_done;
}

static int unknown(const char *name)
{
	const char *names[array_size(commands)], *meant;

	for (size_t i = 0; i < array_size(commands); i++)
		names[i] = commands[i].name;
	meant = nearest(name, names, array_size(names));
	if (meant)
		fprintf(stderr, "saker: no command is called '%s'; did you mean '%s'\n", name,
			meant);
	else
		fprintf(stderr, "saker: no command is called '%s' (see `saker --help`)\n", name);
	return EXIT_refused;
}

/* Takes --store and --json out of the arguments. False if --store has no folder behind it. */
static bool common_options(struct invocation *invocation)
{
	int kept = 1;

	for (int i = 1; i < invocation->argc; i++) {
		char *argument = invocation->argv[i];

		if (!strcmp(argument, "--json")) {
			invocation->json = true;
		} else if (!strcmp(argument, "--store")) {
			if (++i >= invocation->argc)
				return false;
			invocation->store = invocation->argv[i];
		} else if (!strncmp(argument, "--store=", 8)) {
			invocation->store = argument + 8;
		} else {
			invocation->argv[kept++] = argument;
		}
	}
	invocation->argc = kept;
	invocation->argv[kept] = NULL;
	return !invocation->store || *invocation->store;
}

static bool asks_help(const struct invocation *invocation)
{
	for (int i = 1; i < invocation->argc; i++)
		if (!strcmp(invocation->argv[i], "--help") || !strcmp(invocation->argv[i], "-h"))
			return true;
	return false;
}

/* As the settings say. What is wrong in their file, `saker run` tells. */
static void store_default(struct invocation *invocation, struct settings *settings)
{
	settings_read(settings, SETTINGS_FILE, NULL);
	invocation->store = settings->store;
}

static int run(const struct command *command, int argc, char **argv)
{
	until_return(settings_clear) struct settings settings;
	const char *store = getenv("SAKER_STORE");
	struct invocation invocation = {.argc = argc, .argv = argv};

	settings_init(&settings);
	if (store && *store)
		invocation.store = store;
	if (!common_options(&invocation))
		return refuse(&invocation, "--store needs a folder");
	invocation.store_given = invocation.store;
	if (!invocation.store)
		store_default(&invocation, &settings);
	if (asks_help(&invocation)) {
		usage_print(stdout, command);
		printf("%s\n", command->sentence);
		return EXIT_done;
	}
	return command->run(&invocation);
}

int main(int argc, char **argv)
{
	int status = role_dispatch(argc, argv);
	const struct command *command;

	if (status >= 0)
		return status;
	if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
		!strcmp(argv[1], "help"))
		return argc < 2 ? help(), EXIT_refused : help();
	if (!strcmp(argv[1], "--version")) {
		printf("saker %s\n", SAKER_VERSION);
		return EXIT_done;
	}
	command = command_find(argv[1]);
	return command ? run(command, argc - 1, argv + 1) : unknown(argv[1]);
}
