// SPDX-License-Identifier: Apache-2.0
// Files in protected places. Whoever opens one waits until the guard has looked through it and the
// engine has judged what it found; what was written is looked through when it is closed. Without
// --prevent nobody waits.

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/own.h"
#include "base/text.h"
#include "daemon/parent_private.h"
#include "daemon/procfs.h"
#include "event/event.h"

enum {
	SIFT_MAX = 32 << 20, /* bytes of a file that is looked through */
	GUARD_PATIENCE = 30000, /* ms that one file may take at most */
};

static struct question *question_find(struct parent *parent, uint64_t id)
{
	struct question *question = &parent->questions[id % QUESTIONS_MAX];

	return id && question->id == id ? question : NULL;
}

static void question_end(struct parent *parent, struct question *question)
{
	parent->writes_out -= !question->hold;
	memory_free(&question->file);
	question->id = 0;
}

/* Sends the guard to look; `hold`: who waits, 0 if nobody does. */
static bool question_ask(struct parent *parent, uint64_t hold, int fd, pid_t tid, const char *path,
	const struct stat *file)
{
	uint64_t id = parent->question_next + 1;
	struct question *question = &parent->questions[id % QUESTIONS_MAX];
	struct message_sift order = {.id = id, .size = (uint64_t)file->st_size};
	pid_t pid = procfs_process(tid);

	if (question->id || !parent->guard.channel || !parent->guard_ready)
		return false;
	snprintf(order.path, sizeof order.path, "%s", path);
	if (!channel_send_fds(parent->guard.channel, MESSAGE_sift, &order,
		    offsetof(struct message_sift, path) + strlen(order.path) + 1, &fd, 1) ||
		channel_flush(parent->guard.channel, NULL))
		return false;
	parent->question_next = id;
	parent->writes_out += !hold;
	*question = (struct question){.id = id, .hold = hold, .asked = now_ms()};
	question->file = memory_new(sizeof *question->file);
	*question->file = (struct message_file){
		.stamp = stamp_of(file),
		.pid = (uint32_t)(pid ? pid : tid),
		.tid = (uint32_t)tid,
		.wrote = !hold,
		.due = now_ms() + parent->options->hold_deadline,
		.mode = file->st_mode,
		.uid = file->st_uid,
		.gid = file->st_gid,
	};
	memcpy(question->file->path, order.path, sizeof order.path);
	return true;
}

static bool ask(void *context, uint64_t id, int fd, pid_t tid, const char *path)
{
	struct parent *parent = context;
	struct stat file;

	if (fstat(fd, &file) || file.st_size > SIFT_MAX || !file.st_size) {
		hold_answer(parent->gate, id, true, true);
		return true;
	}
	return question_ask(parent, id, fd, tid, path, &file);
}

static void wrote(void *context, int fd, pid_t tid, const char *path)
{
	struct parent *parent = context;
	struct stat file;

	if (fstat(fd, &file) || !file.st_size || file.st_size > SIFT_MAX || !file.st_nlink)
		return;
	if (!question_ask(parent, 0, fd, tid, path, &file))
		parent->unsifted++;
}

/* Who has written waits until that was judged, however well the file is known. */
static bool again(void *context, pid_t tid)
{
	const struct parent *parent = context;
	pid_t pid = parent->writes_out ? procfs_process(tid) : 0;

	for (size_t i = 0; pid && i < QUESTIONS_MAX; i++)
		if (parent->questions[i].id && !parent->questions[i].hold &&
			parent->questions[i].file->pid == (uint32_t)pid)
			return true;
	return false;
}

static void repeat(struct repeated *repeated, pid_t tid, const char *path)
{
	repeated->count++;
	repeated->tid = tid;
	snprintf(repeated->path, sizeof repeated->path, "%s", path);
}

static void let_go(void *context, pid_t tid, const char *path, const char *result, const char *why)
{
	struct parent *parent = context;

	repeat(strcmp(result, "timeout") ? &parent->gate_failed : &parent->gate_late, tid, path);
}

static void refused(void *context, pid_t tid, const char *path)
{
	repeat(&((struct parent *)context)->gate_refused, tid, path);
}

void guards_sifted(struct parent *parent, const struct message_sifted *sifted)
{
	struct question *question = question_find(parent, sifted->found.id);

	if (!question || question->judged)
		return;
	question->judged = true;
	question->file->sifted = *sifted;
	if (parent->engine.channel && parent->engine_ready &&
		channel_send(parent->engine.channel, MESSAGE_file, question->file,
			sizeof *question->file) &&
		!channel_flush(parent->engine.channel, NULL))
		return;
	if (question->hold)
		hold_answer(parent->gate, question->hold, true, false);
	question_end(parent, question);
}

void guards_verdict(struct parent *parent, const struct message_verdict *verdict)
{
	struct question *question = question_find(parent, verdict->id);

	if (!question)
		return;
	if (question->hold)
		hold_answer(parent->gate, question->hold, verdict->allow, verdict->cache);
	question_end(parent, question);
}

void guards_release(struct parent *parent)
{
	if (!parent->gate)
		return;
	for (size_t i = 0; i < QUESTIONS_MAX; i++) {
		if (!parent->questions[i].id)
			continue;
		parent->unsifted += !parent->questions[i].hold;
		question_end(parent, &parent->questions[i]);
	}
	hold_release(parent->gate);
}

void guards_ready(struct parent *parent, const struct message_guard *ready)
{
	parent->guarding = *ready;
	parent->guarding.first_problem[sizeof ready->first_problem - 1] = 0;
	parent->guard.rights = ready->rights;
	parent->guard_ready = true;
	if (ready->problems)
		crew_say(parent, EVENT_sensor_notice, "yara", "failed",
			"%u files of YARA rules were left out, the first: %.200s", ready->problems,
			parent->guarding.first_problem);
	crew_say(parent, EVENT_sensor_capability, "file_guard", "works",
		"%u YARA rules and listed hashes, in %zu folders, %s", ready->rules,
		hold_numbers(parent->gate).folders,
		parent->gate_waits ? "before files are opened" : "when files were written");
	crew_opening(parent);
}

bool guards_wanted(const struct parent *parent)
{
	return parent->gate && hold_numbers(parent->gate).folders;
}

bool guards_start(struct parent *parent, struct error *err)
{
	static const char nothing;

	parent->guard_ready = false;
	if (child_spawn(&parent->guard, &parent->post, now_ms(), err))
		return false;
	channel_send_fds(
		parent->guard.channel, MESSAGE_guard_start, &nothing, 1, &parent->yara, 1);
	channel_flush(parent->guard.channel, NULL);
	return true;
}

/* What happens with each open of a busy place is told once a second, with its number. */
static void repeated_tell(struct parent *parent, struct repeated *repeated, const char *result,
	const char *sentence)
{
	struct message_self self = {
		.kind = EVENT_prevention, .pid = repeated->tid, .status = -1};

	if (!repeated->count)
		return;
	self.count = repeated->count;
	snprintf(self.about, sizeof self.about, "guard");
	snprintf(self.state, sizeof self.state, "%s", result);
	snprintf(self.message, sizeof self.message, "%s: %llu, the last %.120s", sentence,
		(unsigned long long)repeated->count, repeated->path);
	crew_self(parent, &self);
	repeated->count = 0;
}

void guards_tick(struct parent *parent)
{
	int64_t now = now_ms();

	if (!parent->gate)
		return;
	repeated_tell(parent, &parent->gate_refused, "prevented",
		"files with a verdict against them were asked for again");
	repeated_tell(parent, &parent->gate_late, "timeout",
		"files were opened without a verdict, which was late");
	/* before the guard is there for the first time that is no failure */
	if (!parent->guard.restarts && !parent->guard_ready)
		parent->gate_failed.count = 0;
	repeated_tell(parent, &parent->gate_failed, "failed",
		"files were opened without a verdict, because nobody could be asked");
	if (parent->unsifted != parent->unsifted_told)
		crew_say(parent, EVENT_sensor_notice, "guard", "late",
			"%llu files that were written were not looked through: there were too "
			"many, or the guard was gone",
			(unsigned long long)(parent->unsifted - parent->unsifted_told));
	parent->unsifted_told = parent->unsifted;
	for (size_t i = 0; i < QUESTIONS_MAX; i++) {
		if (!parent->questions[i].id || now - parent->questions[i].asked < GUARD_PATIENCE)
			continue;
		crew_say(parent, EVENT_sensor_notice, "guard", "failed",
			"the guard did not answer for %d s", GUARD_PATIENCE / 1000);
		if (parent->guard.pid)
			kill(parent->guard.pid, SIGKILL);
		guards_release(parent);
		return;
	}
}

/* Whether the file is in the folder, or is it. */
static bool is_below(const char *file, const char *folder)
{
	size_t n = strlen(folder);

	while (n > 1 && folder[n - 1] == '/')
		n--;
	return n == 1 || (!strncmp(file, folder, n) && (!file[n] || file[n] == '/'));
}

/*
 * The parent answers those who wait, so it must never be one of them: it opens files in these
 * places after its start. (Files of others are opened by a thread: see opener.h.)
 */
static const char *reached_by_parent(const struct parent *parent, const char *folder)
{
	static const char *const kernel[] = {"/proc", "/sys", "/dev"};
	const char *const own[] = {"/proc", "/sys", "/dev", "/etc", "/run", parent->store_real,
		parent->log_path ? parent->log_path : ""};

	for (size_t i = 0; i < array_size(own); i++)
		if (*own[i] && is_below(own[i], folder))
			return own[i];
	for (size_t i = 0; i < array_size(kernel); i++)
		if (is_below(folder, kernel[i]))
			return kernel[i];
	return NULL;
}

static bool is_in_scope(const struct parent_options *options, const char *folder)
{
	return !options->prevent || options->scope != SCOPE_dir ||
		is_below(folder, options->scope_path);
}

/* Real paths, in memory that the caller frees, or NULL with a sentence. */
static int folders_choose(struct parent *parent, char **folders, size_t *count, struct error *err)
{
	const struct parent_options *options = parent->options;

	for (size_t i = 0; i < options->scan_folder_count && *count < SCAN_FOLDERS_MAX; i++) {
		const char *given = options->scan_folders[i], *reached;
		until_return(memory_free) char *real = realpath(given, NULL);

		if (!real)
			real = memory_string(given);
		reached = reached_by_parent(parent, real);
		if (*real != '/')
			return fail(err, "setting `scan_folders`: '%s' is not absolute", given);
		if (reached)
			return fail(err,
				"setting `scan_folders`: '%s' is where saker itself opens files "
				"(%s); name the folders in it that shall be protected",
				given, reached);
		if (is_in_scope(options, real))
			folders[(*count)++] = give(real);
	}
	return 0;
}

int guards_open(struct parent *parent, struct error *err)
{
	const struct parent_options *options = parent->options;
	char *folders[SCAN_FOLDERS_MAX] = {NULL};
	struct hold_options hold = {
		.kind = HOLD_nobody,
		.folders = (const char *const *)folders,
		.deadline = options->hold_deadline,
		.own = holds_own,
		.ask = ask,
		.again = again,
		.wrote = wrote,
		.refused = refused,
		.let_go = let_go,
		.context = parent,
	};
	struct error why = {0};
	int status;

	/* of the processes of a cgroup or a tree alone nobody can be made to wait */
	if (options->prevent && (!options->scope_text || options->scope == SCOPE_dir))
		hold.kind = HOLD_files;
	status = folders_choose(parent, folders, &hold.folder_count, err);
	if (parent->yara < 0)
		snprintf(parent->gate_why, sizeof parent->gate_why,
			"the YARA rules that came with saker are not there; name others by the "
			"setting `yara`");
	else if (!status && hold.folder_count) {
		parent->gate = hold_new(&hold, &why);
		parent->gate_waits = parent->gate && hold.kind == HOLD_files;
		snprintf(parent->gate_why, sizeof parent->gate_why, "%.*s",
			(int)sizeof parent->gate_why - 1, why.text);
	}
	for (size_t i = 0; i < hold.folder_count; i++)
		memory_free(&folders[i]);
	return status;
}

void guards_clear(struct parent *parent)
{
	guards_release(parent);
	hold_free(&parent->gate);
}
