/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts made fit to be shown. What a hostile process chose (its name, its arguments, a path) must
 * not reach a terminal, a page or a table raw: it could move the cursor, change colours, or turn
 * the order of reading around.
 *
 *	printf("%.*s\n", TEXT_PRINT(text_printable(&arena, command_line)));
 */
#pragma once

#include "base/arena.h"
#include "base/text.h"

/* For printf's "%.*s". */
#define TEXT_PRINT(text) ((int)(text).n), ((text).at ? (text).at : "")

/*
 * The same text with everything harmful spelled: \n \t \r, other control characters and bytes that
 * are no UTF-8 as \x1b, invisible characters and those that change the direction of writing as
 * \u202e. The result is valid UTF-8 on one line. It is the text itself where there is nothing to
 * spell, else a copy in the arena; no text gives an empty one.
 */
struct text text_printable(struct arena *arena, struct text text);

/*
 * The same for JSON, which stays the same JSON: inside its strings, DEL, C1 controls and the
 * characters named above become \u escapes. The JSON must be whole, as json_writer writes it.
 */
struct text json_printable(struct arena *arena, struct text json);

/*
 * At most `max` (not less than 3) bytes of a valid UTF-8 text, with an ellipsis in place of what
 * was cut; never cuts inside of a character.
 */
struct text text_shorten(struct arena *arena, struct text text, size_t max);
