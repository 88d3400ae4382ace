// SPDX-License-Identifier: Apache-2.0
// The journal as `journalctl -o export` writes it: fields line by line, NAME=value, or NAME, then
// eight bytes of length (least first) and so many bytes; an empty line after each entry.
// (https://systemd.io/JOURNAL_EXPORT_FORMATS)

#include "base/own.h"
#include "import/lines.h"
#include "import/program.h"

struct journal_field {
	struct text name, value;
};

/*
 * The next field: 1; 0 at an empty line, which is passed over; -1 if the bytes end before the
 * field does.
 */
static int field_take(struct text *rest, struct journal_field *field)
{
	const char *end = rest->n ? memchr(rest->at, '\n', rest->n) : NULL;
	const char *equal;
	uint64_t n = 0;
	size_t length;

	if (!end)
		return -1;
	length = (size_t)(end - rest->at);
	equal = length ? memchr(rest->at, '=', length) : NULL;
	field->name = (struct text){rest->at, equal ? (size_t)(equal - rest->at) : length};
	field->value = (struct text){equal ? equal + 1 : NULL, equal ? length - field->name.n - 1 :
		0};
	*rest = (struct text){end + 1, rest->n - length - 1};
	if (!length || equal)
		return length > 0;
	if (rest->n < sizeof n)
		return -1;
	for (unsigned i = 0; i < sizeof n; i++)
		n |= (uint64_t)(unsigned char)rest->at[i] << 8 * i;
	if (n > rest->n - sizeof n)
		return -1;
	field->value = (struct text){rest->at + sizeof n, (size_t)n};
	n += sizeof n;
	n += n < rest->n; /* the end of the line */
	*rest = (struct text){rest->at + n, rest->n - (size_t)n};
	return 1;
}

static size_t cut(struct text bytes, uint64_t offset, bool ended)
{
	struct text rest = bytes;
	struct journal_field field;
	size_t whole = 0;
	int got;

	if (ended)
		return bytes.n;
	while ((got = field_take(&rest, &field)) >= 0)
		if (!got)
			whole = bytes.n - rest.n;
	return whole;
}

static void field_note(struct line_log *log, const struct journal_field *field)
{
	struct record *record = &log->record;
	int64_t number;

	record_add(record, record_names_get(log->names, PART_data, field->name), VALUE_text,
		field->value);
	if (text_is(field->name, "__REALTIME_TIMESTAMP") && text_number(field->value, &number) &&
	    number > 0 && number < INT64_MAX / 1000)
		record->time = number * 1000;
	else if (text_is(field->name, "_HOSTNAME"))
		record->host = field->value;
	else if (text_is(field->name, "MESSAGE"))
		line_log_add(log, "message", field->value);
}

static void entry_give(struct line_log *log)
{
	struct text program = record_get(&log->record, "SYSLOG_IDENTIFIER"), facility;
	int64_t number = -1;

	if (!program.n)
		program = record_get(&log->record, "_COMM");
	line_log_add(log, "program", program);
	facility = record_get(&log->record, "SYSLOG_FACILITY");
	if (!facility.n || !text_number(facility, &number))
		number = -1;
	program_sources(&log->record, program, number >= 0 && number < 24 ? (int)number : -1);
	line_log_give(log);
}

static void entry_begin(struct line_log *log)
{
	record_names_trim(log->names);
	arena_reset(&log->arena);
	line_log_begin(log);
}

static void block_read(void *reader, const struct block *block, const struct record_sink *sink)
{
	struct line_log *log = reader;
	struct text rest = block->bytes;
	struct journal_field field;
	int got = 0;

	log->sink = sink;
	log->block = block;
	log->number = block->line;
	entry_begin(log);
	while (rest.n && (got = field_take(&rest, &field)) >= 0) {
		if (got) {
			field_note(log, &field);
			continue;
		}
		if (log->record.n)
			entry_give(log);
		log->number++;
		entry_begin(log);
	}
	if (log->record.n && got >= 0)
		entry_give(log);
	if (got < 0)
		sink->skipped(sink->context, TEXT("the end"), TEXT("an entry that is not whole"),
			1);
}

static int likeness(struct text head, bool whole)
{
	return text_starts(head, TEXT("__CURSOR=")) ? 95 : 0;
}

const struct format format_journal = {
	.name = "journal",
	.sentence = "the journal as `journalctl -o export` writes it; its entries are counted",
	.lines = true,
	.likeness = likeness,
	.cut = cut,
	.new = line_log_new,
	.free = line_log_free,
	.read = block_read,
};
