// SPDX-License-Identifier: Apache-2.0
// The values of one event, by field number.

#include <stdlib.h>

#include "base/memory.h"
#include "detect/sigma/fold.h"
#include "detect/sigma/row.h"

void row_init(struct row *row, uint32_t field_numbers)
{
	*row = (struct row){.slot_count = field_numbers, .n = 1, .epoch = 1};
	row->slots = memory_new(field_numbers * sizeof *row->slots);
}

void row_clear(struct row *row)
{
	free(row->slots);
	free(row->values);
	arena_clear(&row->arena);
	*row = (struct row){0};
}

void row_begin(struct row *row)
{
	arena_reset(&row->arena);
	row->n = 1;
	row->cut = false;
	if (++row->epoch)
		return;
	memset(row->slots, 0, row->slot_count * sizeof *row->slots);
	row->epoch = 1;
}

static uint32_t value_new(struct row *row)
{
	if (row->n >= row->size) {
		row->size = row->size ? row->size * 2 : 256;
		row->values = memory_resize(row->values, row->size, sizeof *row->values);
	}
	return row->n++;
}

void row_add(struct row *row, uint32_t field, enum value_kind kind, struct text text, uint8_t rank)
{
	struct slot *slot = row->slots + field;
	uint32_t value;

	if (slot->epoch != row->epoch)
		*slot = (struct slot){.epoch = row->epoch};
	if (slot->first && rank < slot->rank)
		return;
	if (rank > slot->rank)
		slot->first = slot->last = 0;
	slot->rank = rank;
	if (text.n > VALUE_BYTES_MAX) {
		text.n = VALUE_BYTES_MAX;
		row->cut = true;
	}
	if (!text.at)
		text = TEXT("");
	value = value_new(row);
	row->values[value] = (struct value){.view = {text}, .kind = kind};
	if (slot->last)
		row->values[slot->last].next = value;
	else
		slot->first = value;
	slot->last = value;
}

static struct text view_folded(struct row *row, struct text raw)
{
	char *out = arena_alloc(&row->arena, fold_room(raw.n));

	return (struct text){out, fold(out, raw)};
}

static struct text view_dash(struct row *row, struct text text)
{
	char *out;

	if (!dash_found(text))
		return text;
	out = arena_alloc(&row->arena, text.n);
	return (struct text){out, dash_fold(out, text)};
}

struct text row_view(struct row *row, uint32_t value, enum view view)
{
	struct value *v = row->values + value;
	struct text text = v->view[view];

	if (text.at)
		return text;
	switch (view) {
	case VIEW_folded:
		text = view_folded(row, v->view[VIEW_raw]);
		break;
	case VIEW_raw_dash:
		text = view_dash(row, v->view[VIEW_raw]);
		break;
	case VIEW_folded_dash:
		text = view_dash(row, row_view(row, value, VIEW_folded));
		break;
	default:
		break;
	}
	row->values[value].view[view] = text;
	return text;
}
