// SPDX-License-Identifier: Apache-2.0
// Tactics of ATT&CK.

#include <ctype.h>

#include "base/own.h"
#include "base/printable.h"
#include "intrusion/tactic.h"

static const struct {
	const char *name, *words;
} tactics[] = {
#define TACTIC(name, words) { name, words },
#include "intrusion/tactic.def"
#undef TACTIC
};

static bool is_name(struct text text, const char *name)
{
	size_t i = 0;

	for (; i < text.n && name[i]; i++) {
		char c = text.at[i] == '_' || text.at[i] == ' ' ? '-' : (char)tolower(text.at[i]);

		if (c != name[i])
			return false;
	}
	return i == text.n && !name[i];
}

unsigned tactic_rank(struct text name)
{
	unsigned i = 0;

	while (i < array_size(tactics) && !is_name(name, tactics[i].name))
		i++;
	return i;
}

struct text tactic_words(struct text name, struct arena *arena)
{
	unsigned rank = tactic_rank(name);

	return rank < array_size(tactics) ? text_of(tactics[rank].words)
					  : text_printable(arena, name);
}
