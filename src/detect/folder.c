// SPDX-License-Identifier: Apache-2.0
// Rule files below a folder.

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "detect/folder.h"
#include "detect/listing.h"
#include "detect/rules_private.h"

enum { BYTES_MAX = 64 << 20,
	FILE_BYTES_MAX = (4 << 20) + 1 };

const char *const rule_endings[] = {".yml", ".yaml", NULL};

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

	if (files_list(path, rule_endings, &listing, err))
		return -1;
	for (size_t i = 0; i < listing.n; i++) {
		if (total > BYTES_MAX || i == LISTING_MAX - 1) {
			problem_add(&rules->problems, text_of(listing.at[i]), 1, 1, true,
				"this file and all after it are left out: the folder has more "
				"than 20000 files or 64 MiB");
			break;
		}
		file_add(rules, listing.at[i], buffer, &total, &added);
	}
	return added;
}
