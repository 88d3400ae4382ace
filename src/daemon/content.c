// SPDX-License-Identifier: Apache-2.0
// Content on its way to the engine: gathered into one sealed memfd, read back item by item.

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "daemon/content.h"

/* Before each item, then its name and its bytes; the next begins at the next multiple of eight. */
struct item_head {
	uint32_t kind, name_length, length, pad;
};

struct content {
	const char *at;
	size_t n, next;
};

struct bundle {
	int fd;
	size_t size, files;
};

static const char *const endings[CONTENT_KINDS][4] = {
	[CONTENT_rules] = {".yml", ".yaml"},
	[CONTENT_indicators] = {".txt", ".csv", ".json"},
	[CONTENT_users] = {""},
	[CONTENT_yara] = {".yar", ".yara"},
};

static bool is_wanted(enum content_kind kind, const char *name)
{
	for (size_t i = 0; endings[kind][i]; i++)
		if (text_ends(text_of(name), text_of(endings[kind][i])))
			return true;
	return false;
}

static int put(struct bundle *bundle, const void *bytes, size_t n, struct error *err)
{
	const char *at = bytes;

	while (n) {
		ssize_t wrote = write(bundle->fd, at, n);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0)
			return fail(err, "cannot keep the content in memory: %m");
		at += wrote;
		n -= (size_t)wrote;
		bundle->size += (size_t)wrote;
	}
	return 0;
}

/*
 * Copies as many bytes as the file had when it was looked at; one that shrank meanwhile is filled
 * up with blanks.
 */
static int copy(struct bundle *bundle, int fd, size_t n, const char *path, struct error *err)
{
	char buffer[16384];

	while (n) {
		size_t part = n < sizeof buffer ? n : sizeof buffer;
		ssize_t got = read(fd, buffer, part);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail(err, "cannot read '%s': %m", path);
		if (!got)
			memset(buffer, ' ', part);
		if (put(bundle, buffer, got ? (size_t)got : part, err))
			return -1;
		n -= got ? (size_t)got : part;
	}
	return 0;
}

static int file_add(struct bundle *bundle, enum content_kind kind, const char *path,
	const char *name, struct error *err)
{
	/* O_NONBLOCK: a name may have become a fifo */
	until_return(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct item_head head = {.kind = kind, .name_length = (uint32_t)strlen(name)};
	static const char zeros[8];
	struct stat file;

	if (fd < 0 || fstat(fd, &file))
		return fail(err, "cannot read '%s': %m", path);
	if (!S_ISREG(file.st_mode))
		return 0;
	if ((uint64_t)file.st_size > CONTENT_MAX - bundle->size ||
		bundle->files == CONTENT_FILES_MAX)
		return fail(err,
			"the content is too large with '%s' (at most 64 MiB in 65,536 files); "
			"choose a smaller folder",
			path);
	head.length = (uint32_t)file.st_size;
	if (put(bundle, &head, sizeof head, err) || put(bundle, name, head.name_length, err) ||
		copy(bundle, fd, head.length, path, err))
		return -1;
	bundle->files++;
	return put(bundle, zeros, -bundle->size & 7, err);
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

static bool is_inside(const char *folder, const char *path)
{
	until_return(memory_free) char *top = realpath(folder, NULL);
	until_return(memory_free) char *target = realpath(path, NULL);
	size_t n = top ? strlen(top) : 0;

	return n && target && !strncmp(target, top, n) && target[n] == '/';
}

static int folder_add(
	struct bundle *bundle, const struct content_source *source, struct error *err)
{
	char *const paths[] = {(char *)source->path, NULL};
	until_return(fts_end) FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	size_t top = strlen(source->path);
	FTSENT *entry;

	if (!walk)
		return fail(err, "cannot read the folder '%s': %m", source->path);
	while (errno = 0, (entry = fts_read(walk))) {
		const char *name = entry->fts_path + top;

		if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR)
			return fail(err, "cannot read '%s': %s", entry->fts_path,
				strerror(entry->fts_errno));
		if (entry->fts_info != FTS_F && entry->fts_info != FTS_SL)
			continue;
		if (!is_wanted(source->kind, entry->fts_name))
			continue;
		if (entry->fts_info == FTS_SL && !is_inside(source->path, entry->fts_path))
			continue;
		while (*name == '/')
			name++;
		if (file_add(bundle, source->kind, entry->fts_path, name, err))
			return -1;
	}
	return errno ? fail(err, "cannot read the folder '%s': %m", source->path) : 0;
}

static int source_add(
	struct bundle *bundle, const struct content_source *source, struct error *err)
{
	struct stat file;
	const char *name = strrchr(source->path, '/');

	if (stat(source->path, &file))
		return fail(err, "cannot read '%s': %m", source->path);
	if (S_ISDIR(file.st_mode))
		return folder_add(bundle, source, err);
	return file_add(bundle, source->kind, source->path, name ? name + 1 : source->path, err);
}

int content_gather(const struct content_source *sources, size_t n, struct error *err)
{
	until_return(fd_close) int fd =
		memfd_create("saker-content", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct bundle bundle = {.fd = fd};

	if (fd < 0)
		return fail(err, "cannot keep the content in memory: %m");
	for (size_t i = 0; i < n; i++)
		if (source_add(&bundle, &sources[i], err))
			return -1;
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL))
		return fail(err, "cannot seal the content: %m");
	return give_fd(&fd);
}

static bool is_folder(const char *path)
{
	struct stat file;

	return !stat(path, &file) && S_ISDIR(file.st_mode);
}

bool content_folder(const char *name, char *path, size_t size)
{
	static const char *const beside[] = {"../content", "../share/saker"};
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	char *slash;

	self[n < 0 ? 0 : n] = 0;
	slash = strrchr(self, '/');
	if (slash)
		*slash = 0;
	for (size_t i = 0; slash && i < array_size(beside); i++)
		if ((size_t)snprintf(path, size, "%s/%s/%s", self, beside[i], name) < size &&
			is_folder(path))
			return true;
	if ((size_t)snprintf(path, size, "%s/%s", SAKER_DATA, name) < size && is_folder(path))
		return true;
	return (size_t)snprintf(path, size, "%s/%s", SAKER_SOURCE_CONTENT, name) < size &&
		is_folder(path);
}

struct content *content_open(int fd, struct error *err)
{
	until_return(content_close) struct content *content = memory_new(sizeof *content);
	struct stat file;
	void *at;

	if (fstat(fd, &file))
		return fail_null(err, "cannot read the content: %m");
	if (file.st_size > 2 * CONTENT_MAX)
		return fail_null(err, "the content is too large");
	if (!file.st_size)
		return give(content);
	at = mmap(NULL, (size_t)file.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (at == MAP_FAILED)
		return fail_null(err, "cannot read the content: %m");
	content->at = at;
	content->n = (size_t)file.st_size;
	return give(content);
}

void content_close(struct content **content)
{
	struct content *c = give(*content);

	if (c && c->at)
		munmap((void *)c->at, c->n);
	free(c);
}

bool content_next(struct content *content, struct content_item *item)
{
	size_t left = content->n - content->next, need;
	struct item_head head;

	if (left < sizeof head)
		return false;
	memcpy(&head, content->at + content->next, sizeof head);
	need = sizeof head + (size_t)head.name_length + head.length;
	if (head.kind >= CONTENT_KINDS || need > left)
		return false;
	*item = (struct content_item){
		.kind = (enum content_kind)head.kind,
		.name = {content->at + content->next + sizeof head, head.name_length},
		.bytes = {content->at + content->next + sizeof head + head.name_length,
			head.length},
	};
	need = (need + 7) & ~(size_t)7;
	content->next += need < left ? need : left;
	return true;
}
