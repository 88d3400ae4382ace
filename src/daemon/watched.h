/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The places whose changes are events: those of the settings, and for each user of /etc/passwd
 * his .ssh folder and the histories of his shells.
 */
#pragma once

#include <stddef.h>

enum { WATCHED_MAX = 512 };

struct watched {
	const char *at[WATCHED_MAX];
	size_t n;
};

/* Adds a place once; at most WATCHED_MAX, and only absolute paths. The string is copied. */
void watched_add(struct watched *watched, const char *path);

/*
 * Adds what the users of that file have at home. Homes that are shared or no real ones ("/",
 * "/nonexistent") are left out.
 */
void watched_users(struct watched *watched, const char *passwd);

void watched_clear(struct watched *watched);
