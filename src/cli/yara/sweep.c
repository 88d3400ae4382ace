// SPDX-License-Identifier: Apache-2.0
// All files below some paths through YARA rules, on all cores.

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <linux/magic.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "cli/yara/sweep.h"

enum { JOBS_PER_THREAD = 16 };

/* A file on its way. */
struct job {
	char *path;
	struct arena arena;
	struct yara_result result;
	int error; /* errno: it could not be opened */
	bool done;
};

struct worker {
	struct sweep *sweep;
	pthread_t thread;
	struct yara_scanner *scanner;
};

struct sweep {
	const struct sweep_order *order;
	const struct sweep_sink *sink;
	struct worker *workers;
	struct job *jobs; /* a ring: `taken` .. `given` are on their way */
	size_t size;
	uint64_t given, started, taken;
	pthread_mutex_t lock;
	pthread_cond_t to_do, was_done;
	bool ended;
};

static void job_do(struct worker *worker, struct job *job)
{
	const struct sweep_order *order = worker->sweep->order;
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
	yara_scan_file(worker->scanner, fd, job->path, &job->arena, &job->result);
}

static void *worker_run(void *context)
{
	struct worker *worker = context;
	struct sweep *sweep = worker->sweep;

	pthread_mutex_lock(&sweep->lock);
	for (;;) {
		struct job *job;

		while (sweep->started == sweep->given && !sweep->ended)
			pthread_cond_wait(&sweep->to_do, &sweep->lock);
		if (sweep->started == sweep->given)
			break;
		job = sweep->jobs + sweep->started++ % sweep->size;
		pthread_mutex_unlock(&sweep->lock);
		job_do(worker, job);
		pthread_mutex_lock(&sweep->lock);
		job->done = true;
		pthread_cond_signal(&sweep->was_done);
	}
	pthread_mutex_unlock(&sweep->lock);
	return NULL;
}

static void failure_tell(const struct sweep *sweep, const char *path, int error)
{
	char sentence[4200];

	errno = error;
	snprintf(sentence, sizeof sentence, "cannot read '%.4000s': %m", path);
	sweep->sink->failed(sweep->sink->context, sentence);
}

/* What came of the oldest job is passed on, as soon as it is there. */
static void job_take(struct sweep *sweep)
{
	struct job *job = sweep->jobs + sweep->taken % sweep->size;

	pthread_mutex_lock(&sweep->lock);
	while (!job->done)
		pthread_cond_wait(&sweep->was_done, &sweep->lock);
	pthread_mutex_unlock(&sweep->lock);
	sweep->taken++;
	if (job->error)
		failure_tell(sweep, job->path, job->error);
	else
		sweep->sink->file(sweep->sink->context, job->path, &job->result);
	memory_free(&job->path);
}

static void job_give(struct sweep *sweep, const char *path)
{
	struct job *job;

	if (sweep->given - sweep->taken == sweep->size)
		job_take(sweep);
	job = sweep->jobs + sweep->given % sweep->size;
	arena_reset(&job->arena);
	job->path = memory_string(path);
	job->result = (struct yara_result){0};
	job->error = 0;
	job->done = false;
	pthread_mutex_lock(&sweep->lock);
	sweep->given++;
	pthread_cond_signal(&sweep->to_do);
	pthread_mutex_unlock(&sweep->lock);
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

static void worker_begin(struct sweep *sweep, struct worker *worker)
{
	worker->sweep = sweep;
	worker->scanner = yara_scanner_new(
		sweep->order->rules, sweep->order->seconds, sweep->order->all_strings);
	if (pthread_create(&worker->thread, NULL, worker_run, worker)) {
		fputs("saker: cannot start a thread\n", stderr);
		abort();
	}
}

void sweep_run(const struct sweep_order *order, const struct sweep_sink *sink)
{
	struct sweep sweep = {
		.order = order,
		.sink = sink,
		.size = (size_t)order->threads * JOBS_PER_THREAD,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.to_do = PTHREAD_COND_INITIALIZER,
		.was_done = PTHREAD_COND_INITIALIZER,
	};

	sweep.jobs = memory_new(sweep.size * sizeof *sweep.jobs);
	sweep.workers = memory_new(order->threads * sizeof *sweep.workers);
	for (unsigned i = 0; i < order->threads; i++)
		worker_begin(&sweep, sweep.workers + i);
	order->confine();
	paths_walk(&sweep);
	while (sweep.taken < sweep.given)
		job_take(&sweep);
	pthread_mutex_lock(&sweep.lock);
	sweep.ended = true;
	pthread_cond_broadcast(&sweep.to_do);
	pthread_mutex_unlock(&sweep.lock);
	for (unsigned i = 0; i < order->threads; i++) {
		pthread_join(sweep.workers[i].thread, NULL);
		yara_scanner_free(&sweep.workers[i].scanner);
	}
	for (size_t i = 0; i < sweep.size; i++)
		arena_clear(&sweep.jobs[i].arena);
	free(sweep.jobs);
	free(sweep.workers);
}
