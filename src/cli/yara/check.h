/* SPDX-License-Identifier: Apache-2.0 */
/* YARA files among what `saker rules check` is asked to check. */
#pragma once

#include "cli/command.h"

/* The paths of an invocation that lead to YARA files. */
struct yara_paths {
	const char *at[64];
	size_t n;
};

/*
 * Notes the YARA files and folders among argv[2] and those behind it, and takes out of argv what
 * holds nothing else; without any argument, those that came with saker, of which the name goes to
 * `folder`.
 */
void yara_paths_take(struct invocation *invocation, struct yara_paths *paths, char *folder,
	size_t size);

/*
 * Prints what libyara and the linter say of them; EXIT_found if a file is refused or a condition
 * can never be true.
 */
int yara_check(const struct invocation *invocation, const struct yara_paths *paths);
