// SPDX-License-Identifier: Apache-2.0
// saker demo web-shell: nine harmless steps of an intrusion, all local, so that anyone can see in
// a minute what saker sees. The steps need a web server as their ancestor; that is a copy of this
// program under the name httpd, in a scratch folder.

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/own.h"
#include "cli/command.h"
#include "cli/demo.h"
#include "cli/demo_child.h"
#include "cli/demo_folder.h"

enum { FOLDER_BYTES_MAX = 100, START_MS = 20000 };

static const char folder_default[] = "/tmp/saker-demo";
static const char server_word[] = "as-web-server";
static const char *const pace_names[] = {"normal", "fast", "slow"};

/* The copy's side. */

static bool is_the_copy(const char *folder)
{
	char own[PATH_MAX] = "", wanted[PATH_MAX];

	snprintf(wanted, sizeof wanted, "%s/usr/sbin/httpd", folder);
	return readlink("/proc/self/exe", own, sizeof own - 1) > 0 && !strcmp(own, wanted);
}

static int serve(const struct invocation *invocation)
{
	struct demo demo = {.json = invocation->json};

	if (invocation->argc != 4 || !is_the_copy(invocation->argv[2]))
		return usage(invocation);
	demo.folder = invocation->argv[2];
	for (unsigned i = 0; i < array_size(pace_names); i++)
		if (!strcmp(invocation->argv[3], pace_names[i]))
			demo.pace = (enum demo_pace)i;
	demo_who(&demo);
	demo_take_steps(&demo);
	return EXIT_done;
}

static int run_copy(const void *context)
{
	const struct demo *demo = context;
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/usr/sbin/httpd", demo->folder);
	execl(path, "httpd", "demo", server_word, demo->folder, pace_names[demo->pace],
		demo->json ? "--json" : (char *)NULL, (char *)NULL);
	return -1;
}

/* The command's side. */

static int options_read(struct invocation *invocation, struct demo *demo, bool *keep)
{
	static const struct option options[] = {
		{"keep", no_argument, NULL, 'k'},
		{"fast", no_argument, NULL, 'f'},
		{"slow", no_argument, NULL, 's'},
		{"folder", required_argument, NULL, 'd'},
		{0},
	};
	int option;

	optind = 0;
	opterr = 0;
	while ((option = getopt_long(invocation->argc, invocation->argv, "", options, NULL)) > 0) {
		switch (option) {
		case 'k':
			*keep = true;
			break;
		case 'f':
		case 's':
			demo->pace = option == 'f' ? PACE_fast : PACE_slow;
			break;
		case 'd':
			demo->folder = optarg;
			break;
		default:
			return -1;
		}
	}
	if (optind != invocation->argc - 1)
		return -1;
	return strcmp(invocation->argv[optind], "web-shell") ? -1 : 0;
}

static void tell_begin(const struct demo *demo)
{
	if (demo->json)
		return;
	printf("nine harmless steps of an intrusion, in '%s' and over loopback only\n",
		demo->folder);
	if (demo->is_root)
		printf("steps of the web server's user are taken as %s\n", demo->web_user);
	else
		printf("without root: all steps are taken as you, the raw socket is left out\n");
	printf("\n");
	fflush(stdout);
}

static void tell_end(const struct demo *demo, bool keep)
{
	if (demo->json)
		return;
	if (keep)
		printf("\nleft as it is: '%s'\n", demo->folder);
	else
		printf("\nundone: everything in '%s' is removed\n", demo->folder);
	printf("look at what was found: saker timeline, saker detections\n");
	fflush(stdout);
}

/* The process of the steps, for the handler; 0: none. */
static volatile sig_atomic_t story;

static void story_stop(int signal)
{
	if (story > 0)
		kill((pid_t)story, SIGKILL);
}

/* Whoever stops us stops the steps; what they left is then undone as always. */
static void signals_stop_story(void)
{
	struct sigaction action = {.sa_handler = story_stop, .sa_flags = SA_RESTART};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

/* -1 with a sentence if the copy could not be started or did not come to its end. */
static int story_run(const struct demo *demo, struct error *err)
{
	int limit = START_MS + DEMO_STEPS * demo_pause(demo->pace) + 4 * demo_rhythm(demo->pace);
	struct child_end end;
	struct child child;

	if (child_start(&child, run_copy, demo, (uid_t)CHILD_KEEP_USER, 0))
		return fail(err, "cannot start a process: %m");
	story = child.pid;
	end = child_wait(&child, limit);
	story = 0;
	if (end.error == EACCES)
		return fail(err, "cannot start a program in '%s'; if it is mounted noexec, "
			"name another folder with --folder", demo->folder);
	if (end.error)
		return fail(err, "cannot start '%s/usr/sbin/httpd': %s", demo->folder,
			strerror(end.error));
	if (end.late)
		return fail(err, "the steps took longer than %d s and were ended", limit / 1000);
	if (end.signal)
		return fail(err, "the steps were ended by signal %d", end.signal);
	return end.status ? fail(err, "the steps ended with status %d", end.status) : 0;
}

/* Makes the folder and replaces its name by the one that the kernel uses. */
static int scratch_make(struct demo *demo, char real[PATH_MAX], bool *made, struct error *err)
{
	if (!folder_name_is_plain(demo->folder))
		return fail(err, "the folder '%s' must be an absolute path of letters, digits and "
			"'/._-'", demo->folder);
	if (folder_make(demo->folder, made, err))
		return -1;
	if (!realpath(demo->folder, real))
		return fail(err, "cannot find '%s': %m", demo->folder);
	if (!folder_name_is_plain(real) || strlen(real) > FOLDER_BYTES_MAX)
		return fail(err, "the folder '%s' must be an absolute path of at most %d letters, "
			"digits and '/._-'", real, FOLDER_BYTES_MAX);
	demo->folder = real;
	return 0;
}

int command_demo(struct invocation *invocation)
{
	struct demo demo = {.folder = folder_default, .json = invocation->json};
	bool keep = false, made = false;
	char real[PATH_MAX];
	struct error err = {0}, undo = {0};
	int result;

	if (invocation->argc > 1 && !strcmp(invocation->argv[1], server_word))
		return serve(invocation);
	if (options_read(invocation, &demo, &keep))
		return usage(invocation);
	if (scratch_make(&demo, real, &made, &err)) {
		if (made)
			folder_remove(demo.folder, made, &undo);
		return refuse(invocation, "%s", err.text);
	}
	demo_who(&demo);
	signals_stop_story();
	tell_begin(&demo);
	result = folder_fill(&demo, &err) ? -1 : story_run(&demo, &err);
	if (!keep && folder_remove(demo.folder, made, &undo))
		refuse(invocation, "%s", undo.text);
	if (result)
		return refuse(invocation, "%s", err.text);
	tell_end(&demo, keep);
	return undo.text[0] ? EXIT_refused : EXIT_done;
}
