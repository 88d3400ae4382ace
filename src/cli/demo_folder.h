/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scratch folder of a demonstration: made, filled with decoys, and removed without following
 * any link.
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "cli/demo.h"

/*
 * Makes the folder, or takes one that is empty, ours, and writable by nobody else; *made tells
 * which. -1 with a sentence for anything else.
 */
int folder_make(const char *path, bool *made, struct error *err);

/* Lays out web root, decoys and the copy of this program. */
int folder_fill(const struct demo *demo, struct error *err);

/* Removes what is in the folder, and the folder itself if it was made here. */
int folder_remove(const char *path, bool made, struct error *err);

/* Whether the path may stand in a shell command as it is. */
bool folder_name_is_plain(const char *path);
