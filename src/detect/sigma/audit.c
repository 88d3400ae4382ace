// SPDX-License-Identifier: Apache-2.0
// Live events as records of the audit daemon.

#include <stdio.h>
#include <strings.h>

#include "base/own.h"
#include "detect/sigma/audit.h"

static const struct {
	struct text call, nametype;
} calls[EVENT_KINDS] = {
#define AUDIT_CALL(kind, call, nametype) [EVENT_##kind] = {TEXT(call), TEXT(nametype)},
#define AUDIT_FIELD(...)
#include "detect/sigma/audit.def"
#undef AUDIT_CALL
#undef AUDIT_FIELD
};

static const struct {
	const char *name;
	enum audit_what what;
} names[] = {
#define AUDIT_CALL(...)
#define AUDIT_FIELD(name, what) {name, AUDIT_##what},
#include "detect/sigma/audit.def"
#undef AUDIT_CALL
#undef AUDIT_FIELD
};

struct audit_field audit_field_find(struct text name)
{
	int64_t n;

	for (size_t i = 0; i < array_size(names); i++)
		if (name.n == strlen(names[i].name) &&
		    !strncasecmp(name.at, names[i].name, name.n))
			return (struct audit_field){names[i].what, 0};
	if (name.n > 1 && (name.at[0] | 32) == 'a' &&
	    text_number((struct text){name.at + 1, name.n - 1}, &n) && n >= 0 && n < 10000)
		return (struct audit_field){AUDIT_argument, (unsigned)n};
	return (struct audit_field){AUDIT_nothing, 0};
}

bool audit_has(enum event_kind kind, enum audit_record record)
{
	switch (record) {
	case AUDIT_EXECVE:
		return kind == EVENT_process_exec;
	case AUDIT_SYSCALL:
		return calls[kind].call.n;
	default:
		return calls[kind].nametype.n;
	}
}

static void add(struct row *row, uint32_t number, struct text text)
{
	if (text.at)
		row_add(row, number, VALUE_text, text, 1);
}

static void add_number(struct row *row, uint32_t number, int64_t value)
{
	if (value != NUMBER_NONE)
		row_add(row, number, VALUE_number,
			arena_format(&row->arena, "%lld", (long long)value), 1);
}

/* As it was given, and without its folders: rules name programs either way. */
static void add_argument(struct row *row, uint32_t number, struct text argument, bool program)
{
	struct text name = text_basename(argument);

	add(row, number, argument);
	if (program && name.n != argument.n)
		add(row, number, name);
}

static void execve_fill(struct audit_field field, const struct process *process, struct row *row,
	uint32_t number)
{
	if (field.what == AUDIT_argc)
		add_number(row, number, (int64_t)process->args.n);
	else if (field.what == AUDIT_argument && field.n < process->args.n)
		add_argument(row, number, process->args.at[field.n], field.n == 0);
}

static void syscall_fill(struct audit_field field, const struct process *process, struct row *row,
	uint32_t number)
{
	switch (field.what) {
	case AUDIT_call:
		add(row, number, calls[row->event->kind].call);
		break;
	case AUDIT_success:
		add(row, number, TEXT("yes"));
		break;
	case AUDIT_exe:
		add(row, number, process->executable);
		break;
	case AUDIT_comm:
		add(row, number, process->comm);
		break;
	case AUDIT_pid:
		add_number(row, number, process->pid);
		break;
	case AUDIT_ppid:
		add_number(row, number, process->parent ? process->parent->pid : NUMBER_NONE);
		break;
	case AUDIT_uid:
		add_number(row, number, process->real_uid);
		break;
	case AUDIT_euid:
		add_number(row, number, process->uid);
		break;
	case AUDIT_auid:
		add_number(row, number, process->login_uid);
		break;
	case AUDIT_tty:
		add(row, number, process->tty);
		break;
	default:
		break;
	}
}

static void path_fill(struct audit_field field, const struct event *event, struct row *row,
	uint32_t number)
{
	if (field.what == AUDIT_nametype) {
		add(row, number, calls[event->kind].nametype);
		return;
	}
	if (field.what != AUDIT_name)
		return;
	if (event->file) {
		add(row, number, event->file->path);
		add(row, number, event->file->old_path);
	} else if (event->kind == EVENT_process_exec && event->process) {
		add(row, number, event->process->executable);
	}
}

void audit_fill(struct audit_field field, enum audit_record record, struct row *row,
	uint32_t number)
{
	static const char *const types[] = {"EXECVE", "SYSCALL", "PATH"};
	const struct event *event = row->event;

	if (field.what == AUDIT_type)
		add(row, number, text_of(types[record]));
	else if (record == AUDIT_PATH)
		path_fill(field, event, row, number);
	else if (!event->process)
		return;
	else if (record == AUDIT_EXECVE)
		execve_fill(field, event->process, row, number);
	else
		syscall_fill(field, event->process, row, number);
}
