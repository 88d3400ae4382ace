// SPDX-License-Identifier: Apache-2.0
// Filling a record: the steps of its template, with the record's values in their holes.

#include "base/memory.h"
#include "base/own.h"
#include "import/evtx/binxml.h"
#include "import/evtx/compile.h"
#include "import/evtx/template.h"
#include "import/evtx/token.h"
#include "import/evtx/value.h"

struct binxml {
	struct record_names *names;
	struct compiler compiler;
	struct templates *templates;
	struct text chunk;
};

/* While a record is filled. */
struct filling {
	struct binxml *binxml;
	struct record *record;
	struct room room;
	bool stale;
	const char *why; /* it cannot be read */
};

/* The values of a template's instance. */
struct values {
	struct value *at;
	uint32_t n;
};

struct binxml *binxml_new(struct record_names *names)
{
	struct binxml *binxml = memory_new(sizeof *binxml);

	binxml->names = names;
	compiler_init(&binxml->compiler, names);
	binxml->templates = templates_new(&binxml->compiler);
	return binxml;
}

void binxml_free(struct binxml **binxml)
{
	if (!*binxml)
		return;
	templates_free(&(*binxml)->templates);
	compiler_clear(&(*binxml)->compiler);
	memory_free(binxml);
}

void binxml_begin(struct binxml *binxml, struct text chunk)
{
	binxml->chunk = chunk;
	binxml->compiler.budget.left = BUDGET_CHUNK;
	names_begin(binxml->compiler.names, chunk);
	templates_begin(binxml->templates, chunk);
}

static bool refuse(struct filling *f, const char *why)
{
	if (!f->why)
		f->why = why;
	return false;
}

static bool pay(struct filling *f, size_t amount)
{
	return budget_take(&f->binxml->compiler.budget, amount) || refuse(f, BUDGET_GONE);
}

/* What a value of the log's frame tells besides being one. */
static void role_play(struct record *record, enum place_role role, const struct value *value)
{
	int64_t number;

	switch (role) {
	case ROLE_channel:
		record->channel = value->text;
		break;
	case ROLE_event_id:
		text_number(value->text, &record->event_id);
		break;
	case ROLE_time:
		record->time_text = value->text;
		if (value->type == TYPE_filetime && value->n == 8)
			record->time = value_time(bytes_64(value->at));
		else
			time_read(value->text, &record->time);
		break;
	case ROLE_host:
		record->host = value->text;
		break;
	case ROLE_number:
		if (text_number(value->text, &number) && number >= 0)
			record->number = (uint64_t)number;
		break;
	default:
		break;
	}
}

static bool fragment_fill(struct filling *f, const struct place *place, uint32_t from, uint32_t to,
	bool dependent, unsigned depth);

/* What making its text takes: most for numbers that snprintf writes. */
static size_t value_cost(const struct value *value)
{
	switch (value->type) {
	case TYPE_float:
		return 128;
	case TYPE_double:
		return 256;
	case TYPE_filetime:
	case TYPE_systemtime:
		return 64;
	default:
		return value->n;
	}
}

static bool value_fill(struct filling *f, const struct step *step, struct record_name *name,
	struct value *value)
{
	bool is_frame = step->place->region != REGION_data && step->place->region != REGION_system;

	if (!value->made && !pay(f, value_cost(value)))
		return false;
	value_make(value, &f->room);
	if (value->kind == VALUE_null && is_frame)
		return true;
	record_add(f->record, name, value->kind, value->text);
	if (step->role != ROLE_none)
		role_play(f->record, step->role, value);
	return true;
}

static bool is_xml(const struct value *value)
{
	return (value->type & ~TYPE_array) == TYPE_xml;
}

static bool xml_fill(struct filling *f, const struct place *place, const struct value *value,
	unsigned depth)
{
	uint32_t from = (uint32_t)(value->at - f->binxml->chunk.at);

	return fragment_fill(f, place, from, from + value->n, false, depth + 1);
}

/* The value of a hole, which may be several or have members. */
static bool hole_fill(struct filling *f, const struct step *step, struct record_name *name,
	struct value *value, unsigned depth)
{
	struct value item;
	size_t from = 0;

	if (is_xml(value)) {
		if (step->place->region == REGION_data)
			record_add(f->record, name, VALUE_object, TEXT(""));
		return xml_fill(f, step->place, value, depth);
	}
	if (!(value->type & TYPE_array) || !value->n)
		return value_fill(f, step, name, value);
	while (value_next(value, &from, &item))
		if (!pay(f, BUDGET_STEP) || !value_fill(f, step, name, &item))
			return false;
	return true;
}

static struct value *value_of(const struct values *values, uint16_t hole)
{
	static struct value none = {.type = TYPE_null, .made = true, .kind = VALUE_null,
		.text = TEXT("")};

	return hole < values->n ? values->at + hole : &none;
}

static bool text_append(struct filling *f, struct value *value, bool comma, struct text *whole)
{
	struct text before = *whole;

	if (!pay(f, BUDGET_STEP + value_cost(value)))
		return false;
	value_make(value, &f->room);
	if (!pay(f, whole->n + value->text.n))
		return false;
	room_need(&f->room, whole->n + 1 + value->text.n);
	*whole = room_copy(&f->room, before);
	if (comma && before.n)
		whole->n += room_copy(&f->room, TEXT(",")).n;
	whole->n += room_copy(&f->room, value->text).n;
	return true;
}

/* The text of one value, or of the items of an array with commas between. */
static bool texts_append(struct filling *f, struct value *value, struct text *whole)
{
	struct value item;
	size_t from = 0;

	if (!(value->type & TYPE_array))
		return text_append(f, value, false, whole);
	while (value_next(value, &from, &item))
		if (!text_append(f, &item, true, whole))
			return false;
	return true;
}

/* Texts and values that stand side by side are one text. */
static bool pieces_join(struct filling *f, const struct place *place, const struct piece *piece,
	const struct values *values, struct text *joined, unsigned depth)
{
	*joined = TEXT("");
	for (; piece; piece = piece->next) {
		struct value constant = {.type = TYPE_utf16, .made = true, .text = piece->text};
		struct value *value = piece->text.at ? &constant : value_of(values, piece->hole);

		if (is_xml(value) ? !xml_fill(f, place, value, depth) :
			!texts_append(f, value, joined))
			return false;
	}
	return true;
}

static bool joined_fill(struct filling *f, const struct step *step, struct record_name *name,
	const struct values *values, unsigned depth)
{
	struct value value = {.type = TYPE_utf16, .made = true, .kind = VALUE_text};

	if (!pieces_join(f, step->place, step->pieces, values, &value.text, depth))
		return false;
	if (!value.text.n && step->place->region != REGION_data)
		return true;
	return value_fill(f, step, name, &value);
}

static bool step_do(struct filling *f, const struct step *step, const struct values *values,
	unsigned depth)
{
	struct record_name *name = step->name;
	struct value constant;
	struct text text;
	bool cut = false;

	if (step->named) {
		if (!pieces_join(f, step->place, step->named, values, &text, depth))
			return false;
		if (text.n)
			name = compiler_name(&f->binxml->compiler, text, &cut);
		f->record->marks |= cut ? RECORD_cut : 0;
	}
	switch (step->kind) {
	case STEP_constant:
		constant = (struct value){.type = TYPE_utf16, .made = true, .kind = VALUE_text,
			.text = step->constant};
		return value_fill(f, step, name, &constant);
	case STEP_hole:
		return hole_fill(f, step, name, value_of(values, step->hole), depth);
	case STEP_joined:
		return joined_fill(f, step, name, values, depth);
	case STEP_null:
		record_add(f->record, name, VALUE_null, TEXT(""));
		return true;
	case STEP_object:
		record_add(f->record, name, VALUE_object, TEXT(""));
		return true;
	case STEP_fragment:
		return fragment_fill(f, step->place, step->from, step->to, true, depth + 1);
	}
	return true;
}

static bool steps_do(struct filling *f, const struct steps *steps, const struct values *values,
	unsigned depth)
{
	if (steps->cut)
		f->record->marks |= RECORD_cut;
	if (!pay(f, BUDGET_STEP * (size_t)steps->n))
		return false;
	for (uint32_t i = 0; i < steps->n; i++) {
		const struct step *step = steps->at + i;

		if (step->unless != STEP_ALWAYS && value_is_absent(value_of(values, step->unless)))
			continue;
		if (!step_do(f, step, values, depth))
			return false;
	}
	return true;
}

/* Takes the values behind a template: their sizes and types, then their bytes. */
static bool values_take(struct filling *f, struct cursor *in, struct values *values)
{
	uint32_t n = cursor_32(in);
	struct cursor bytes = *in;

	if (in->cut || n > (in->end - in->at) / 4)
		return refuse(f, "it has more values than bytes");
	values->n = n;
	values->at = arena_alloc(f->record->arena, n * sizeof *values->at);
	bytes.at += 4 * n;
	for (uint32_t i = 0; i < n; i++) {
		uint16_t size = cursor_16(in);

		values->at[i] = (struct value){
			.at = bytes.base + bytes.at,
			.n = size,
			.type = cursor_8(in),
		};
		cursor_skip(in, 1);
		cursor_skip(&bytes, size);
	}
	if (bytes.cut)
		return refuse(f, "its values reach beyond its end");
	in->at = bytes.at;
	return true;
}

/* A template and its values, behind the token. */
static bool instance_fill(struct filling *f, const struct place *place, struct cursor *in,
	unsigned depth)
{
	const struct template *template;
	struct values values;
	uint32_t id, at;

	cursor_skip(in, 1);
	id = cursor_32(in);
	at = cursor_32(in);
	if (in->cut)
		return refuse(f, "its XML is cut off");
	template = template_find(f->binxml->templates, at, place);
	if (!template)
		return refuse(f, "its template lies outside of the chunk");
	if (template->id != id && (f->stale || template->why))
		return refuse(f, "its template was overwritten");
	if (template->why)
		return refuse(f, template->why);
	if (at == in->at)
		in->at = template->end;
	if (in->at > in->end)
		return refuse(f, "its template reaches beyond its end");
	return values_take(f, in, &values) && pay(f, BUDGET_STEP * ((size_t)values.n + 1)) &&
		steps_do(f, &template->steps, &values, depth);
}

/* XML without a template, compiled to be used once. */
static bool plain_fill(struct filling *f, const struct place *place, struct cursor *in,
	bool dependent, unsigned depth)
{
	struct room room = {.arena = f->record->arena};
	const char *why;
	struct steps steps;

	why = compile(&f->binxml->compiler, in, place, dependent, &room, &steps);
	if (why)
		return refuse(f, why);
	return steps_do(f, &steps, &(struct values){0}, depth);
}

static bool fragment_fill(struct filling *f, const struct place *place, uint32_t from, uint32_t to,
	bool dependent, unsigned depth)
{
	struct cursor in = {f->binxml->chunk.at, from, to, false};
	bool filled = false;

	if (depth > DEPTH_MAX)
		return refuse(f, "its XML is nested too deeply");
	while (in.at < in.end) {
		uint8_t token = (uint8_t)in.base[in.at] & ~TOKEN_more;

		if (filled && token != TOKEN_element && token != TOKEN_template)
			return true; /* what pads it */
		switch (token) {
		case TOKEN_fragment:
			cursor_skip(&in, FRAGMENT_HEAD);
			break;
		case TOKEN_template:
			cursor_skip(&in, 1);
			if (!instance_fill(f, place, &in, depth))
				return false;
			filled = true;
			break;
		case TOKEN_end:
			return true;
		default:
			return plain_fill(f, place, &in, dependent, depth);
		}
	}
	return true;
}

const char *binxml_read(struct binxml *binxml, uint32_t from, uint32_t to, bool stale,
	struct record *record)
{
	struct filling f = {
		.binxml = binxml,
		.record = record,
		.room = {.arena = record->arena},
		.stale = stale,
	};

	if (places_trim(binxml->compiler.places)) {
		names_begin(binxml->compiler.names, binxml->chunk);
		templates_begin(binxml->templates, binxml->chunk);
	}
	fragment_fill(&f, places_root(binxml->compiler.places), from, to, true, 0);
	return f.why;
}
