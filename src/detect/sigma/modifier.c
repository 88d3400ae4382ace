// SPDX-License-Identifier: Apache-2.0
// The modifiers of a field name.

#include "base/own.h"
#include "detect/sigma/modifier.h"

const char *const modifier_names[MODIFIERS] = {
#define MODIFIER(name, with, sentence) #name,
#include "detect/sigma/modifier.def"
#undef MODIFIER
};

const char *const modifier_sentences[MODIFIERS] = {
#define MODIFIER(name, with, sentence) sentence,
#include "detect/sigma/modifier.def"
#undef MODIFIER
};

static const uint32_t goes_with[MODIFIERS] = {
#define MODIFIER(name, with, sentence) (uint32_t)(with),
#include "detect/sigma/modifier.def"
#undef MODIFIER
};

/* Names of other versions and tools, and what they are called here. */
static const struct {
	const char *other, *name;
} known_mistakes[] = {
	{"base64offset_contains", "base64offset|contains"},
	{"regex", "re"},
	{"regexp", "re"},
	{"equals", "no modifier at all"},
	{"eq", "no modifier at all"},
	{"ne", "neq"},
	{"not", "neq, or 'not' in the condition"},
	{"any", "no modifier at all"},
	{"begins", "startswith"},
	{"ends", "endswith"},
	{"in", "a list of values"},
	{"like", "contains, or * in the value"},
	{"ignorecase", "i"},
	{"multiline", "m"},
	{"dotall", "s"},
	{"utf8", "no modifier at all"},
};

static int modifier_find(struct text name)
{
	for (int i = 0; i < MODIFIERS; i++)
		if (text_is(name, modifier_names[i]))
			return i;
	return -1;
}

static void modifier_unknown(struct document *document, const struct yaml *key, struct text name)
{
	struct text names[MODIFIERS];
	int nearest;

	for (size_t i = 0; i < array_size(known_mistakes); i++)
		if (text_is(name, known_mistakes[i].other)) {
			mistake(document, key, "'%.*s' is no modifier; write %s", SHORT(name),
				known_mistakes[i].name);
			return;
		}
	for (int i = 0; i < MODIFIERS; i++)
		names[i] = text_of(modifier_names[i]);
	nearest = word_nearest(name, names, MODIFIERS);
	if (nearest >= 0)
		mistake(document, key, "'%.*s' is no modifier; write '%s'", SHORT(name),
			modifier_names[nearest]);
	else
		mistake(document, key, "'%.*s' is no modifier; those that exist are contains, "
			"startswith, endswith, all, re, cidr, exists, windash, cased, lt, lte, "
			"gt, gte, neq, fieldref, base64, base64offset, wide and the parts of a "
			"time",
			SHORT(name));
}

/* Modifiers that only change what an earlier one does. */
static bool order_is_right(struct document *document, const struct yaml *key,
	const struct modifiers *modifiers, unsigned modifier)
{
	uint32_t bit = UINT32_C(1) << modifier;
	bool encoded = modifiers->set & (M_base64 | M_base64offset);

	if ((bit & (M_i | M_m | M_s)) && !(modifiers->set & M_re)) {
		mistake(document, key, "'%s' changes a regular expression; write 're|%s'",
			modifier_names[modifier], modifier_names[modifier]);
		return false;
	}
	if ((bit & M_UTF16) && encoded) {
		mistake(document, key, "'%s' must stand before the Base64 modifier",
			modifier_names[modifier]);
		return false;
	}
	return true;
}

static bool modifier_add(struct document *document, const struct yaml *key,
	struct modifiers *modifiers, struct text name)
{
	int found = modifier_find(name);

	if (found < 0) {
		modifier_unknown(document, key, name);
		return false;
	}
	for (unsigned i = 0; i < modifiers->n; i++) {
		unsigned other = modifiers->order[i];

		if (other == (unsigned)found) {
			mistake(document, key, "the modifier '%s' stands twice",
				modifier_names[found]);
			return false;
		}
		if (!(goes_with[other] & UINT32_C(1) << found) &&
		    !(goes_with[found] & UINT32_C(1) << other)) {
			mistake(document, key, "the modifiers '%s' and '%s' do not go together",
				modifier_names[other], modifier_names[found]);
			return false;
		}
	}
	if (!order_is_right(document, key, modifiers, (unsigned)found))
		return false;
	modifiers->set |= UINT32_C(1) << found;
	modifiers->order[modifiers->n++] = (uint8_t)found;
	return true;
}

/* What is not wrong, but means nothing or not what one thinks. */
static void modifiers_doubt(struct document *document, const struct yaml *key,
	const struct modifiers *modifiers)
{
	uint32_t set = modifiers->set;

	if ((set & M_re) && (set & (M_PLACES | M_cased)))
		doubt(document, key, "beside 're' the modifiers contains, startswith, endswith "
			"and cased mean nothing; a regular expression is found anywhere, ^ and $ "
			"hold it");
	if ((set & M_UTF16) && !(set & (M_base64 | M_base64offset)))
		doubt(document, key, "UTF-16 is only useful before 'base64' or 'base64offset'");
	if ((set & M_base64offset) && !(set & M_PLACES))
		doubt(document, key, "'base64offset' without 'contains' asks for the whole "
			"field; write 'base64offset|contains'");
}

static struct text next_part(struct text *rest)
{
	const char *bar = memchr(rest->at, '|', rest->n);
	struct text part = {rest->at, bar ? (size_t)(bar - rest->at) : rest->n};

	*rest = bar ? (struct text){bar + 1, rest->n - part.n - 1} : (struct text){NULL, 0};
	return part;
}

bool modifiers_read(struct document *document, const struct yaml *key, struct text *field,
	struct modifiers *modifiers)
{
	struct text rest = key->text;

	*modifiers = (struct modifiers){0};
	*field = next_part(&rest);
	while (rest.at)
		if (!modifier_add(document, key, modifiers, next_part(&rest)))
			return false;
	modifiers_doubt(document, key, modifiers);
	return true;
}
