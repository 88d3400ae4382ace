// SPDX-License-Identifier: Apache-2.0
// All files below some paths through YARA rules, on all cores.

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "cli/ordered.h"
#include "cli/yara/sweep.h"

enum { JOBS_PER_THREAD = 16 };

/* A file on its way. */
struct job {
	char *path;
	struct arena arena;
	struct yara_result result;
	int error; /* errno: it could not be opened */
};

struct sweep {
	const struct sweep_order *order;
	const struct sweep_sink *sink;
	struct yara_scanner **scanners; /* one for each thread */
	struct job *jobs;
	struct ordered *ordered;
};

static void job_do(void *context, unsigned thread, size_t place)
{
	struct sweep *sweep = context;
	const struct sweep_order *order = sweep->order;
	struct job *job = sweep->jobs + place;
	until_return(fd_close) int fd = -1;
	struct stat found;

	fd = open(job->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &found)) {
		job->error = errno;
		return;
	}
	if (!S_ISREG(found.st_mode))
		return; /* it has become something else */
	if ((uint64_t)found.st_size > order->size_max) {
		job->result.left_out = "it is larger than --max-size";
		return;
	}
	yara_scan_file(sweep->scanners[thread], fd, job->path, &job->arena, &job->result);
}

static void failure_tell(const struct sweep *sweep, const char *path, int error)
{
	char sentence[4200];

	errno = error;
	snprintf(sentence, sizeof sentence, "cannot read '%.4000s': %m", path);
	sweep->sink->failed(sweep->sink->context, sentence);
}

/* What came of a file is passed on. */
static void job_take(void *context, size_t place)
{
	struct sweep *sweep = context;
	struct job *job = sweep->jobs + place;

	if (job->error)
		failure_tell(sweep, job->path, job->error);
	else
		sweep->sink->file(sweep->sink->context, job->path, &job->result);
	memory_free(&job->path);
}

static void job_give(struct sweep *sweep, const char *path)
{
	struct job *job = sweep->jobs + ordered_place(sweep->ordered);

	arena_reset(&job->arena);
	job->path = memory_string(path);
	job->result = (struct yara_result){0};
	job->error = 0;
	ordered_give(sweep->ordered);
}

/* File systems whose files the kernel makes up as they are read. */
static bool is_made_up(const char *path)
{
	static const long types[] = {PROC_SUPER_MAGIC, SYSFS_MAGIC, DEBUGFS_MAGIC, TRACEFS_MAGIC,
		CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, SECURITYFS_MAGIC, BPF_FS_MAGIC,
		DEVPTS_SUPER_MAGIC, EFIVARFS_MAGIC, SELINUX_MAGIC, PSTOREFS_MAGIC};
	struct statfs found;

	if (statfs(path, &found))
		return false;
	for (size_t i = 0; i < array_size(types); i++)
		if ((long)found.f_type == types[i])
			return true;
	return false;
}

static void walk_close(FTS **walk)
{
	if (*walk)
		fts_close(*walk);
	*walk = NULL;
}

static int name_order(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* Whether a folder is where another file system begins. */
static bool is_border(const FTSENT *entry)
{
	return entry->fts_level == FTS_ROOTLEVEL ||
		entry->fts_statp->st_dev != entry->fts_parent->fts_statp->st_dev;
}

static void paths_walk(struct sweep *sweep)
{
	until_return(walk_close) FTS *walk = fts_open(sweep->order->paths,
		FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, name_order);
	FTSENT *entry;

	while (walk && !*sweep->order->stop && (entry = fts_read(walk))) {
		switch (entry->fts_info) {
		case FTS_D:
			if (is_border(entry) && is_made_up(entry->fts_path))
				fts_set(walk, entry, FTS_SKIP);
			break;
		case FTS_F:
			job_give(sweep, entry->fts_path);
			break;
		case FTS_DNR:
		case FTS_ERR:
		case FTS_NS:
			failure_tell(sweep, entry->fts_path, entry->fts_errno);
			break;
		default:
			break;
		}
	}
}

void sweep_run(const struct sweep_order *order, const struct sweep_sink *sink)
{
	struct sweep sweep = {.order = order, .sink = sink};
	size_t places = (size_t)order->threads * JOBS_PER_THREAD;

	sweep.jobs = memory_new(places * sizeof *sweep.jobs);
	sweep.scanners = memory_new(order->threads * sizeof *sweep.scanners);
	for (unsigned i = 0; i < order->threads; i++)
		sweep.scanners[i] =
			yara_scanner_new(order->rules, order->seconds, order->all_strings);
	sweep.ordered = ordered_begin(&(struct ordered_way){order->threads, places, job_do,
		job_take, &sweep});
	order->confine();
	paths_walk(&sweep);
	ordered_end(&sweep.ordered);
	for (unsigned i = 0; i < order->threads; i++)
		yara_scanner_free(sweep.scanners + i);
	for (size_t i = 0; i < places; i++)
		arena_clear(&sweep.jobs[i].arena);
	free(sweep.jobs);
	free(sweep.scanners);
}
