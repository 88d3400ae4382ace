// SPDX-License-Identifier: Apache-2.0
// Rule files below a folder.

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "detect/folder.h"
#include "detect/folder_private.h"
#include "detect/rules_private.h"

enum { FILES_MAX = 20000, FOLDER_DEPTH_MAX = 32, BYTES_MAX = 64 << 20,
	FILE_BYTES_MAX = (4 << 20) + 1 };

void listing_clear(struct listing *listing)
{
	for (size_t i = 0; i < listing->n; i++)
		free(listing->at[i]);
	free(listing->at);
}

static void folder_close(DIR **folder)
{
	if (*folder)
		closedir(*folder);
	*folder = NULL;
}

static bool is_rule_file(const char *name)
{
	struct text text = text_of(name);

	return text_ends(text, TEXT(".yml")) || text_ends(text, TEXT(".yaml"));
}

static void listing_add(struct listing *listing, char *path)
{
	if (listing->n == listing->size) {
		listing->size = listing->size ? listing->size * 2 : 64;
		listing->at = memory_resize(listing->at, listing->size, sizeof *listing->at);
	}
	listing->at[listing->n++] = path;
}

static char *path_join(const char *folder, const char *name)
{
	size_t n = strlen(folder), size = n + strlen(name) + 2;
	char *path = memory_new(size);

	snprintf(path, size, "%s%s%s", folder, n && folder[n - 1] == '/' ? "" : "/", name);
	return path;
}

/* Whether a path is a folder that was not reached through a link. */
static bool is_folder(const char *path, const struct dirent *entry)
{
	struct stat found;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return !lstat(path, &found) && S_ISDIR(found.st_mode);
}

static int folder_list(const char *path, unsigned depth, struct listing *listing,
	struct error *err)
{
	until_return(folder_close) DIR *folder = opendir(path);
	struct dirent *entry;

	if (!folder)
		return fail(err, "cannot open '%s': %m", path);
	while ((entry = readdir(folder)) && listing->n < FILES_MAX) {
		until_return(memory_free) char *below = NULL;

		if (entry->d_name[0] == '.')
			continue;
		below = path_join(path, entry->d_name);
		if (is_folder(below, entry)) {
			if (depth < FOLDER_DEPTH_MAX)
				folder_list(below, depth + 1, listing, NULL);
		} else if (is_rule_file(entry->d_name)) {
			listing_add(listing, give(below));
		}
	}
	return 0;
}

static int path_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int rule_files_list(const char *path, struct listing *listing, struct error *err)
{
	struct stat found;

	if (stat(path, &found))
		return fail(err, "cannot read rules from '%s': %m", path);
	if (!S_ISDIR(found.st_mode)) {
		listing_add(listing, memory_string(path));
		return 0;
	}
	if (folder_list(path, 0, listing, err))
		return -1;
	if (!listing->n)
		return fail(err, "there is no rule file (*.yml) below '%s'", path);
	qsort(listing->at, listing->n, sizeof *listing->at, path_order);
	return 0;
}

/* Reads at most FILE_BYTES_MAX bytes. */
static int file_read(const char *path, char *buffer, struct text *bytes, struct error *err)
{
	until_return(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat found;
	size_t n = 0;

	if (fd < 0 || fstat(fd, &found))
		return fail(err, "cannot open '%s': %m", path);
	if (S_ISDIR(found.st_mode))
		return fail(err, "'%s' is a folder", path);
	while (n < FILE_BYTES_MAX) {
		ssize_t got = read(fd, buffer + n, FILE_BYTES_MAX - n);

		if (got < 0)
			return fail(err, "cannot read '%s': %m", path);
		if (!got)
			break;
		n += (size_t)got;
	}
	*bytes = (struct text){buffer, n};
	return 0;
}

static void file_add(struct rules *rules, const char *path, char *buffer, size_t *total,
	int64_t *added)
{
	struct error why;
	struct text bytes;

	if (file_read(path, buffer, &bytes, &why)) {
		problem_add(&rules->problems, text_of(path), 1, 1, true, "%s", why.text);
		return;
	}
	*total += bytes.n;
	*added += (int64_t)rules_add(rules, path, bytes);
}

int64_t rules_add_folder(struct rules *rules, const char *path, struct error *err)
{
	until_return(listing_clear) struct listing listing = {0};
	until_return(memory_free) char *buffer = memory_new(FILE_BYTES_MAX);
	size_t total = 0;
	int64_t added = 0;

	if (rule_files_list(path, &listing, err))
		return -1;
	for (size_t i = 0; i < listing.n; i++) {
		if (total > BYTES_MAX || i == FILES_MAX - 1) {
			problem_add(&rules->problems, text_of(listing.at[i]), 1, 1, true,
				"this file and all after it are left out: the folder has more "
				"than 20000 files or 64 MiB");
			break;
		}
		file_add(rules, listing.at[i], buffer, &total, &added);
	}
	return added;
}
