// SPDX-License-Identifier: Apache-2.0
// An event as JSON: one flat object whose keys are the columns' dotted names.

#include "event/column.h"
#include "event/column_json.h"

static void list_write(const struct text_list *list, struct json_writer *out)
{
	json_array_open(out);
	for (size_t i = 0; i < list->n; i++)
		json_string(out, list->at[i]);
	json_array_close(out);
}

void column_json(unsigned column, const void *value, struct json_writer *out)
{
	char buffer[FIELD_BUFFER];
	enum event_kind kind;

	json_key_made(out, columns[column].key);
	switch (columns[column].type) {
	case FIELD_text: json_string(out, *(const struct text *)value); break;
	case FIELD_number: json_number(out, *(const int64_t *)value); break;
	case FIELD_flag: json_bool(out, true); break;
	case FIELD_list: list_write(value, out); break;
	case FIELD_time:
		json_string(out, time_text(*(const event_time *)value, buffer));
		break;
	case FIELD_id:
		json_string(out, entity_text(*(const struct entity *)value, buffer));
		break;
	case FIELD_address:
		json_string(out, address_text(*(const struct address *)value, buffer));
		break;
	}
	if (column != COLUMN_kind)
		return;
	kind = kind_by_name(*(const struct text *)value);
	if (kind != EVENT_KINDS)
		json_pair(out, "event.action", kinds[kind].action);
}

static void value_write(void *context, unsigned column, const void *value)
{
	column_json(column, value, context);
}

void event_write(const struct event *event, struct json_writer *out)
{
	json_object_open(out);
	columns_event(event, value_write, out);
	json_object_close(out);
}
