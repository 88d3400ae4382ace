// SPDX-License-Identifier: Apache-2.0
// `saker run`: protects this host, in the foreground, until it is interrupted.

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "base/text.h"
#include "cli/command.h"
#include "daemon/parent.h"
#include "daemon/settings.h"

enum { RULES_MAX = 32, RING_MIN = 65536, RING_MAX = 1 << 30 };

/* What was asked for, and what it points into. */
struct request {
	struct settings settings;
	struct parent_options options;
	const char *rules[RULES_MAX], *config;
	char *scope_path, *store;
};

static void request_clear(struct request *request)
{
	settings_clear(&request->settings);
	memory_free(&request->scope_path);
	memory_free(&request->store);
}

/*
 * The folder's real path, in memory that the caller frees; one that does not exist yet must be
 * absolute.
 */
static char *folder_path(const char *given, struct error *err)
{
	char *path = realpath(given, NULL);
	struct stat file;

	if (path && !stat(path, &file) && !S_ISDIR(file.st_mode)) {
		free(path);
		return fail_null(
			err, "'%s' is no folder; give one, or the folder that it is in", given);
	}
	if (path)
		return path;
	if (errno != ENOENT || *given != '/')
		return fail_null(err, "cannot find the folder '%s': %m", given);
	return memory_string(given);
}

/* A cgroup is named by its folder, or by its path below the root of the unified tree. */
static char *cgroup_path(const char *given, struct error *err)
{
	static const char *const roots[] = {"", "/sys/fs/cgroup/unified", "/sys/fs/cgroup"};

	for (size_t i = 0; i < array_size(roots); i++) {
		until_return(memory_free) char *path = NULL, *procs = NULL;

		if (asprintf(&path, "%s%s%s", roots[i], i && *given != '/' ? "/" : "", given) <
				0 ||
			asprintf(&procs, "%s/cgroup.procs", path) < 0)
			continue;
		if (!access(procs, F_OK))
			return realpath(path, NULL);
	}
	return fail_null(err,
		"there is no cgroup '%s'; give the folder of one below /sys/fs/cgroup", given);
}

static int scope_read(struct request *request, const char *given, struct error *err)
{
	struct parent_options *options = &request->options;
	struct text text = text_of(given);
	int64_t pid;

	if (options->scope_text)
		return fail(err, "--scope was given twice; saker has one scope");
	options->scope_text = given;
	if (text_starts(text, TEXT("dir:"))) {
		options->scope = SCOPE_dir;
		request->scope_path = folder_path(given + 4, err);
	} else if (text_starts(text, TEXT("cgroup:"))) {
		options->scope = SCOPE_cgroup;
		request->scope_path = cgroup_path(given + 7, err);
	} else if (text_starts(text, TEXT("pid:"))) {
		options->scope = SCOPE_pid;
		if (!text_number(text_of(given + 4), &pid) || pid < 1 || pid > INT32_MAX ||
			access("/proc", F_OK))
			return fail(err, "'%s' names no process; write pid:NUMBER", given);
		options->scope_pid = (pid_t)pid;
		return 0;
	} else {
		return fail(
			err, "'%s' is no scope; write cgroup:PATH, dir:PATH or pid:NUMBER", given);
	}
	options->scope_path = request->scope_path;
	if (request->scope_path && !strcmp(request->scope_path, "/") &&
		options->scope == SCOPE_dir)
		return fail(err, "dir:/ is the whole host; leave --scope out for that");
	return request->scope_path ? 0 : -1;
}

static int arguments_read(
	struct request *request, struct invocation *invocation, struct error *err)
{
	static const struct option options[] = {
		{"prevent", no_argument, NULL, 'p'},
		{"scope", required_argument, NULL, 's'},
		{"rules", required_argument, NULL, 'r'},
		{"config", required_argument, NULL, 'c'},
		{"quiet", no_argument, NULL, 'q'},
		{0},
	};
	int c;

	opterr = 0;
	optind = 1;
	while ((c = getopt_long(invocation->argc, invocation->argv, "+:", options, NULL)) >= 0) {
		if (c == 'p')
			request->options.prevent = true;
		else if (c == 'q')
			request->options.quiet = true;
		else if (c == 'c')
			request->config = optarg;
		else if (c == 's' && scope_read(request, optarg, err))
			return -1;
		else if (c == 'r' && request->options.rules_count == RULES_MAX)
			return fail(err, "--rules was given more than %u times", RULES_MAX);
		else if (c == 'r')
			request->rules[request->options.rules_count++] = optarg;
		else if (c == ':')
			return fail(err, "'%s' needs a value", invocation->argv[optind - 1]);
		else if (c == '?')
			return fail(err, "there is no option '%s' (see `saker run --help`)",
				invocation->argv[optind - 1]);
	}
	if (optind < invocation->argc)
		return fail(err, "'%s' is not expected (see `saker run --help`)",
			invocation->argv[optind]);
	return 0;
}

static int ring_read(size_t *bytes, const char *name, int64_t value, struct error *err)
{
	if (value < RING_MIN || value > RING_MAX || value & (value - 1))
		return fail(err,
			"the setting '%s' must be a power of two from 65536 to 1073741824, not "
			"%lld",
			name, (long long)value);
	*bytes = (size_t)value;
	return 0;
}

static int settings_apply(
	struct request *request, const struct invocation *invocation, struct error *err)
{
	const struct settings *settings = &request->settings;
	struct parent_options *options = &request->options;

	/* --store and $SAKER_STORE count for more than the file */
	request->store =
		memory_string(invocation->store_given ? invocation->store : settings->store);
	options->store = request->store;
	options->user = settings->user;
	options->indicators = settings->indicators;
	if (!options->rules_count && *settings->rules)
		request->rules[options->rules_count++] = settings->rules;
	options->rules = request->rules;
	options->watched = (const char *const *)settings->watch.at;
	options->watched_count = settings->watch.n;
	options->sensitive = (const char *const *)settings->sensitive.at;
	options->sensitive_count = settings->sensitive.n;
	options->logs = (const char *const *)settings->logs.at;
	options->log_count = settings->logs.n;
	options->by_rules = !strcmp(settings->events, "rules");
	if (!options->by_rules && strcmp(settings->events, "all"))
		return fail(err, "setting `events`: '%s' is neither all nor rules",
			settings->events);
	options->heartbeat = settings->heartbeat;
	options->heartbeat_seconds = settings->heartbeat_seconds;
	if (settings->heartbeat_seconds < 1 || settings->heartbeat_seconds > 3600)
		return fail(err, "setting `heartbeat_seconds`: %lld is not 1 to 3600",
			(long long)settings->heartbeat_seconds);
	options->yara = settings->yara;
	options->scan_folders = (const char *const *)settings->scan_folders.at;
	options->scan_folder_count = settings->scan_folders.n;
	options->rewrites_max = settings->rewrites_max;
	if (settings->rewrites_max < 0 || settings->rewrites_max > 1000)
		return fail(err, "setting `rewrites_max`: %lld is not 0 to 1000",
			(long long)settings->rewrites_max);
	options->auth_log = settings->auth_log;
	options->ia32 = settings->ia32;
	options->protect = settings->protect_self;
	options->no_hooks = !strcmp(settings->hooks, "tracepoints");
	if (!options->no_hooks && strcmp(settings->hooks, "auto"))
		return fail(err, "setting `hooks`: '%s' is neither auto nor tracepoints",
			settings->hooks);
	options->rates[WIRE_RING_network] = (uint64_t)settings->network_events_max;
	options->rates[WIRE_RING_file] = (uint64_t)settings->file_events_max;
	if (settings->network_events_max < 0 || settings->file_events_max < 0)
		return fail(err, "the settings network_events_max and file_events_max must be 0 "
				 "or more");
	if (settings->hold_deadline < 1 || settings->hold_deadline > 10000)
		return fail(err,
			"the setting 'hold_deadline' must be from 1 to 10000 ms, not %lld",
			(long long)settings->hold_deadline);
	options->hold_deadline = (unsigned)settings->hold_deadline;
	options->store_bytes = settings->store_bytes;
	options->store_days = settings->store_days;
	if (ring_read(&options->ring_bytes[WIRE_RING_lifecycle], "ring_lifecycle",
		    settings->ring_lifecycle, err) ||
		ring_read(&options->ring_bytes[WIRE_RING_network], "ring_network",
			settings->ring_network, err))
		return -1;
	return ring_read(
		&options->ring_bytes[WIRE_RING_file], "ring_file", settings->ring_file, err);
}

static int config_read(struct request *request, struct error *err)
{
	if (request->config && access(request->config, R_OK))
		return fail(err, "cannot read '%s': %m", request->config);
	return settings_read(
		&request->settings, request->config ? request->config : SETTINGS_FILE, err);
}

int command_run(struct invocation *invocation)
{
	until_return(request_clear) struct request request = {0};
	struct error err = {0};

	settings_init(&request.settings);
	request.options.colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	if (arguments_read(&request, invocation, &err) || config_read(&request, &err) ||
		settings_apply(&request, invocation, &err) || parent_run(&request.options, &err))
		return refuse(invocation, "%s", err.text);
	return EXIT_done;
}
