/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All rule files of a folder, or one file, read into a set of rules: every *.yml and *.yaml below
 * it, sorted by path, so that rules have the same numbers every time.
 */
#pragma once

#include "detect/rules.h"

/*
 * Adds the rules of a file or a folder; files are named as `path` leads to them. A file that
 * cannot be read becomes a problem of the set, as does what is beyond 20,000 files or 64 MiB.
 * Returns the number of rules added, -1 with a sentence if `path` itself cannot be read or holds
 * no rule file.
 */
int64_t rules_add_folder(struct rules *rules, const char *path, struct error *err);
