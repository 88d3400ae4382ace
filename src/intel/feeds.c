// SPDX-License-Identifier: Apache-2.0
// Feeds: files and folders in, a set out.

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "base/printable.h"
#include "intel/feeds.h"
#include "intel/indicator/compile.h"
#include "intel/indicator/feed.h"

struct feeds {
	struct entries entries;
	void (*problem)(void *context, const struct feed_problem *problem);
	void *context;
};

enum { PATH_BYTES = 4096 };

static const char *const endings[] = {".txt", ".csv", ".json", ".list", ".ioc", ".set"};

struct feeds *feeds_new(void (*problem)(void *context, const struct feed_problem *problem),
	void *context)
{
	struct feeds *feeds = memory_new(sizeof *feeds);

	entries_init(&feeds->entries);
	feeds->problem = problem;
	feeds->context = context;
	return feeds;
}

void feeds_free(struct feeds **feeds)
{
	struct feeds *f = give(*feeds);

	if (f)
		entries_clear(&f->entries);
	free(f);
}

static int64_t seconds_of(int64_t time)
{
	return time == INDICATOR_NO_TIME ? 0 : time / 1000000000;
}

/* All that stands in a compiled set, as it was read. */
static void set_add(struct feeds *feeds, const struct indicators *set)
{
	struct indicator_hit hit = {0};

	for (int type = 0; type < INDICATOR_TYPES; type++)
		for (hit.number = 0; hit.number < indicators_count(set, (enum indicator_type)type);
			hit.number++) {
			struct indicator indicator;
			struct text text;
			struct value value = {.type = (enum indicator_type)type};

			hit.type = (enum indicator_type)type;
			value.n = indicator_widths[type];
			if (value.n) {
				memcpy(value.bytes, indicator_bytes(set, hit), value.n);
			} else {
				text = indicator_value(set, hit, NULL);
				/* what a damaged set says is read as anybody's */
				if (value_read(hit.type, text, &value))
					continue;
			}
			indicator_read(set, hit, &indicator);
			entries_add(&feeds->entries, &value,
				&(struct entry_facts){
					.source = indicator.source,
					.file = indicator.file,
					.label = indicator.label,
					.reference = indicator.reference,
					.comment = indicator.comment,
					.line = indicator.line,
					.confidence = indicator.confidence,
					.tlp = indicator.tlp,
					.valid_from = seconds_of(indicator.valid_from),
					.expires = seconds_of(indicator.expires),
				});
		}
}

static void feed_refuse(struct feeds *feeds, struct text name, const char *sentence)
{
	struct feed_problem problem = {name, 0, text_of(sentence), 1};

	feeds->problem(feeds->context, &problem);
}

/* A compiled set in the midst of other bytes: copied, since it wants to be aligned. */
static void compiled_add(struct feeds *feeds, struct text name, struct text bytes)
{
	void *copy = memcpy(memory_resize(NULL, bytes.n, 1), bytes.at, bytes.n);
	struct error err;
	until_return(indicators_close) struct indicators *set =
		indicators_from_memory(copy, bytes.n, &err);

	if (!set)
		feed_refuse(feeds, name, err.text);
	else
		set_add(feeds, set);
}

void feeds_add(struct feeds *feeds, struct text name, struct text bytes)
{
	until_return(feed_clear) struct feed feed = {
		.entries = &feeds->entries,
		.name = name,
		.problem = feeds->problem,
		.context = feeds->context,
	};

	if (indicators_are_compiled(bytes))
		compiled_add(feeds, name, bytes);
	else if (bytes.n)
		feed_parse(&feed, bytes);
}

/* All bytes of a file of that size; a shorter one is what it has become. */
static char *bytes_read(int fd, size_t *n)
{
	until_return(memory_free) char *bytes = memory_resize(NULL, *n + 1, 1);
	size_t have = 0;

	while (have < *n) {
		ssize_t got = read(fd, bytes + have, *n - have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return NULL;
		if (!got)
			break;
		have += (size_t)got;
	}
	*n = have;
	return give(bytes);
}

static int compiled_file_add(struct feeds *feeds, const char *path, struct error *err)
{
	until_return(indicators_close) struct indicators *set = indicators_open(path, err);

	if (!set)
		return -1;
	if (indicators_verify(set, err))
		return fail_in(err, "'%s' ", path);
	set_add(feeds, set);
	return 0;
}

static int file_add(struct feeds *feeds, const char *path, const char *name, struct error *err)
{
	/* O_NONBLOCK: a name may be that of a fifo */
	until_return(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	until_return(memory_free) char *bytes = NULL;
	struct stat file;
	size_t n;

	if (fd < 0 || fstat(fd, &file))
		return fail(err, "cannot read '%s': %m", path);
	if (!S_ISREG(file.st_mode))
		return fail(err, "cannot read '%s': it is no file", path);
	n = sizeof(struct image_head);
	bytes = bytes_read(fd, &n);
	if (bytes && indicators_are_compiled((struct text){bytes, n}))
		return compiled_file_add(feeds, path, err);
	if ((uint64_t)file.st_size > FEED_BYTES_MAX)
		return fail(err, "'%s' is larger than 2 GiB; cut it into parts", path);
	memory_free(&bytes);
	n = (size_t)file.st_size;
	bytes = lseek(fd, 0, SEEK_SET) ? NULL : bytes_read(fd, &n);
	if (!bytes)
		return fail(err, "cannot read '%s': %m", path);
	feeds_add(feeds, text_of(name), (struct text){bytes, n});
	return 0;
}

bool feeds_takes(const char *name)
{
	for (size_t i = 0; i < array_size(endings); i++)
		if (text_ends(text_of(name), text_of(endings[i])))
			return true;
	return false;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static void fts_end(FTS **walk)
{
	if (*walk)
		fts_close(*walk);
	*walk = NULL;
}

static int folder_add(struct feeds *feeds, const char *path, struct error *err)
{
	char *const paths[] = {(char *)path, NULL};
	until_return(fts_end) FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	FTSENT *entry;
	int n = 0;

	if (!walk)
		return fail(err, "cannot read the folder '%s': %m", path);
	while (errno = 0, (entry = fts_read(walk))) {
		if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR)
			return fail(err, "cannot read '%s': %s", entry->fts_path,
				strerror(entry->fts_errno));
		if (entry->fts_info != FTS_F || !feeds_takes(entry->fts_name))
			continue;
		if (file_add(feeds, entry->fts_path, entry->fts_path, err))
			return -1;
		n++;
	}
	return errno ? fail(err, "cannot read the folder '%s': %m", path) : n;
}

int feeds_add_path(struct feeds *feeds, const char *path, struct error *err)
{
	struct stat file;

	if (stat(path, &file))
		return fail(err, "cannot read '%s': %m", path);
	if (S_ISDIR(file.st_mode))
		return folder_add(feeds, path, err);
	return file_add(feeds, path, path, err) ? -1 : 1;
}

size_t feeds_count(const struct feeds *feeds, enum indicator_type type)
{
	return feeds->entries.lists[type].n;
}

static void crowded_tell(struct feeds *feeds, const struct compiling *compiling)
{
	char sentence[256];
	struct feed_problem problem = {.count = compiling->crowded};

	if (!compiling->crowded)
		return;
	snprintf(sentence, sizeof sentence,
		"%llu left out: their values have %d indicators each already",
		(unsigned long long)compiling->crowded, INDICATOR_SOURCES_MAX);
	problem.sentence = text_of(sentence);
	feeds->problem(feeds->context, &problem);
}

struct indicators *feeds_set(struct feeds *feeds, struct error *err)
{
	until_return(compiling_clear) struct compiling compiling;
	uint8_t *bytes;

	compiling_init(&compiling, &feeds->entries);
	crowded_tell(feeds, &compiling);
	bytes = memory_new(compiling.head.bytes);
	compiling_write(&compiling, bytes);
	return indicators_from_memory(bytes, compiling.head.bytes, err);
}

/* The file under the name that it has while it is written. */
struct output {
	char path[PATH_BYTES];
	int fd;
	bool done;
};

static void output_close(struct output *output)
{
	if (output->fd >= 0 && !output->done)
		unlink(output->path);
	fd_close(&output->fd);
}

static int output_open(struct output *output, const char *path, struct error *err)
{
	if ((size_t)snprintf(output->path, sizeof output->path, "%s.XXXXXX", path) >=
		sizeof output->path)
		return fail(err, "the name '%s' is too long", path);
	output->fd = mkostemp(output->path, O_CLOEXEC);
	return output->fd < 0 ? fail(err, "cannot write '%s': %m", path) : 0;
}

static int output_write(struct output *output, const uint8_t *at, size_t n, const char *path,
	struct error *err)
{
	while (n) {
		ssize_t wrote = write(output->fd, at, n);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0)
			return fail(err, "cannot write '%s': %m", path);
		at += wrote;
		n -= (size_t)wrote;
	}
	if (fchmod(output->fd, 0644) || fsync(output->fd) || rename(output->path, path))
		return fail(err, "cannot write '%s': %m", path);
	output->done = true;
	return 0;
}

int feeds_compile(struct feeds *feeds, const char *path, struct error *err)
{
	until_return(compiling_clear) struct compiling compiling = {0};
	until_return(output_close) struct output output = {.fd = -1};
	until_return(memory_free) uint8_t *bytes = NULL;

	if (output_open(&output, path, err))
		return -1;
	compiling_init(&compiling, &feeds->entries);
	crowded_tell(feeds, &compiling);
	bytes = memory_new(compiling.head.bytes);
	compiling_write(&compiling, bytes);
	return output_write(&output, bytes, compiling.head.bytes, path, err);
}

int indicators_compile(const char *const *paths, size_t n, const char *output,
	void (*problem)(void *context, const struct feed_problem *problem), void *context,
	struct error *err)
{
	until_return(feeds_free) struct feeds *feeds = feeds_new(problem, context);

	for (size_t i = 0; i < n; i++)
		if (feeds_add_path(feeds, paths[i], err) < 0)
			return -1;
	return feeds_compile(feeds, output, err);
}

void feed_problem_text(const struct feed_problem *problem, char *text, size_t size)
{
	until_return(arena_clear) struct arena arena = {0};
	struct text file = text_printable(&arena, problem->file);

	if (!file.n)
		snprintf(text, size, "%.*s", TEXT_PRINT(problem->sentence));
	else if (problem->line)
		snprintf(text, size, "%.*s:%u: %.*s", TEXT_PRINT(file), problem->line,
			TEXT_PRINT(problem->sentence));
	else
		snprintf(text, size, "%.*s: %.*s", TEXT_PRINT(file),
			TEXT_PRINT(problem->sentence));
}
