/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parts of `saker demo web-shell` share. The command (demo.c) lays out a scratch folder,
 * copies its own program to <folder>/usr/sbin/httpd and starts that; the copy is the "web server"
 * of the story and takes the steps (demo_steps.c).
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

enum demo_pace { PACE_normal, PACE_fast, PACE_slow };

struct demo {
	const char *folder; /* absolute, made of letters, digits and "/._-" */
	enum demo_pace pace;
	bool json;
	bool is_root;
	uid_t web_uid; /* whom the web server's steps are taken as; our own where not root */
	gid_t web_gid;
	const char *web_user;
};

struct demo_step {
	const char *name, *sentence;
	const char *rules[4]; /* titles, up to the first NULL */
};

enum {
#define STEP(name, ...) DEMO_STEP_##name,
#include "cli/demo_step.def"
#undef STEP
	DEMO_STEPS
};

extern const struct demo_step demo_steps[DEMO_STEPS];

/* Milliseconds: between two steps, and between two beacons (before jitter). */
int demo_pause(enum demo_pace pace);
int demo_rhythm(enum demo_pace pace);

/* Fills in who we are and whom the web server's steps are taken as. */
void demo_who(struct demo *demo);

/*
 * Takes all steps, one after the other, and tells of each on standard output. Runs inside of the
 * copy.
 */
void demo_take_steps(const struct demo *demo);
