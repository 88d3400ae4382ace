// SPDX-License-Identifier: Apache-2.0
// The texts of one exec, packed: first the arrays of the lists, then the bytes.

#include "base/memory.h"
#include "base/own.h"
#include "sensor/facts.h"

/*
 * The fields that own their bytes; the name is the end of the executable, and so on: see relocate
 * below.
 */
static const size_t owned[] = {
	offsetof(struct process, executable), offsetof(struct process, invoked),
	offsetof(struct process, command_line), offsetof(struct process, args_hash),
	offsetof(struct process, working_directory), offsetof(struct process, interpreter),
	offsetof(struct process, script), offsetof(struct process, tty),
	offsetof(struct process, cgroup),
};

static struct text *text_in(struct process *process, size_t offset)
{
	return (struct text *)((char *)process + offset);
}

static size_t bytes_needed(struct process *process)
{
	size_t n = (process->args.n + process->env.n) * sizeof(struct text);

	for (size_t i = 0; i < array_size(owned); i++)
		n += text_in(process, owned[i])->n;
	for (size_t i = 0; i < process->env.n; i++)
		n += process->env.at[i].n;
	return n;
}

static void text_move(struct text *text, char **to)
{
	if (!text->at)
		return;
	memcpy(*to, text->at, text->n);
	text->at = *to;
	*to += text->n;
}

/* The arguments are parts of the command line: they move with it. */
static void args_move(struct process *process, const char *was, struct text *array)
{
	for (size_t i = 0; i < process->args.n; i++)
		array[i] = (struct text){
			process->command_line.at + (process->args.at[i].at - was),
			process->args.at[i].n,
		};
	process->args.at = array;
}

static void env_move(struct process *process, struct text *array, char **to)
{
	for (size_t i = 0; i < process->env.n; i++) {
		array[i] = process->env.at[i];
		text_move(&array[i], to);
	}
	process->env.at = array;
}

struct facts *facts_pack(struct process *process)
{
	size_t size = sizeof(struct facts) + bytes_needed(process);
	struct facts *facts = memory_resize(NULL, size, 1);
	struct text *arrays = (struct text *)facts->bytes;
	char *to = (char *)(arrays + process->args.n + process->env.n);
	const char *line = process->command_line.at, *cgroup = process->cgroup.at;

	*facts = (struct facts){.size = size, .refs = 1};
	for (size_t i = 0; i < array_size(owned); i++)
		text_move(text_in(process, owned[i]), &to);
	if (process->args.at)
		args_move(process, line, arrays);
	if (process->env.at)
		env_move(process, arrays + process->args.n, &to);
	process->name = text_basename(process->executable);
	if (process->container.at)
		process->container.at = process->cgroup.at + (process->container.at - cgroup);
	return facts;
}

void facts_share(struct process *process, const struct process *from)
{
	for (size_t i = 0; i < array_size(owned); i++)
		*text_in(process, owned[i]) = *text_in((struct process *)from, owned[i]);
	process->args = from->args;
	process->args_cut = from->args_cut;
	process->env = from->env;
	process->name = from->name;
	process->container = from->container;
}

static size_t env_bytes(const struct process *process)
{
	size_t n = 0;

	for (size_t i = 0; i < process->env.n; i++)
		n += process->env.at[i].n;
	return n;
}

/* How many arguments lie in the first bytes of the command line. */
static size_t args_within(const struct process *process, size_t n)
{
	const char *end = process->command_line.at + n;
	const struct text *args = process->args.at;
	size_t i = 0;

	while (i < process->args.n && args[i].at + args[i].n <= end)
		i++;
	return i;
}

struct facts *facts_shrink(struct process *process, size_t n)
{
	struct facts *facts;

	if (process->command_line.n > n) {
		process->args.n = args_within(process, n);
		process->command_line.n = n;
		process->args_cut = true;
	}
	if (env_bytes(process) > n)
		process->env = (struct text_list){0};
	facts = facts_pack(process);
	facts->is_shrunk = true;
	return facts;
}
