// SPDX-License-Identifier: Apache-2.0
// Files of certain endings below a folder.

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/own.h"
#include "base/text.h"
#include "detect/listing.h"

enum { FOLDER_DEPTH_MAX = 32 };

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

static bool is_wanted(const char *name, const char *const *endings)
{
	for (; *endings; endings++)
		if (text_ends(text_of(name), text_of(*endings)))
			return true;
	return false;
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

static int folder_list(const char *path, const char *const *endings, unsigned depth,
	struct listing *listing, struct error *err)
{
	until_return(folder_close) DIR *folder = opendir(path);
	struct dirent *entry;

	if (!folder)
		return fail(err, "cannot open '%s': %m", path);
	while ((entry = readdir(folder)) && listing->n < LISTING_MAX) {
		until_return(memory_free) char *below = NULL;

		if (entry->d_name[0] == '.')
			continue;
		below = path_join(path, entry->d_name);
		if (is_folder(below, entry)) {
			if (depth < FOLDER_DEPTH_MAX)
				folder_list(below, endings, depth + 1, listing, NULL);
		} else if (is_wanted(entry->d_name, endings)) {
			listing_add(listing, give(below));
		}
	}
	return 0;
}

static int path_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int files_list(const char *path, const char *const *endings, struct listing *listing,
	struct error *err)
{
	struct stat found;
	size_t before = listing->n;

	if (stat(path, &found))
		return fail(err, "cannot read rules from '%s': %m", path);
	if (!S_ISDIR(found.st_mode)) {
		listing_add(listing, memory_string(path));
		return 0;
	}
	if (folder_list(path, endings, 0, listing, err))
		return -1;
	if (listing->n == before)
		return fail(err, "there is no rule file (*%s) below '%s'", endings[0], path);
	qsort(listing->at + before, listing->n - before, sizeof *listing->at, path_order);
	return 0;
}
