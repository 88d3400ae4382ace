/* SPDX-License-Identifier: Apache-2.0 */
/* Paths of files as texts, without asking any file system. */
#pragma once

#include "base/arena.h"

/*
 * The path without "//", "." and ".."; the same text if it has none of these. Only of absolute
 * paths; others are given back as they are. Since symbolic links are not followed, ".." after one
 * leads elsewhere than the kernel would go.
 */
struct text path_canonical(struct arena *arena, struct text path);

/* A path that may be relative, made absolute from a folder (if that is known) and canonical. */
struct text path_absolute(struct arena *arena, struct text folder, struct text path);

/*
 * What follows the last dot of the last part, no text where there is none or the part begins with
 * it.
 */
struct text path_extension(struct text path);
