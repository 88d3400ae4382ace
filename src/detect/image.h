/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules as they are once read, in one file, so that the next program need not read YAML: valid as
 * long as the rule files are the same by name, size, inode and times. A file changed within the
 * last seconds gets no image, since a second change could look the same.
 *
 *	if (!rules_add_cached(rules, paths, n, folder, &err)) ...
 */
#pragma once

#include "detect/rules.h"

/*
 * Adds the rules of files and folders (see rules_add_folder) to a set that is empty yet, from the
 * image in `cache` (a folder, made where it is missing; NULL: no image is read or kept). An image
 * that is damaged, of another version, or not one's own is not used. What the rules carry as
 * examples is not in an image. Returns as rules_add_folder does.
 */
int64_t rules_add_cached(struct rules *rules, const char *const *paths, size_t n,
	const char *cache, struct error *err);

/*
 * The user's folder for it: $SAKER_CACHE (empty: none); else below $XDG_CACHE_HOME or ~/.cache;
 * root's is /var/cache/saker. NULL if there is none.
 */
const char *cache_folder(char *buffer, size_t size);

/* The image itself, to be freed; and reading one back: false if it is damaged. */
struct text rules_image(struct rules *rules);
bool rules_from_image(struct rules *rules, struct text image);
