/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BinXML, the form in which EVTX holds an event: a template and the values that fill it. Records
 * are filled from it directly; no text of XML is made.
 *
 *	binxml_begin(binxml, chunk);
 *	record_begin(&record, &arena);
 *	why = binxml_read(binxml, from, to, &record);
 */
#pragma once

#include "event/record.h"

struct binxml;
struct binxml *binxml_new(struct record_names *names);
void binxml_free(struct binxml **binxml);

/* Begins with a chunk, at most 65,536 bytes, which stay as they are until the next. */
void binxml_begin(struct binxml *binxml, struct text chunk);

/*
 * Fills a record that was begun from the XML at `from` to `to` in the chunk: fields, and what the
 * log's frame says (channel, id, time, computer, number). `stale`: where it stands, templates may
 * have been overwritten since; one that has is not used. NULL, or why it cannot be read.
 */
const char *binxml_read(struct binxml *binxml, uint32_t from, uint32_t to, bool stale,
	struct record *record);
