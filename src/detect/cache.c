// SPDX-License-Identifier: Apache-2.0
// The image of rules in a file, and whether it is still that of the rule files.

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "detect/folder.h"
#include "detect/listing.h"
#include "detect/image.h"
#include "detect/rules_private.h"

enum { SETTLED_SECONDS = 2, PATH_BYTES = 4096 };

#define IMAGE_BYTES_MAX (INT64_C(256) << 20)

/* In front of an image: how much of the file is the list of rule files, and the rest. */
struct head {
	uint64_t list_n, image_n;
};

/* The rule files, as text with what tells that they are the same. */
struct stamp {
	struct json_writer text;
	time_t now;
	bool settled; /* none was changed just now */
	/* of the last file, open, so that its neighbours are found sooner */
	char folder[PATH_BYTES];
	int fd;
};

/* Opens the folder of a path unless it is open; what is left of the path to be found in it. */
static const char *folder_enter(struct stamp *stamp, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) : 0;

	if (!n || n >= sizeof stamp->folder)
		return NULL;
	if (stamp->fd >= 0 && !strncmp(stamp->folder, path, n) && !stamp->folder[n])
		return slash + 1;
	fd_close(&stamp->fd);
	memcpy(stamp->folder, path, n);
	stamp->folder[n] = 0;
	stamp->fd = open(stamp->folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return stamp->fd >= 0 ? slash + 1 : NULL;
}

static void stamp_add(struct stamp *stamp, const char *path)
{
	const char *name = folder_enter(stamp, path);
	struct stat found;
	int64_t numbers[6] = {0};

	if (!fstatat(name ? stamp->fd : AT_FDCWD, name ? name : path, &found, 0)) {
		numbers[0] = (int64_t)found.st_size;
		numbers[1] = (int64_t)found.st_ino;
		numbers[2] = found.st_mtim.tv_sec * INT64_C(1000000000) + found.st_mtim.tv_nsec;
		numbers[3] = found.st_ctim.tv_sec * INT64_C(1000000000) + found.st_ctim.tv_nsec;
		numbers[4] = (int64_t)found.st_dev;
		stamp->settled &= found.st_ctim.tv_sec + SETTLED_SECONDS <= stamp->now;
	} else {
		stamp->settled = false;
	}
	json_raw(&stamp->text, text_of(path));
	json_raw(&stamp->text, (struct text){(const char *)numbers, sizeof numbers});
}

static void stamp_clear(struct stamp *stamp)
{
	json_writer_clear(&stamp->text);
	fd_close(&stamp->fd);
}

static struct text stamp_text(const struct stamp *stamp)
{
	return (struct text){stamp->text.at, stamp->text.n};
}

const char *cache_folder(char *buffer, size_t size)
{
	const char *home = getenv("HOME"), *cache = getenv("XDG_CACHE_HOME");
	const char *said = getenv("SAKER_CACHE");
	int n;

	if (said && !said[0])
		return NULL;
	if (said)
		n = snprintf(buffer, size, "%s", said);
	else if (!geteuid())
		n = snprintf(buffer, size, "/var/cache/saker");
	else if (cache && cache[0] == '/')
		n = snprintf(buffer, size, "%s/saker", cache);
	else if (home && home[0] == '/')
		n = snprintf(buffer, size, "%s/.cache/saker", home);
	else
		return NULL;
	return n > 0 && (size_t)n < size ? buffer : NULL;
}

/* One file for each way of naming rules. */
static void image_path(const char *folder, const char *const *paths, size_t n, char *path)
{
	uint64_t hash = 0;

	for (size_t i = 0; i < n; i++)
		hash = hash * 31 + text_hash(text_of(paths[i]));
	snprintf(path, PATH_BYTES, "%.3900s/rules-%016llx.image", folder,
		(unsigned long long)hash);
}

/* A file that is one's own and that no other may write, in memory as long as the rules. */
static bool own_file_map(const char *path, struct mapping *mapping)
{
	until_return(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat found;
	void *at;

	if (fd < 0 || fstat(fd, &found) || !S_ISREG(found.st_mode) ||
	    found.st_uid != geteuid() || found.st_mode & 022 ||
	    found.st_size < (off_t)sizeof(struct head) || found.st_size > IMAGE_BYTES_MAX)
		return false;
	at = mmap(NULL, (size_t)found.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (at == MAP_FAILED)
		return false;
	*mapping = (struct mapping){at, (size_t)found.st_size};
	return true;
}

/* Takes the rules from the image if it is theirs. */
static bool image_take(struct rules *rules, const char *path, struct text list)
{
	struct mapping *mapping = &rules->image;
	struct text image;
	struct head head;
	size_t n;

	if (!own_file_map(path, mapping))
		return false;
	memcpy(&head, mapping->at, sizeof head);
	n = mapping->n - sizeof head;
	if (head.list_n != list.n || head.list_n > n || head.image_n != n - head.list_n ||
	    memcmp(mapping->at + sizeof head, list.at, list.n))
		return false;
	image = (struct text){mapping->at + sizeof head + list.n, head.image_n};
	return rules_from_image(rules, image);
}

static bool write_all(int fd, const void *at, size_t n)
{
	for (size_t done = 0; done < n;) {
		ssize_t wrote = write(fd, (const char *)at + done, n - done);

		if (wrote <= 0)
			return false;
		done += (size_t)wrote;
	}
	return true;
}

/* Whether it worked or not: without an image it only takes longer. */
static void image_keep(struct rules *rules, const char *folder, const char *path,
	struct text list)
{
	struct text image = rules_image(rules);
	struct head head = {list.n, image.n};
	char scratch[PATH_BYTES + 8];
	until_return(fd_close) int fd = -1;

	mkdir(folder, 0700);
	snprintf(scratch, sizeof scratch, "%s.XXXXXX", path);
	fd = mkostemp(scratch, O_CLOEXEC);
	if (fd >= 0 && (!write_all(fd, &head, sizeof head) || !write_all(fd, list.at, list.n) ||
			!write_all(fd, image.at, image.n) || rename(scratch, path)))
		unlink(scratch);
	free((char *)image.at);
}

int64_t rules_add_cached(struct rules *rules, const char *const *paths, size_t n,
	const char *cache, struct error *err)
{
	until_return(stamp_clear) struct stamp stamp = {
		.now = time(NULL),
		.settled = true,
		.fd = -1,
	};
	char path[PATH_BYTES];
	int64_t added = 0;

	for (size_t i = 0; i < n; i++) {
		until_return(listing_clear) struct listing listing = {0};

		if (files_list(paths[i], rule_endings, &listing, err))
			return -1;
		for (size_t j = 0; j < listing.n; j++)
			stamp_add(&stamp, listing.at[j]);
	}
	if (cache) {
		image_path(cache, paths, n, path);
		if (image_take(rules, path, stamp_text(&stamp)))
			return (int64_t)rules_count(rules);
		rules_restart(rules);
	}
	for (size_t i = 0; i < n; i++) {
		int64_t more = rules_add_folder(rules, paths[i], err);

		if (more < 0)
			return -1;
		added += more;
	}
	if (cache && stamp.settled)
		image_keep(rules, cache, path, stamp_text(&stamp));
	return added;
}
