/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Content on its way to the engine, which opens no files: the parent gathers the bytes of all
 * rule and indicator files in one sealed memfd, without looking into them; the engine reads them
 * one after the other.
 *
 *	fd = content_gather(&sources, &err);			// parent
 *	struct content *content = content_open(fd, &err);	// engine
 *	while (content_next(content, &item)) ...
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

enum content_kind {
	CONTENT_rules,
	CONTENT_indicators,
	CONTENT_users,
	CONTENT_yara,
	CONTENT_KINDS
};

enum { CONTENT_MAX = 64 << 20, CONTENT_FILES_MAX = 65536 };

struct content_source {
	enum content_kind kind;
	/*
	 * a folder: all its files of the kind's endings, recursively, in order of name; or a file
	 */
	const char *path;
};

/*
 * A descriptor that the caller closes. Rules: *.yml, *.yaml; indicators: *.txt, *.csv, *.json;
 * YARA: *.yar, *.yara.
 * Names are relative to the source's path. -1 with a sentence if a source cannot be read, or all
 * together are larger than CONTENT_MAX. Symbolic links that lead out of a source folder, sockets
 * and devices are left out.
 */
int content_gather(const struct content_source *sources, size_t n, struct error *err);

/*
 * The folder of content that came with saker ("rules", "indicators", "yara"): beside the program
 * (../content, ../share/saker), else where it was installed, else in the source tree it was built
 * from. False if there is none.
 */
bool content_folder(const char *name, char *path, size_t size);

struct content;

struct content_item {
	enum content_kind kind;
	struct text name, bytes; /* live as long as the content */
};

/*
 * Reads what content_gather made; every length in it is checked. The descriptor stays the
 * caller's. NULL with a sentence.
 */
struct content *content_open(int fd, struct error *err);
void content_close(struct content **content);

/* The next item; false after the last, and where the rest is malformed. */
bool content_next(struct content *content, struct content_item *item);
