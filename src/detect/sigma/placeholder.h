/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values for the placeholders of `expand`: documents among the rules.
 *
 *	placeholders:
 *	  administrators: [alice, bob]
 */
#pragma once

#include "detect/sigma/detection.h"

struct placeholder {
	struct placeholder *next;
	struct text name;
	struct text_list values;
};

struct placeholders {
	struct placeholder *first;
	bool all_known; /* all documents were read: what has no value now has none */
};

/* Whether the document is one of them, and what it says; mistakes are noted. */
bool placeholders_is(const struct yaml *root);
void placeholders_read(struct reader *reader, const struct yaml *root);

/*
 * The value of a field with its first %name% replaced by each of its values; NULL if there are
 * none yet (reader->waits) or at all (a mistake). `*expanded` is false if there is no %name%.
 */
struct expression *placeholder_read(struct reader *reader, const struct modifiers *modifiers,
	uint32_t field, const struct yaml *value, bool *expanded);
