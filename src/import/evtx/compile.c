// SPDX-License-Identifier: Apache-2.0
// Compiling BinXML. What an element may hold is read here in all its forms, so that filling a
// record is a loop over steps.

#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "base/utf8.h"
#include "import/evtx/compile.h"
#include "import/evtx/token.h"
#include "import/utf16.h"

/* While one piece of XML is compiled. */
struct compilation {
	struct compiler *all;
	struct cursor *in;
	struct room *room;
	bool dependent, cut;
	const char *why; /* it cannot be read */
};

/* Texts and holes, one after the other. */
struct pieces {
	struct piece *first, *last;
};

/* An element that is being read. */
struct element {
	const struct place *place;
	struct pieces pieces, named;
	uint32_t attributes; /* the first of their steps */
	uint32_t attributes_end;
	bool has_members;
};

void compiler_init(struct compiler *compiler, struct record_names *names)
{
	*compiler = (struct compiler){
		.record_names = names,
		.places = places_new(names),
		.names = names_new(),
	};
}

void compiler_clear(struct compiler *compiler)
{
	places_free(&compiler->places);
	names_free(&compiler->names);
	free(compiler->steps);
	*compiler = (struct compiler){0};
}

static bool refuse(struct compilation *c, const char *why)
{
	if (!c->why)
		c->why = c->all->budget.left ? why : BUDGET_GONE;
	return false;
}

static bool pay(struct compilation *c, size_t amount)
{
	return budget_take(&c->all->budget, amount) || refuse(c, BUDGET_GONE);
}

static struct step *step_add(struct compilation *c, enum step_kind kind, const struct place *place)
{
	struct compiler *all = c->all;
	struct step *step;

	if (all->n == all->size) {
		all->size = all->size ? all->size * 2 : 64;
		all->steps = memory_resize(all->steps, all->size, sizeof *all->steps);
	}
	step = all->steps + all->n++;
	*step = (struct step){
		.kind = kind,
		.role = place->role,
		.place = place,
		.name = place->name,
		.hole = STEP_ALWAYS,
		.unless = STEP_ALWAYS,
	};
	return step;
}

static uint8_t token_peek(const struct cursor *in)
{
	return in->at < in->end ? (uint8_t)in->base[in->at] & ~TOKEN_more : TOKEN_end;
}

static void piece_add(struct compilation *c, struct pieces *pieces, struct piece piece)
{
	struct piece *copy = arena_new(c->room->arena, struct piece);

	*copy = piece;
	if (pieces->last)
		pieces->last->next = copy;
	else
		pieces->first = copy;
	pieces->last = copy;
}

static struct text units_take(struct compilation *c, size_t units)
{
	const char *from = c->in->base + c->in->at;

	if (!cursor_has(c->in, 2 * units) || !pay(c, units))
		return TEXT("");
	cursor_skip(c->in, 2 * units);
	room_need(c->room, units * UTF16_GROWTH);
	return room_take(c->room, utf16_read(c->room->at, from, units));
}

static struct text entity_take(struct compilation *c)
{
	static const char *const known[][2] = {
		{"amp", "&"}, {"lt", "<"}, {"gt", ">"}, {"quot", "\""}, {"apos", "'"},
	};
	const struct name *name = name_take(c->all->names, c->in, &c->all->budget);

	if (!name) {
		refuse(c, "an entity has no name");
		return TEXT("");
	}
	for (size_t i = 0; i < array_size(known); i++)
		if (text_is(name->text, known[i][0]))
			return text_of(known[i][1]);
	return arena_format(c->room->arena, "&%.*s;", (int)name->text.n, name->text.at);
}

/* Takes texts and holes as long as there are any; false if something is wrong with them. */
static bool pieces_take(struct compilation *c, struct pieces *pieces)
{
	struct piece piece;
	uint8_t token;

	while (!c->why) {
		token = token_peek(c->in);
		if ((token < TOKEN_text || token > TOKEN_entity || token == TOKEN_attribute) &&
		    token != TOKEN_hole && token != TOKEN_optional_hole)
			return true;
		cursor_skip(c->in, 1);
		piece = (struct piece){.text = TEXT("")};
		if (token == TOKEN_text)
			cursor_skip(c->in, 1); /* its type, which is always a string */
		if (token == TOKEN_text || token == TOKEN_cdata) {
			piece.text = units_take(c, cursor_16(c->in));
		} else if (token == TOKEN_character) {
			piece.text = units_take(c, 1);
		} else if (token == TOKEN_entity) {
			piece.text = entity_take(c);
		} else {
			piece.text.at = NULL;
			piece.hole = cursor_16(c->in);
			piece.optional = token == TOKEN_optional_hole;
			cursor_skip(c->in, 1); /* the type that its value should have */
		}
		if (c->in->cut)
			return refuse(c, "its XML is cut off");
		if (!pay(c, BUDGET_STEP))
			return false;
		piece_add(c, pieces, piece);
	}
	return false;
}

struct record_name *compiler_name(struct compiler *compiler, struct text text, bool *cut)
{
	size_t n = 0, length;

	if (text.n > NAME_UNITS_MAX) {
		while ((length = utf8_length(text.at + n, text.n - n)) != 0 &&
		       n + length <= NAME_UNITS_MAX)
			n += length;
		text.n = n;
		*cut = true;
	}
	return record_names_get(compiler->record_names, PART_data, text);
}

/* A step that puts the pieces under the place's name. */
static struct step *value_add(struct compilation *c, const struct place *place,
	const struct pieces *pieces)
{
	const struct piece *first = pieces->first;
	struct step *step;

	if (first != pieces->last) {
		step = step_add(c, STEP_joined, place);
		step->pieces = first;
	} else if (first->text.at) {
		step = step_add(c, STEP_constant, place);
		step->constant = first->text;
	} else {
		step = step_add(c, STEP_hole, place);
		step->hole = first->hole;
		if (first->optional)
			step->unless = first->hole;
	}
	return step;
}

static bool is_namespace(struct text name)
{
	return text_is(name, "xmlns") || text_starts(name, TEXT("xmlns:"));
}

static bool attribute_take(struct compilation *c, struct element *element)
{
	struct pieces pieces = {0};
	const struct place *place;
	const struct name *name;

	cursor_skip(c->in, 1);
	name = name_take(c->all->names, c->in, &c->all->budget);
	if (!name)
		return refuse(c, "an attribute has no name");
	c->cut |= name->cut;
	if (!pay(c, BUDGET_STEP + name->text.n) || !pieces_take(c, &pieces))
		return false;
	if (is_namespace(name->text) || !pieces.first)
		return true;
	if (element->place->role == ROLE_data && text_is(name->text, "Name")) {
		element->named = pieces;
		return true;
	}
	place = place_find(c->all->places, element->place, name->text, true);
	value_add(c, place, &pieces);
	return true;
}

static bool is_blank(struct text text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.at[i] != ' ' && (text.at[i] < '\t' || text.at[i] > '\r'))
			return false;
	return true;
}

/* Between members, blanks are no value. */
static void blanks_drop(struct element *element)
{
	for (const struct piece *piece = element->pieces.first; piece; piece = piece->next)
		if (!piece->text.at || !is_blank(piece->text))
			return;
	element->pieces = (struct pieces){0};
}

/* The step of what the element itself holds. */
static struct step *content_add(struct compilation *c, const struct element *element)
{
	bool has_attributes = element->attributes != element->attributes_end;

	if (element->pieces.first)
		return value_add(c, element->place, &element->pieces);
	if (element->place->region != REGION_data)
		return NULL;
	return step_add(c, element->has_members || has_attributes ? STEP_object : STEP_null,
		element->place);
}

static void element_finish(struct compilation *c, struct element *element)
{
	struct piece *named = element->named.first;
	struct step *step;

	if (element->has_members)
		blanks_drop(element);
	step = content_add(c, element);
	if (!step)
		return;
	if (named && named == element->named.last && named->text.at) {
		if (named->text.n)
			step->name = compiler_name(c->all, named->text, &c->cut);
	} else {
		step->named = named;
	}
	/* an element that is left out takes its attributes with it */
	for (uint32_t i = element->attributes; i < element->attributes_end; i++)
		if (c->all->steps[i].unless == STEP_ALWAYS)
			c->all->steps[i].unless = step->unless;
}

/*
 * The size and the name of an element, before which the number of a hole stands or not; `strict`:
 * only if the size may be true.
 */
static const struct name *head_take(struct compilation *c, bool dependent, bool strict)
{
	struct cursor in = *c->in;
	const struct name *name;
	uint32_t size;

	if (dependent)
		cursor_skip(&in, 2);
	size = cursor_32(&in);
	if (in.cut || (strict && size > in.end - in.at))
		return NULL;
	name = name_take(c->all->names, &in, &c->all->budget);
	if (name)
		*c->in = in;
	return name;
}

static bool element_start(struct compilation *c, const struct place *above,
	struct element *element, bool *is_empty)
{
	bool has_attributes = c->in->base[c->in->at] & TOKEN_more;
	const struct name *name;
	uint8_t token;

	cursor_skip(c->in, 1);
	name = head_take(c, c->dependent, true);
	if (!name)
		name = head_take(c, !c->dependent, true);
	if (!name)
		name = head_take(c, c->dependent, false);
	if (!name)
		return refuse(c, "an element has no name");
	c->cut |= name->cut;
	if (!pay(c, 2 * BUDGET_STEP + name->text.n))
		return false;
	*element = (struct element){
		.place = place_find(c->all->places, above, name->text, false),
		.attributes = c->all->n,
	};
	if (has_attributes)
		cursor_skip(c->in, 4); /* bytes of its attributes */
	while (token_peek(c->in) == TOKEN_attribute)
		if (!attribute_take(c, element))
			return false;
	element->attributes_end = c->all->n;
	*is_empty = c->in->at == c->in->end;
	if (*is_empty)
		return true;
	token = cursor_8(c->in) & ~TOKEN_more;
	*is_empty = token == TOKEN_empty_ends;
	return *is_empty || token == TOKEN_start_ends || refuse(c, "an element does not begin");
}

void instance_skip(struct cursor *in)
{
	uint32_t at, n, size = 0;

	cursor_skip(in, 5); /* version, the first four bytes of the GUID */
	at = cursor_32(in);
	if (at == in->at) {
		cursor_skip(in, TEMPLATE_HEAD - 4);
		n = cursor_32(in);
		cursor_skip(in, n);
	}
	n = cursor_32(in);
	for (uint32_t i = 0; i < n && !in->cut; i++) {
		size += cursor_16(in);
		cursor_skip(in, 2);
	}
	cursor_skip(in, size);
}

/* XML inside of an element that has a template of its own. */
static bool fragment_take(struct compilation *c, const struct place *place)
{
	struct step *step = step_add(c, STEP_fragment, place);

	step->from = c->in->at;
	cursor_skip(c->in, 1);
	instance_skip(c->in);
	step->to = c->in->at;
	if (c->in->cut)
		return refuse(c, "its XML is cut off");
	return pay(c, BUDGET_STEP + (step->to - step->from));
}

static void instruction_skip(struct compilation *c, uint8_t token)
{
	cursor_skip(c->in, 1);
	if (token == TOKEN_instruction)
		name_take(c->all->names, c->in, &c->all->budget);
	else
		cursor_skip(c->in, 2 * (size_t)cursor_16(c->in));
}

static bool element_take(struct compilation *c, const struct place *above, unsigned depth);

/* What stands in an element, or in the XML as a whole; true at its end. */
static bool content_take(struct compilation *c, struct element *element, unsigned depth)
{
	while (pieces_take(c, &element->pieces)) {
		uint8_t token = token_peek(c->in);

		switch (token) {
		case TOKEN_element:
			element->has_members = true;
			if (!element_take(c, element->place, depth + 1))
				return false;
			break;
		case TOKEN_template:
			element->has_members = true;
			if (!fragment_take(c, element->place))
				return false;
			break;
		case TOKEN_instruction:
		case TOKEN_instruction_data:
			instruction_skip(c, token);
			break;
		case TOKEN_fragment:
			cursor_skip(c->in, FRAGMENT_HEAD);
			break;
		case TOKEN_element_ends:
			cursor_skip(c->in, 1);
			return true;
		case TOKEN_end:
			return true;
		default:
			return refuse(c, "its XML has a token that nobody knows");
		}
		if (c->in->cut)
			return refuse(c, "its XML is cut off");
	}
	return false;
}

/* An element that nobody closed ends with the XML. */
static bool element_take(struct compilation *c, const struct place *above, unsigned depth)
{
	struct element element;
	bool is_empty;

	if (depth > DEPTH_MAX)
		return refuse(c, "its XML is nested too deeply");
	if (!element_start(c, above, &element, &is_empty))
		return false;
	if (!is_empty && !content_take(c, &element, depth))
		return false;
	element_finish(c, &element);
	return true;
}

const char *compile(struct compiler *compiler, struct cursor *cursor, const struct place *place,
	bool dependent, struct room *room, struct steps *steps)
{
	struct compilation c = {compiler, cursor, room, dependent};
	struct element whole = {.place = place};
	struct step *copy;

	compiler->n = 0;
	if (!content_take(&c, &whole, 0))
		return c.why ? c.why : "its XML is cut off";
	if (place->name)
		blanks_drop(&whole);
	if (whole.pieces.first && place->name)
		value_add(&c, place, &whole.pieces);
	copy = arena_alloc(room->arena, compiler->n * sizeof *copy);
	if (compiler->n)
		memcpy(copy, compiler->steps, compiler->n * sizeof *copy);
	*steps = (struct steps){copy, compiler->n, c.cut};
	return NULL;
}
