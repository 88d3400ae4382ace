// SPDX-License-Identifier: Apache-2.0
// An event as bytes. What is read may be damaged: every length is checked.

#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "event/column.h"
#include "event/column_json.h"
#include "event/making.h"
#include "event/row.h"

enum { COLUMNS_MAX = 4096, LIST_MAX = 65536, VARINT_MAX = 10 };

static const char letters[] = {
	[FIELD_text] = 't',
	[FIELD_list] = 'l',
	[FIELD_number] = 'n',
	[FIELD_flag] = 'f',
	[FIELD_time] = 'd',
	[FIELD_id] = 'i',
	[FIELD_address] = 'a',
};

void row_bytes_clear(struct row_bytes *bytes)
{
	free(bytes->at);
	*bytes = (struct row_bytes){0};
}

static void room(struct row_bytes *out, size_t n)
{
	if (out->n + n <= out->size)
		return;
	out->size = out->n + n > 2 * out->size ? out->n + n + 256 : 2 * out->size;
	out->at = memory_resize(out->at, out->size, 1);
}

static void varint_put(struct row_bytes *out, uint64_t value)
{
	room(out, VARINT_MAX);
	for (; value >= 0x80; value >>= 7)
		out->at[out->n++] = (char)(value | 0x80);
	out->at[out->n++] = (char)value;
}

static void bytes_put(struct row_bytes *out, const void *bytes, size_t n)
{
	room(out, n);
	if (n)
		memcpy(out->at + out->n, bytes, n);
	out->n += n;
}

static void text_put(struct row_bytes *out, struct text text)
{
	varint_put(out, text.n);
	bytes_put(out, text.at, text.n);
}

static void id_put(struct row_bytes *out, struct entity id)
{
	uint64_t halves[] = {__builtin_bswap64(id.high), __builtin_bswap64(id.low)};

	bytes_put(out, halves, sizeof halves);
}

static void value_put(void *context, unsigned column, const void *value)
{
	struct row_bytes *out = context;
	const struct text_list *list = value;
	const struct address *address = value;

	varint_put(out, column);
	switch (columns[column].type) {
	case FIELD_text: text_put(out, *(const struct text *)value); break;
	case FIELD_list:
		varint_put(out, list->n);
		for (size_t i = 0; i < list->n; i++)
			text_put(out, list->at[i]);
		break;
	case FIELD_number:
	case FIELD_time: {
		int64_t number = *(const int64_t *)value;

		varint_put(out, (uint64_t)number << 1 ^ (uint64_t)(number >> 63));
		break;
	}
	case FIELD_flag: break;
	case FIELD_id: id_put(out, *(const struct entity *)value); break;
	case FIELD_address:
		bytes_put(out, &address->family, 1);
		bytes_put(out, address->bytes, address->family == 4 ? 4 : 16);
		break;
	}
}

void row_write(const struct event *event, struct row_bytes *out)
{
	columns_event(event, value_put, out);
}

void row_process_forget(struct row_process *known)
{
	known->known = false;
}

void row_process_clear(struct row_process *known)
{
	row_bytes_clear(&known->own);
	row_bytes_clear(&known->above);
	known->known = false;
}

static bool is_known(const struct row_process *known, const struct process *process)
{
	return known->known && !memcmp(&known->process, process, sizeof *process) &&
		(!process->parent ||
			!memcmp(&known->parent, process->parent, sizeof *process->parent));
}

static void learn(struct row_process *known, const struct process *process)
{
	memcpy(&known->process, process, sizeof *process);
	if (process->parent)
		memcpy(&known->parent, process->parent, sizeof *process->parent);
	known->own.n = known->above.n = 0;
	columns_object(OBJECT_process, process, false, value_put, &known->own);
	columns_above(process, false, value_put, &known->above);
	known->known = true;
}

void row_write_with(const struct event *event, struct row_process *known, struct row_bytes *out)
{
	if (!event->process || column_begins(event->kind)) {
		row_write(event, out);
		return;
	}
	if (!is_known(known, event->process))
		learn(known, event->process);
	columns_frame(event, value_put, out);
	for (unsigned object = 0; object < OBJECTS; object++)
		if (object == OBJECT_process)
			bytes_put(out, known->own.at, known->own.n);
		else
			columns_object((enum object)object,
				event_object(event, (enum object)object), true, value_put, out);
	bytes_put(out, known->above.at, known->above.n);
}

struct text row_schema(void)
{
	static struct row_bytes schema;

	if (schema.n)
		return (struct text){schema.at, schema.n};
	for (unsigned i = 0; i < column_count(); i++) {
		bytes_put(&schema, &letters[columns[i].type], 1);
		bytes_put(&schema, columns[i].name, strlen(columns[i].name));
		bytes_put(&schema, "\n", 1);
	}
	return (struct text){schema.at, schema.n};
}

/* Reading */

struct known_column {
	enum field_type type;
	int own; /* number here, -1: nobody knows it any more */
	struct text name; /* in the copy of the schema */
};

struct row_reader {
	char *schema;
	struct known_column *columns;
	size_t n;
	struct text *list; /* for values that are lists */
	size_t list_size;
};

static int own_column(struct text name, enum field_type type)
{
	for (unsigned i = 0; i < column_count(); i++)
		if (columns[i].type == type && text_is(name, columns[i].name))
			return (int)i;
	return -1;
}

static bool line_take(struct row_reader *reader, struct text line)
{
	struct known_column *column = &reader->columns[reader->n];
	const char *letter = line.n > 1 ? memchr(letters, line.at[0], sizeof letters) : NULL;

	if (!letter || reader->n == COLUMNS_MAX)
		return false;
	column->type = (enum field_type)(letter - letters);
	column->name = (struct text){line.at + 1, line.n - 1};
	column->own = own_column(column->name, column->type);
	reader->n++;
	return true;
}

struct row_reader *row_reader_new(struct text schema)
{
	until_return(row_reader_free) struct row_reader *reader = memory_new(sizeof *reader);
	size_t at = 0;

	reader->schema = memory_new(schema.n + 1);
	if (schema.n)
		memcpy(reader->schema, schema.at, schema.n);
	reader->columns = memory_new(COLUMNS_MAX * sizeof *reader->columns);
	while (at < schema.n) {
		const char *line = reader->schema + at;
		const char *end = memchr(line, '\n', schema.n - at);

		if (!end || !line_take(reader, (struct text){line, (size_t)(end - line)}))
			return NULL;
		at += (size_t)(end - line) + 1;
	}
	return reader->n ? give(reader) : NULL;
}

void row_reader_free(struct row_reader **at)
{
	struct row_reader *reader = *at;

	*at = NULL;
	if (!reader)
		return;
	free(reader->schema);
	free(reader->columns);
	free(reader->list);
	free(reader);
}

static bool varint_take(struct text *row, uint64_t *value)
{
	*value = 0;
	for (unsigned i = 0; i < VARINT_MAX && i < row->n; i++) {
		unsigned char byte = (unsigned char)row->at[i];

		*value |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (byte & 0x80)
			continue;
		*row = (struct text){row->at + i + 1, row->n - i - 1};
		return true;
	}
	return false;
}

static bool bytes_take(struct text *row, uint64_t n, struct text *bytes)
{
	if (n > row->n)
		return false;
	*bytes = (struct text){row->at, n};
	*row = (struct text){row->at + n, row->n - n};
	return true;
}

static bool text_take(struct text *row, struct text *text)
{
	uint64_t n;

	return varint_take(row, &n) && bytes_take(row, n, text);
}

/* A value of any type. */
union value {
	struct text text;
	struct text_list list;
	int64_t number;
	bool flag;
	struct entity id;
	struct address address;
};

static bool list_take(struct row_reader *reader, struct text *row, struct text_list *list)
{
	uint64_t n;

	/* each text takes a byte at least */
	if (!varint_take(row, &n) || n > row->n || n > LIST_MAX)
		return false;
	if (n > reader->list_size) {
		reader->list_size = n;
		reader->list = memory_resize(reader->list, n, sizeof *reader->list);
	}
	for (uint64_t i = 0; i < n; i++)
		if (!text_take(row, &reader->list[i]))
			return false;
	*list = (struct text_list){reader->list, n};
	return true;
}

static bool address_take(struct text *row, struct address *address)
{
	struct text bytes;

	if (!bytes_take(row, 1, &bytes) || (bytes.at[0] != 4 && bytes.at[0] != 6))
		return false;
	*address = (struct address){.family = (uint8_t)bytes.at[0]};
	if (!bytes_take(row, address->family == 4 ? 4 : 16, &bytes))
		return false;
	memcpy(address->bytes, bytes.at, bytes.n);
	return true;
}

static bool value_take(
	struct row_reader *reader, enum field_type type, struct text *row, union value *value)
{
	struct text bytes;
	uint64_t number;

	switch (type) {
	case FIELD_text: return text_take(row, &value->text);
	case FIELD_list: return list_take(reader, row, &value->list);
	case FIELD_number:
	case FIELD_time:
		if (!varint_take(row, &number))
			return false;
		value->number = (int64_t)(number >> 1 ^ -(number & 1));
		return true;
	case FIELD_flag: value->flag = true; return true;
	case FIELD_id:
		if (!bytes_take(row, 16, &bytes))
			return false;
		memcpy(&value->id.high, bytes.at, 8);
		memcpy(&value->id.low, bytes.at + 8, 8);
		value->id.high = __builtin_bswap64(value->id.high);
		value->id.low = __builtin_bswap64(value->id.low);
		return true;
	case FIELD_address: return address_take(row, &value->address);
	}
	return false;
}

/* What nobody knows any more is shown as it is: texts and numbers under their names. */
static void unknown_write(
	const struct known_column *column, const union value *value, struct json_writer *out)
{
	if (column->type != FIELD_text && column->type != FIELD_number)
		return;
	json_key(out, column->name);
	if (column->type == FIELD_text)
		json_string(out, value->text);
	else
		json_number(out, value->number);
}

/* Goes through all values; false where the row is damaged. */
static bool row_each(struct row_reader *reader, struct text row,
	void (*each)(void *context, const struct known_column *column, union value *value),
	void *context)
{
	union value value;
	uint64_t number;

	while (row.n) {
		if (!varint_take(&row, &number) || number >= reader->n ||
			!value_take(reader, reader->columns[number].type, &row, &value))
			return false;
		each(context, &reader->columns[number], &value);
	}
	return true;
}

static void value_json(void *context, const struct known_column *column, union value *value)
{
	if (column->own >= 0)
		column_json((unsigned)column->own, value, context);
	else
		unknown_write(column, value, context);
}

bool row_json(struct row_reader *reader, struct text row, struct json_writer *out)
{
	json_object_open(out);
	if (!row_each(reader, row, value_json, out))
		return false;
	json_object_close(out);
	return true;
}

static void frame_take(struct making *making, unsigned column, const union value *value)
{
	struct event *event = making->event;

	switch (column) {
	case COLUMN_time: event->time = value->number; break;
	case COLUMN_kind:
		event->kind = kind_by_name(value->text);
		making->kind_known = event->kind != EVENT_KINDS;
		break;
	case COLUMN_sequence: event->sequence = value->number; break;
	case COLUMN_source: event->source = arena_copy(making->arena, value->text).at; break;
	case COLUMN_via: event->via = arena_copy(making->arena, value->text).at; break;
	case COLUMN_truncated: event->truncated = true; break;
	default: break;
	}
}

/* The list is the reader's: it is copied. */
static struct text_list list_keep(struct text_list list, struct arena *arena)
{
	struct text *at = arena_alloc(arena, (list.n + 1) * sizeof *at);

	if (list.n)
		memcpy(at, list.at, list.n * sizeof *at);
	return (struct text_list){at, list.n};
}

static void field_take(const struct field *field, void *object, const union value *value)
{
	void *at = (char *)object + field->offset;

	switch (field->type) {
	case FIELD_text: *(struct text *)at = value->text; break;
	case FIELD_list: *(struct text_list *)at = value->list; break;
	case FIELD_number:
	case FIELD_time: *(int64_t *)at = value->number; break;
	case FIELD_flag: *(bool *)at = true; break;
	case FIELD_id: *(struct entity *)at = value->id; break;
	case FIELD_address: *(struct address *)at = value->address; break;
	}
}

static void value_keep(struct making *making, unsigned column, union value *value)
{
	const struct column *about = &columns[column];

	if (about->type == FIELD_list)
		value->list = list_keep(value->list, making->arena);
	if (column < COLUMN_fields)
		frame_take(making, column, value);
	else if (!about->field && !strcmp(about->name, "ancestors.executable"))
		making->executables = value->list;
	else if (!about->field)
		making->command_lines = value->list;
	else if (column < COLUMN_fields + field_count)
		field_take(about->field, making_object(making, about->field->object), value);
	else
		field_take(about->field, making_parent(making), value);
}

static void value_make(void *context, const struct known_column *column, union value *value)
{
	if (column->own >= 0)
		value_keep(context, (unsigned)column->own, value);
}

struct event *row_event(struct row_reader *reader, struct text row, struct arena *arena)
{
	struct making making = {.arena = arena, .event = event_new(arena, EVENT_KINDS)};

	if (!row_each(reader, row, value_make, &making))
		return NULL;
	return making_end(&making) ? making.event : NULL;
}
