// SPDX-License-Identifier: Apache-2.0
// The files behind the paths that a user names.

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "import/source.h"
#include "import/unpack.h"

enum { FILES_MAX = 1000000, DEPTH_MAX = 64 };

struct found {
	char *path;
	uint64_t size;
	bool named;
};

struct source {
	struct found *files;
	size_t n, size, next;
	uint64_t total, done;
	bool total_unknown, too_many;
	int fd;
	struct stat stat;
	struct unpack *unpack;
};

struct source *source_new(void)
{
	struct source *source = memory_new(sizeof *source);

	source->fd = -1;
	return source;
}

static void file_leave(struct source *source)
{
	if (source->unpack)
		source->done += unpack_taken(source->unpack);
	unpack_free(&source->unpack);
	if (source->fd > STDIN_FILENO)
		fd_close(&source->fd);
	source->fd = -1;
}

void source_free(struct source **source)
{
	struct source *s = *source;

	if (!s)
		return;
	file_leave(s);
	for (size_t i = 0; i < s->n; i++)
		free(s->files[i].path);
	free(s->files);
	memory_free(source);
}

static void file_add(struct source *source, const char *path, uint64_t size, bool named)
{
	if (source->n == FILES_MAX) {
		source->too_many = true;
		return;
	}
	if (source->n == source->size) {
		source->size = source->size ? source->size * 2 : 16;
		source->files = memory_resize(source->files, source->size, sizeof *source->files);
	}
	source->files[source->n++] = (struct found){memory_string(path), size, named};
	source->total += size;
}

static int entry_order(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int entry_is_shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void folder_add(struct source *source, const char *path, unsigned depth);

static void entry_add(struct source *source, const char *folder, const char *name, unsigned depth)
{
	until_return(memory_free) char *path = NULL;
	struct stat found;

	if (asprintf(&path, "%s/%s", folder, name) < 0 || lstat(path, &found))
		return;
	if (S_ISDIR(found.st_mode) && depth < DEPTH_MAX)
		folder_add(source, path, depth + 1);
	else if (S_ISREG(found.st_mode))
		file_add(source, path, (uint64_t)found.st_size, false);
}

static void folder_add(struct source *source, const char *path, unsigned depth)
{
	struct dirent **entries;
	int n = scandir(path, &entries, entry_is_shown, entry_order);

	if (n < 0) {
		file_add(source, path, 0, true); /* opening it will say why */
		return;
	}
	for (int i = 0; i < n; i++) {
		entry_add(source, path, entries[i]->d_name, depth);
		free(entries[i]);
	}
	free(entries);
}

int source_add(struct source *source, const char *path, struct error *err)
{
	struct stat found;

	if (!strcmp(path, "-")) {
		source->total_unknown = true;
		file_add(source, path, 0, true);
		return 0;
	}
	if (stat(path, &found))
		return fail(err, "cannot open '%s': %m", path);
	if (S_ISDIR(found.st_mode)) {
		folder_add(source, path, 0);
		return 0;
	}
	source->total_unknown |= !S_ISREG(found.st_mode);
	file_add(source, path, S_ISREG(found.st_mode) ? (uint64_t)found.st_size : 0, true);
	return 0;
}

static int file_enter(struct source *source, const struct found *found, struct error *err)
{
	int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | (found->named ? 0 : O_NOFOLLOW | O_NONBLOCK);

	if (!strcmp(found->path, "-"))
		source->fd = STDIN_FILENO;
	else
		source->fd = open(found->path, flags);
	if (source->fd < 0 || fstat(source->fd, &source->stat))
		return fail(err, "cannot open '%s': %m", found->path);
	if (S_ISDIR(source->stat.st_mode))
		return fail(err, "cannot read the folder '%s'", found->path);
	posix_fadvise(source->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	source->unpack = unpack_new(source->fd, found->path);
	return 0;
}

/* What is known of the file at hand. */
static void describe(const struct source *source, struct log_file *file, const char *name,
	int64_t modified)
{
	bool plain = unpack_is_plain(source->unpack) && S_ISREG(source->stat.st_mode);

	if (modified < 0 && S_ISREG(source->stat.st_mode))
		modified = source->stat.st_mtime;
	*file = (struct log_file){
		.name = name,
		.modified = modified >= 0 && modified < INT64_MAX / 1000000000 ?
			modified * 1000000000 : NUMBER_NONE,
		.size = plain ? (uint64_t)source->stat.st_size : UINT64_MAX,
	};
}

int source_next(struct source *source, struct log_file *file, struct error *err)
{
	for (;;) {
		const char *name;
		int64_t modified;
		int got;

		if (source->unpack) {
			got = unpack_next(source->unpack, &name, &modified, err);
			if (got > 0)
				describe(source, file, name, modified);
			if (got < 0)
				fail_in(err, "'%s': ", name);
			if (got)
				return got;
			file_leave(source);
		}
		if (source->next == source->n)
			break;
		if (file_enter(source, source->files + source->next++, err)) {
			file_leave(source);
			return -1;
		}
	}
	if (!source->too_many)
		return 0;
	source->too_many = false;
	return fail(err, "there are more than %d files; the rest is left out", FILES_MAX);
}

int64_t source_read(struct source *source, void *to, size_t n, struct error *err)
{
	return unpack_read(source->unpack, to, n, err);
}

int source_descriptor(const struct source *source)
{
	return source->unpack && unpack_is_plain(source->unpack) && S_ISREG(source->stat.st_mode) ?
		source->fd : -1;
}

bool source_is_named(const struct source *source)
{
	return source->next && source->files[source->next - 1].named &&
		unpack_is_plain(source->unpack);
}

uint64_t source_done(const struct source *source)
{
	return source->done + (source->unpack ? unpack_taken(source->unpack) : 0);
}

uint64_t source_total(const struct source *source)
{
	return source->total_unknown ? 0 : source->total;
}
