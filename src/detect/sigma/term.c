// SPDX-License-Identifier: Apache-2.0
// One value of a field, under the modifiers of its key, as an expression.

#include "base/own.h"
#include "detect/sigma/detection.h"
#include "detect/sigma/encode.h"
#include "detect/sigma/fold.h"
#include "detect/sigma/modifier.h"
#include "detect/sigma/placeholder.h"

enum { HINT_MIN = 3, VALUE_MAX = 65536 };

static struct expression *leaf(struct reader *reader, const struct predicate *predicate)
{
	return expression_leaf(reader->predicates,
		predicates_intern(reader->predicates, predicate), reader->document.arena);
}

/* `neq` turns an answer round. */
static struct expression *turned(struct reader *reader, const struct modifiers *modifiers,
	struct expression *expression)
{
	if (expression && (modifiers->set & M_neq))
		return expression_not(expression, reader->document.arena);
	return expression;
}

static enum view view_of(const struct modifiers *modifiers)
{
	bool dash = modifiers->set & M_windash;

	if (modifiers->set & (M_cased | M_base64 | M_base64offset))
		return dash ? VIEW_raw_dash : VIEW_raw;
	return dash ? VIEW_folded_dash : VIEW_folded;
}

static struct text text_in_view(struct text text, enum view view, struct arena *arena)
{
	char *out;

	if (view == VIEW_folded || view == VIEW_folded_dash) {
		out = arena_alloc(arena, fold_room(text.n));
		text = (struct text){out, fold(out, text)};
	}
	if (view == VIEW_raw_dash || view == VIEW_folded_dash) {
		out = arena_alloc(arena, text.n);
		text = (struct text){out, dash_fold(out, text)};
	}
	return text;
}

/* Which question a pattern is, as a sequence of pieces: "t" text, "*" any, else anything else. */
static enum operation pattern_operation(const struct pattern *pattern, struct text *text)
{
	const struct piece *p = pattern->at;
	bool before = pattern->n && p[0].kind == PIECE_any;
	bool after = pattern->n > 1 && p[pattern->n - 1].kind == PIECE_any;

	if (!pattern->n)
		return OPERATION_empty;
	if (pattern->n == 1 && before)
		return OPERATION_present;
	if (pattern->n != 1u + before + after || p[before].kind != PIECE_text)
		return OPERATION_pattern;
	*text = p[before].text;
	if (before)
		return after ? OPERATION_contains : OPERATION_ends;
	return after ? OPERATION_starts : OPERATION_equal;
}

/* Asks for a plain text that must be there too. */
static void hint_add(struct reader *reader, struct predicate *p, enum view view, struct text text)
{
	struct predicate hint = {
		.operation = OPERATION_contains,
		.view = view,
		.field = p->field,
		.text = text,
		.written = text,
	};

	p->hints[p->hint_count++] = predicates_intern(reader->predicates, &hint);
}

/*
 * Fields that many events share a value of: a rule is not looked for by them if it has anything
 * else.
 */
static bool is_common(const struct reader *reader, uint32_t field)
{
	static const char *const names[] = {"event.kind", "event.action", "EventID", "Channel"};

	for (size_t i = 0; i < array_size(names); i++)
		if (text_is(reader->names->at[field].name, names[i]))
			return true;
	return false;
}

static struct expression *pattern_term(struct reader *reader, const struct modifiers *modifiers,
	uint32_t field, struct pattern pattern)
{
	struct arena *scratch = reader->document.scratch;
	struct predicate p = {
		.field = field,
		.view = view_of(modifiers),
		.common = is_common(reader, field),
	};
	struct text plain = TEXT("");

	p.operation = pattern_operation(&pattern, &plain);
	if (p.operation != OPERATION_pattern) {
		p.written = plain;
		p.text = text_in_view(plain, p.view, scratch);
		if (!operation_is_plain(p.operation))
			p.view = VIEW_raw;
		return leaf(reader, &p);
	}
	p.written = pattern_text(&pattern, scratch);
	for (size_t i = 0; i < pattern.n; i++)
		if (pattern.at[i].kind == PIECE_text)
			pattern.at[i].text = text_in_view(pattern.at[i].text, p.view, scratch);
	p.pattern = pattern;
	p.text = pattern_text(&pattern, scratch);
	plain = pattern_longest(&pattern);
	if (plain.n >= HINT_MIN)
		hint_add(reader, &p, p.view, plain);
	return leaf(reader, &p);
}

/* Where the modifiers let the text stand; keywords stand anywhere. */
static struct pattern placed(struct reader *reader, const struct modifiers *modifiers,
	uint32_t field, struct text value)
{
	bool anywhere = modifiers->set & M_contains ||
		(field == FIELD_KEYWORDS && !(modifiers->set & M_PLACES));

	return pattern_read(value, anywhere || modifiers->set & M_endswith,
		anywhere || modifiers->set & M_startswith, reader->document.scratch);
}

/* Bytes in which nothing is a wildcard, as a value. */
static struct text escaped(struct text bytes, struct arena *arena)
{
	struct piece piece = {PIECE_text, bytes};
	struct pattern pattern = {&piece, 1};

	return pattern_text(&pattern, arena);
}

static struct text encoded(struct text bytes, enum modifier modifier, unsigned offset,
	struct arena *arena)
{
	switch (modifier) {
	case MODIFIER_wide:
	case MODIFIER_utf16le:
		return encode_utf16(bytes, false, false, arena);
	case MODIFIER_utf16be:
		return encode_utf16(bytes, true, false, arena);
	case MODIFIER_utf16:
		return encode_utf16(bytes, false, true, arena);
	case MODIFIER_base64:
		return encode_base64(bytes, arena);
	case MODIFIER_base64offset:
		return encode_base64_offset(bytes, offset, arena);
	default:
		return bytes;
	}
}

/* The value under its encodings: three texts for base64offset, of which one must be there. */
static struct expression *encoded_term(struct reader *reader, const struct modifiers *modifiers,
	uint32_t field, const struct yaml *value)
{
	struct document *document = &reader->document;
	struct pattern pattern = pattern_read(value->text, false, false, document->scratch);
	struct expression *any = expression_new(EXPRESSION_or, document->arena);
	unsigned ways = modifiers->set & M_base64offset ? 3 : 1;

	if (pattern.n != 1 || pattern.at[0].kind != PIECE_text) {
		mistake(document, value, "a value that is encoded must be a text without "
			"wildcards; write \\* and \\? for the characters themselves");
		return NULL;
	}
	for (unsigned offset = 0; offset < ways; offset++) {
		struct text bytes = pattern.at[0].text;

		for (unsigned i = 0; i < modifiers->n; i++)
			bytes = encoded(bytes, modifiers->order[i], offset, document->scratch);
		if (!bytes.n) {
			mistake(document, value, "'%.*s' is too short to be found in Base64; "
				"give at least 3 characters", SHORT(value->text));
			return NULL;
		}
		expression_add(any, pattern_term(reader, modifiers, field,
			placed(reader, modifiers, field, escaped(bytes, document->scratch))));
	}
	return any;
}

static struct expression *regex_term(struct reader *reader, const struct modifiers *modifiers,
	uint32_t field, const struct yaml *value)
{
	struct arena *scratch = reader->document.scratch;
	struct predicate p = {.operation = OPERATION_regex, .field = field};
	bool i = modifiers->set & M_i, m = modifiers->set & M_m, s = modifiers->set & M_s;
	struct mandatory mandatory;
	struct error err;

	p.regex = regex_new(value->text, i, m, s, &err);
	if (!p.regex) {
		mistake(&reader->document, value, "'%.*s' is no regular expression: %s",
			SHORT(value->text), err.text);
		return NULL;
	}
	p.text = arena_format(scratch, "(?%s%s%s)%.*s", i ? "i" : "", m ? "m" : "", s ? "s" : "",
		(int)value->text.n, value->text.at);
	p.written = value->text;
	mandatory_find(value->text, scratch, &mandatory);
	for (size_t n = 0; n < mandatory.n; n++)
		hint_add(reader, &p, VIEW_folded,
			text_in_view(mandatory.at[n], VIEW_folded, scratch));
	return leaf(reader, &p);
}

static struct expression *cidr_term(struct reader *reader, uint32_t field,
	const struct yaml *value)
{
	struct predicate p = {
		.operation = OPERATION_cidr,
		.field = field,
		.text = value->text,
		.written = value->text,
	};

	if (!cidr_read(value->text, &p.cidr)) {
		mistake(&reader->document, value, "'%.*s' is no network; write 10.0.0.0/8 or "
			"fe80::/10",
			SHORT(value->text));
		return NULL;
	}
	return leaf(reader, &p);
}

static enum comparison comparison_of(const struct modifiers *modifiers)
{
	if (modifiers->set & M_lt)
		return COMPARE_lt;
	if (modifiers->set & M_lte)
		return COMPARE_lte;
	if (modifiers->set & M_gt)
		return COMPARE_gt;
	return modifiers->set & M_gte ? COMPARE_gte : COMPARE_equal;
}

static struct expression *number_term(struct reader *reader, const struct modifiers *modifiers,
	uint32_t field, const struct yaml *value)
{
	struct predicate p = {
		.operation = modifiers->set & M_TIMES ? OPERATION_time : OPERATION_number,
		.comparison = comparison_of(modifiers),
		.field = field,
		.text = number_canonical(value->text, reader->document.scratch),
	};

	p.written = p.text;
	if (!p.text.at || !number_read(p.text, &p.number)) {
		mistake(&reader->document, value, "'%.*s' is no number; this modifier compares "
			"numbers",
			SHORT(value->text));
		return NULL;
	}
	for (unsigned part = PART_minute; part <= PART_year; part++)
		if (modifiers->set & UINT32_C(1) << (MODIFIER_minute + part))
			p.part = part;
	return turned(reader, modifiers, leaf(reader, &p));
}

/* Under neq both fields must be there all the same. */
static struct expression *reference_term(struct reader *reader, const struct modifiers *modifiers,
	uint32_t field, const struct yaml *value)
{
	struct arena *arena = reader->document.arena;
	struct predicate p = {
		.operation = OPERATION_reference,
		.view = view_of(modifiers),
		.place = modifiers->set & M_startswith ? OPERATION_starts :
			modifiers->set & M_endswith ? OPERATION_ends :
			modifiers->set & M_contains ? OPERATION_contains : OPERATION_equal,
		.field = field,
		.other = fields_intern(reader->names, value->text),
		.text = TEXT(""),
		.written = value->text,
	};
	struct predicate there = {
		.operation = OPERATION_present, .text = TEXT("")};
	struct expression *all;

	if (!(modifiers->set & M_neq))
		return leaf(reader, &p);
	all = expression_new(EXPRESSION_and, arena);
	there.field = field;
	expression_add(all, leaf(reader, &there));
	there.field = p.other;
	expression_add(all, leaf(reader, &there));
	expression_add(all, expression_not(leaf(reader, &p), arena));
	return all;
}

static struct expression *exists_term(struct reader *reader, uint32_t field,
	const struct yaml *value)
{
	struct predicate p = {.operation = OPERATION_exists, .field = field, .text = TEXT("")};

	if (yaml_type(value) != YAML_flag) {
		mistake(&reader->document, value, "'exists' takes true or false");
		return NULL;
	}
	if (value->text.at[0] == 't' || value->text.at[0] == 'T')
		return leaf(reader, &p);
	return expression_not(leaf(reader, &p), reader->document.arena);
}

static struct expression *null_term(struct reader *reader, const struct modifiers *modifiers,
	uint32_t field, const struct yaml *value)
{
	struct predicate p = {.operation = OPERATION_null, .field = field, .text = TEXT("")};

	if (field == FIELD_KEYWORDS || modifiers->set & ~(uint32_t)(M_all | M_neq | M_cased)) {
		mistake(&reader->document, value, "null cannot be %s; write '' for the empty text",
			field == FIELD_KEYWORDS ? "a keyword" : "the value of these modifiers");
		return NULL;
	}
	return turned(reader, modifiers, leaf(reader, &p));
}

static struct expression *text_term(struct reader *reader, const struct modifiers *modifiers,
	uint32_t field, const struct yaml *value)
{
	struct text text = value->text, number;

	if (yaml_type(value) == YAML_number) {
		number = number_canonical(text, reader->document.scratch);
		if (text.n > 1 && text.at[1] == 'x')
			doubt(&reader->document, value, "%.*s without quotes is the number %.*s; "
				"write '%.*s' if the text is meant", SHORT(text), SHORT(number),
				SHORT(text));
		text = number;
	}
	if (field == FIELD_KEYWORDS && !text.n) {
		mistake(&reader->document, value, "an empty keyword fits every event");
		return NULL;
	}
	return turned(reader, modifiers,
		pattern_term(reader, modifiers, field, placed(reader, modifiers, field, text)));
}

struct expression *term_read(struct reader *reader, const struct modifiers *modifiers,
	uint32_t field, const struct yaml *value)
{
	uint32_t set = modifiers->set;
	struct expression *expanded;
	bool is_expanded;

	if (value->text.n > VALUE_MAX) {
		mistake(&reader->document, value, "a value is longer than 65536 bytes");
		return NULL;
	}
	if (set & M_expand) {
		expanded = placeholder_read(reader, modifiers, field, value, &is_expanded);
		if (is_expanded)
			return expanded;
	}
	if (set & M_exists)
		return exists_term(reader, field, value);
	if (yaml_type(value) == YAML_null)
		return null_term(reader, modifiers, field, value);
	if (set & M_re)
		return regex_term(reader, modifiers, field, value);
	if (set & M_cidr)
		return cidr_term(reader, field, value);
	if (set & (M_COMPARISONS | M_TIMES))
		return number_term(reader, modifiers, field, value);
	if (set & M_fieldref)
		return reference_term(reader, modifiers, field, value);
	if (set & M_ENCODINGS)
		return encoded_term(reader, modifiers, field, value);
	return text_term(reader, modifiers, field, value);
}
