/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The folders in which one waits: some folders and all below them, at most HOLD_FOLDERS_MAX, found
 * again by each scan. A folder is read only when its time of change says that it has others than
 * before; symbolic links are not followed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct marks;

/* `group` is a fanotify group, which stays the caller's; `mask`: what it is told of (FAN_*). */
struct marks *marks_new(int group, uint64_t mask, const char *const *folders, size_t n);
void marks_free(struct marks **marks);

/*
 * Marks what is new. A folder that does not exist (yet) is no error; -1 with a sentence if the
 * kernel refuses to mark.
 */
int marks_scan(struct marks *marks, struct error *err);

/* Marked folders; `cut` tells whether there are more than could be marked. */
size_t marks_count(const struct marks *marks, bool *cut);
