/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The modifiers of a field name, as modifier.def lists them, read from a key such as
 * "CommandLine|contains|all".
 */
#pragma once

#include "detect/sigma/problem.h"

enum modifier {
#define MODIFIER(name, with, sentence) MODIFIER_##name,
#include "detect/sigma/modifier.def"
#undef MODIFIER
	MODIFIERS
};

enum modifier_bit {
#define MODIFIER(name, with, sentence) M_##name = 1 << MODIFIER_##name,
#include "detect/sigma/modifier.def"
#undef MODIFIER
	M_PLACES = M_contains | M_startswith | M_endswith,
	M_UTF16 = M_wide | M_utf16le | M_utf16be | M_utf16,
	M_ENCODINGS = M_base64 | M_base64offset | M_UTF16,
	M_COMPARISONS = M_lt | M_lte | M_gt | M_gte,
	M_TIMES = M_minute | M_hour | M_day | M_week | M_month | M_year,
};

struct modifiers {
	uint32_t set; /* M_ bits */
	uint8_t order[MODIFIERS]; /* enum modifier, as written */
	unsigned n;
};

extern const char *const modifier_names[MODIFIERS], *const modifier_sentences[MODIFIERS];

/*
 * Reads a key: the field's name (empty for keywords) and its modifiers. False after a mistake was
 * noted: a modifier that does not exist, stands twice, or does not go with another.
 */
bool modifiers_read(struct document *document, const struct yaml *key, struct text *field,
	struct modifiers *modifiers);
