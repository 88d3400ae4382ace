/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests: event logs made byte by byte, as Windows writes them or as it never would.
 *
 *	made_begin(&made);
 *	made_record(&made, 1);
 *	made_instance(&made, &template, body, values, n);
 *	made_record_end(&made);
 *	made_end(&made);
 */
#pragma once

#include <stdint.h>
#include <string.h>

#include "import/evtx/checksum.h"
#include "import/evtx/chunk.h"
#include "import/evtx/token.h"
#include "import/evtx/value.h"

/* One chunk. */
struct made {
	char at[CHUNK_BYTES];
	uint32_t n; /* bytes so far */
	uint32_t record; /* where the last one begins */
	uint64_t first, last;
};

/* A value of a hole. */
struct made_value {
	uint8_t type;
	const void *at;
	uint16_t n;
};

static inline void made_bytes(struct made *made, const void *at, size_t n)
{
	if (n)
		memcpy(made->at + made->n, at, n);
	made->n += (uint32_t)n;
}

static inline void made_number(struct made *made, uint64_t number, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		made->at[made->n++] = i < 8 ? (char)(number >> 8 * i) : 0;
}

static inline void made_set(struct made *made, uint32_t at, uint32_t number)
{
	uint32_t n = made->n;

	made->n = at;
	made_number(made, number, 4);
	made->n = n;
}

static inline void made_units(struct made *made, const char *ascii)
{
	for (; *ascii; ascii++)
		made_number(made, (unsigned char)*ascii, 2);
}

/* A name, where it is first used. */
static inline void made_name(struct made *made, const char *name)
{
	made_number(made, made->n + 4, 4);
	made_number(made, 0, 6);
	made_number(made, strlen(name), 2);
	made_units(made, name);
	made_number(made, 0, 2);
}

static inline void made_text(struct made *made, const char *text)
{
	made_number(made, TOKEN_text, 1);
	made_number(made, TYPE_utf16, 1);
	made_number(made, strlen(text), 2);
	made_units(made, text);
}

static inline void made_hole(struct made *made, uint16_t hole, bool optional)
{
	made_number(made, optional ? TOKEN_optional_hole : TOKEN_hole, 1);
	made_number(made, hole, 2);
	made_number(made, TYPE_utf16, 1);
}

/* `<name`; in values elements do not carry the number of a hole. */
static inline void made_open(struct made *made, const char *name, bool attributes, bool in_value)
{
	made_number(made, TOKEN_element | (attributes ? TOKEN_more : 0), 1);
	if (!in_value)
		made_number(made, 0xffff, 2);
	made_number(made, 0, 4);
	made_name(made, name);
	if (attributes)
		made_number(made, 0, 4);
}

static inline void made_attribute(struct made *made, const char *name)
{
	made_number(made, TOKEN_attribute, 1);
	made_name(made, name);
}

static inline void made_token(struct made *made, enum token token)
{
	made_number(made, token, 1);
}

/* `<name>`, to be ended by TOKEN_element_ends. */
static inline void made_element(struct made *made, const char *name)
{
	made_open(made, name, false, false);
	made_token(made, TOKEN_start_ends);
}

static inline void made_begin(struct made *made)
{
	memset(made, 0, sizeof *made);
	memcpy(made->at, CHUNK_SIGNATURE.at, CHUNK_SIGNATURE.n);
	made->n = CHUNK_HEAD;
}

static inline void made_record(struct made *made, uint64_t id)
{
	made->record = made->n;
	made_number(made, RECORD_MAGIC, 4);
	made_number(made, 0, 4);
	made_number(made, id, 8);
	made_number(made, UINT64_C(131974000000000000), 8); /* 2019-03-18T08:53:20Z */
	made->first = made->first ? made->first : id;
	made->last = id;
}

static inline void made_record_end(struct made *made)
{
	uint32_t size = made->n - made->record + 4;

	made_set(made, made->record + 4, size);
	made_number(made, size, 4);
}

/*
 * A template, defined here by `body`, or the one at `at` if that is not 0; and its values. Returns
 * where the template is defined.
 */
static inline uint32_t made_instance(struct made *made, void (*body)(struct made *), uint32_t at,
	const struct made_value *values, uint32_t n)
{
	uint32_t size_at;

	made_number(made, TOKEN_fragment | 0x00010100, FRAGMENT_HEAD);
	made_number(made, TOKEN_template, 1);
	made_number(made, 1, 1);
	made_number(made, 0x11223344, 4);
	if (!at) {
		at = made->n + 4;
		made_number(made, at, 4);
		made_number(made, 0, 4);
		made_number(made, 0x11223344, 16);
		size_at = made->n;
		made_number(made, 0, 4);
		made_number(made, TOKEN_fragment | 0x00010100, FRAGMENT_HEAD);
		body(made);
		made_number(made, TOKEN_end, 1);
		made_set(made, size_at, made->n - size_at - 4);
	} else {
		made_number(made, at, 4);
	}
	made_number(made, n, 4);
	for (uint32_t i = 0; i < n; i++) {
		made_number(made, values[i].n, 2);
		made_number(made, values[i].type, 2);
	}
	for (uint32_t i = 0; i < n; i++)
		made_bytes(made, values[i].at, values[i].n);
	return at;
}

/* The header, as it should be for the records that were made. */
static inline void made_end(struct made *made)
{
	uint32_t n = made->n, checksum;

	made->n = 8;
	made_number(made, made->first, 8);
	made_number(made, made->last, 8);
	made_number(made, made->first, 8);
	made_number(made, made->last, 8);
	made_number(made, 128, 4);
	made_number(made, made->record, 4);
	made_number(made, n, 4);
	made_number(made, checksum_add(0, made->at + CHUNK_HEAD, n - CHUNK_HEAD), 4);
	checksum = checksum_add(checksum_add(0, made->at, 120), made->at + 128, CHUNK_HEAD - 128);
	made_set(made, 124, checksum);
	made->n = n;
}
