// SPDX-License-Identifier: Apache-2.0
// The steps of the demonstration, as the copy of this program takes them that is called httpd.
// Each is done by a child of its own with a time limit; a step that the host refuses is told,
// never repeated by other means.

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "base/own.h"
#include "cli/demo.h"
#include "cli/demo_child.h"
#include "cli/demo_loopback.h"
#include "event/event.h"

enum { STEP_LIMIT_MS = 5000, NAME_MS = 100, YEAR = 365 * 86400, PATH_BYTES = 512 };

enum outcome { OUTCOME_done, OUTCOME_stopped, OUTCOME_left_out, OUTCOME_failed };

static const char *const outcome_names[] = {"done", "stopped", "left out", "failed"};

const struct demo_step demo_steps[DEMO_STEPS] = {
#define STEP(name, sentence, ...) {#name, sentence, {__VA_ARGS__}},
#include "cli/demo_step.def"
#undef STEP
};

int demo_pause(enum demo_pace pace)
{
	return pace == PACE_fast ? 100 : 1000;
}

int demo_rhythm(enum demo_pace pace)
{
	return pace == PACE_fast ? 300 : pace == PACE_slow ? 60000 : 2000;
}

void demo_who(struct demo *demo)
{
	static const char *const users[] = {"www-data", "apache", "nginx", "http", "nobody"};
	const struct passwd *user = NULL;

	demo->is_root = !geteuid();
	demo->web_uid = geteuid();
	demo->web_gid = getegid();
	demo->web_user = "the user who runs this";
	for (size_t i = 0; demo->is_root && !user && i < array_size(users); i++)
		user = getpwnam(users[i]);
	if (!user)
		return;
	demo->web_uid = user->pw_uid;
	demo->web_gid = user->pw_gid;
	for (size_t i = 0; i < array_size(users); i++)
		if (!strcmp(users[i], user->pw_name))
			demo->web_user = users[i];
}

/* A path inside of the folder, valid until the next call. */
static const char *path_in(const struct demo *demo, const char *name)
{
	static char path[PATH_BYTES];

	snprintf(path, sizeof path, "%s/%s", demo->folder, name);
	return path;
}

static enum outcome outcome_of(const struct child_end *end, struct error *note)
{
	if (end->late)
		fail(note, "it took longer than %d s and was ended", STEP_LIMIT_MS / 1000);
	else if (end->error)
		fail(note, "%s", strerror(end->error));
	else if (end->signal)
		fail(note, "ended by signal %d", end->signal);
	return end->late || end->error || end->signal ? OUTCOME_failed : OUTCOME_done;
}

static enum outcome as_web_user(const struct demo *demo, child_work *work, const void *context,
	struct error *note)
{
	uid_t uid = demo->is_root ? demo->web_uid : (uid_t)CHILD_KEEP_USER;
	struct child_end end = child_run(work, context, uid, demo->web_gid, STEP_LIMIT_MS);

	return outcome_of(&end, note);
}

static enum outcome as_we_are(child_work *work, const void *context, int limit, struct error *note)
{
	struct child_end end = child_run(work, context, (uid_t)CHILD_KEEP_USER, 0, limit);

	return outcome_of(&end, note);
}

struct shell_work {
	char command[PATH_BYTES];
	int answer; /* what the shell prints goes there */
};

static int run_shell(const void *context)
{
	const struct shell_work *work = context;
	int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (nothing < 0 || dup2(nothing, 0) < 0 || dup2(work->answer, 1) < 0 ||
	    dup2(work->answer, 2) < 0)
		return -1;
	execl("/bin/sh", "sh", "-c", work->command, (char *)NULL);
	return -1;
}

/* Whether the shell was refused or killed, and wrote nothing. */
static bool was_stopped(const struct child_end *end, int answer)
{
	struct stat status;

	if (end->error != EPERM && end->error != EACCES && end->signal != SIGKILL)
		return false;
	return !fstat(answer, &status) && !status.st_size;
}

static bool has_answered(int answer)
{
	char text[1024] = "";

	return pread(answer, text, sizeof text - 1, 0) > 0 && strstr(text, "[S]") &&
		strstr(text, "[E]");
}

static enum outcome step_shell(const struct demo *demo, struct error *note)
{
	uid_t uid = demo->is_root ? demo->web_uid : (uid_t)CHILD_KEEP_USER;
	until_return(fd_close) int answer = open(path_in(demo, "tmp/answer"),
		O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct shell_work work = {.answer = answer};
	struct child_end end;

	if (answer < 0)
		return fail(note, "cannot write into '%s': %m", demo->folder), OUTCOME_failed;
	snprintf(work.command, sizeof work.command, "cd \"%s/srv/www/\";id;echo [S];pwd;echo [E]",
		demo->folder);
	end = child_run(run_shell, &work, uid, demo->web_gid, STEP_LIMIT_MS);
	if (was_stopped(&end, answer)) {
		fail(note, "stopped before its first instruction (%s); it has written nothing",
			end.signal ? "killed" : strerror(end.error));
		return OUTCOME_stopped;
	}
	if (!has_answered(answer) && !end.error && !end.signal && !end.late)
		return fail(note, "the shell did not answer"), OUTCOME_failed;
	return outcome_of(&end, note);
}

static int file_new_open(const char *path, mode_t mode)
{
	return open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
}

static int write_script(const void *path)
{
	static const char inert[] =
		"<?php /* saker demo: an inert marker, 73 bytes, it does nothing. */ ?>  \n";
	until_return(fd_close) int fd = file_new_open(path, 0644);

	_Static_assert(sizeof inert - 1 == 73, "as long as the web shell it stands for");
	return fd < 0 || write(fd, inert, sizeof inert - 1) != sizeof inert - 1 ? -1 : 0;
}

static enum outcome step_script(const struct demo *demo, struct error *note)
{
	return as_web_user(demo, write_script, path_in(demo, "srv/www/status.php"), note);
}

static int set_time_back(const void *path)
{
	struct timespec times[2] = {{.tv_sec = time(NULL) - YEAR}, {.tv_sec = time(NULL) - YEAR}};

	return utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW);
}

static enum outcome step_time(const struct demo *demo, struct error *note)
{
	return as_web_user(demo, set_time_back, path_in(demo, "srv/www/status.php"), note);
}

static int read_file(const void *path)
{
	until_return(fd_close) int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	char bytes[64];

	return fd < 0 || read(fd, bytes, sizeof bytes) <= 0 ? -1 : 0;
}

static enum outcome step_credentials(const struct demo *demo, struct error *note)
{
	return as_web_user(demo, read_file, path_in(demo, "etc/shadow"), note);
}

static int take_name(const void *name)
{
	if (prctl(PR_SET_NAME, name))
		return -1;
	sleep_ms(NAME_MS);
	return 0;
}

static enum outcome step_name(const struct demo *demo, struct error *note)
{
	return as_we_are(take_name, "[diskio]", STEP_LIMIT_MS, note);
}

static enum outcome step_raw_socket(const struct demo *demo, struct error *note)
{
	struct child_end end = child_run(bind_raw, NULL, (uid_t)CHILD_KEEP_USER, 0, STEP_LIMIT_MS);

	if (end.error == EPERM && !demo->is_root) {
		fail(note, "only root may open a raw socket; run as root to see this step");
		return OUTCOME_left_out;
	}
	return outcome_of(&end, note);
}

static enum outcome step_handshake(const struct demo *demo, struct error *note)
{
	return as_we_are(say_handshakes, NULL, STEP_LIMIT_MS, note);
}

/* The kernel must refuse: these bytes are no module. The attempt is what is shown. */
static int load_no_module(const void *path)
{
	static const char bytes[] = "saker demo: this is no module\n";
	until_return(fd_close) int out = file_new_open(path, 0600);
	until_return(fd_close) int in = -1;

	if (out < 0 || write(out, bytes, sizeof bytes - 1) < 0)
		return -1;
	fd_close(&out);
	in = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (in < 0)
		return -1;
	syscall(SYS_finit_module, in, "", 0);
	return unlink(path);
}

static enum outcome step_module(const struct demo *demo, struct error *note)
{
	return as_we_are(load_no_module, path_in(demo, "tmp/mod.ko"), STEP_LIMIT_MS, note);
}

static enum outcome step_beacon(const struct demo *demo, struct error *note)
{
	int rhythm = demo_rhythm(demo->pace);

	return as_we_are(say_beacons, &rhythm, STEP_LIMIT_MS + 4 * rhythm, note);
}

static void tell_text(const struct demo_step *step, unsigned i, const struct timespec *now)
{
	struct tm local;

	localtime_r(&now->tv_sec, &local);
	printf("%02d:%02d:%02d.%03ld  %u  %s\n%s", local.tm_hour, local.tm_min, local.tm_sec,
		now->tv_nsec / 1000000, i + 1, step->sentence, "              expected:");
	for (unsigned k = 0; k < array_size(step->rules) && step->rules[k]; k++)
		printf("%s '%s'", k ? "," : "", step->rules[k]);
	printf("\n");
	fflush(stdout);
}

static void tell_json(const struct demo_step *step, unsigned i, enum outcome outcome,
	const struct error *note, const struct timespec *now)
{
	until_return(json_writer_clear) struct json_writer out = {0};
	char time[FIELD_BUFFER];

	json_object_open(&out);
	json_key(&out, TEXT("@timestamp"));
	json_string(&out, time_text(now->tv_sec * INT64_C(1000000000) + now->tv_nsec, time));
	json_key(&out, TEXT("step"));
	json_number(&out, i + 1);
	json_key(&out, TEXT("name"));
	json_string(&out, text_of(step->name));
	json_key(&out, TEXT("sentence"));
	json_string(&out, text_of(step->sentence));
	json_key(&out, TEXT("rules"));
	json_array_open(&out);
	for (unsigned k = 0; k < array_size(step->rules) && step->rules[k]; k++)
		json_string(&out, text_of(step->rules[k]));
	json_array_close(&out);
	json_key(&out, TEXT("outcome"));
	json_string(&out, text_of(outcome_names[outcome]));
	json_key(&out, TEXT("note"));
	json_string(&out, text_of(note->text));
	json_object_close(&out);
	printf("%.*s\n", (int)out.n, out.at);
	fflush(stdout);
}

static void tell_outcome(enum outcome outcome, const struct error *note)
{
	if (outcome == OUTCOME_stopped)
		printf("              %s\n", note->text);
	else if (outcome != OUTCOME_done)
		printf("              %s: %s\n", outcome_names[outcome], note->text);
	fflush(stdout);
}

void demo_take_steps(const struct demo *demo)
{
	static enum outcome (*const takers[DEMO_STEPS])(const struct demo *, struct error *) = {
#define STEP(name, ...) step_##name,
#include "cli/demo_step.def"
#undef STEP
	};

	for (unsigned i = 0; i < DEMO_STEPS; i++) {
		struct error note = {0};
		enum outcome outcome;
		struct timespec now;

		clock_gettime(CLOCK_REALTIME, &now);
		if (!demo->json)
			tell_text(demo_steps + i, i, &now);
		outcome = takers[i](demo, &note);
		if (demo->json)
			tell_json(demo_steps + i, i, outcome, &note, &now);
		else
			tell_outcome(outcome, &note);
		sleep_ms(demo_pause(demo->pace));
	}
}
