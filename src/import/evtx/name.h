/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names of a chunk's elements and attributes. Each stands where it is first used, and is used
 * elsewhere by its offset in the chunk.
 */
#pragma once

#include "base/arena.h"
#include "import/evtx/budget.h"
#include "import/evtx/bytes.h"

enum { NAME_UNITS_MAX = 256 }; /* a name that is longer is cut */

struct name {
	struct text text;
	uint32_t end; /* of its bytes */
	bool cut;
};

struct names;
struct names *names_new(void);
void names_free(struct names **names);

/* Begins with another chunk. */
void names_begin(struct names *names, struct text chunk);

/*
 * The name at an offset, valid until names_begin; NULL if none can stand there or the budget is
 * gone.
 */
const struct name *name_find(struct names *names, uint32_t at, struct budget *budget);

/* Takes the offset of a name from the cursor, and the name too if it stands right there. */
const struct name *name_take(struct names *names, struct cursor *cursor, struct budget *budget);
