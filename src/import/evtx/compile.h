/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From XML to steps: the body of a template, or an element that stands in a record without one.
 */
#pragma once

#include "import/evtx/name.h"
#include "import/evtx/room.h"
#include "import/evtx/step.h"

struct compiler {
	struct record_names *record_names;
	struct places *places;
	struct names *names; /* of the chunk */
	struct budget budget; /* of the chunk */
	struct step *steps; /* of what is being compiled */
	uint32_t n, size;
};

void compiler_init(struct compiler *compiler, struct record_names *names);
void compiler_clear(struct compiler *compiler);

/*
 * Compiles from the cursor on, up to its end or that of the XML, which stands in `place`.
 * `dependent`: elements carry the number of a hole, as they do everywhere but in values. The steps
 * live in the room's arena. NULL, or why it cannot be read.
 */
const char *compile(struct compiler *compiler, struct cursor *cursor, const struct place *place,
	bool dependent, struct room *room, struct steps *steps);

/* The name that an element of data gives itself; `*cut` is set if it is longer than is kept. */
struct record_name *compiler_name(struct compiler *compiler, struct text text, bool *cut);

/* Moves the cursor over a template's instance, from behind its token to the end of its values. */
void instance_skip(struct cursor *cursor);
