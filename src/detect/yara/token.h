/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of YARA source text, one after the other, with their places. The lexer of YARA 4.2 is
 * followed where it matters: division is written '\', so '/' always begins a regular expression;
 * '{' begins a hexadecimal string only behind '='. What is no word of YARA is passed over.
 *
 *	struct yara_scanner scanner = yara_scanner_of(source);
 *	while (yara_next(&scanner))
 *		... scanner.token ...
 *
 * A scanner is a value: a copy of it looks ahead.
 */
#pragma once

#include "base/text.h"

enum yara_token_kind {
	YARA_end,
	YARA_word, /* keywords too */
	YARA_string, /* $a, $a*, $ */
	YARA_count, /* #a */
	YARA_offset, /* @a */
	YARA_length, /* !a */
	YARA_number,
	YARA_real,
	YARA_text,
	YARA_regex,
	YARA_hex,
	YARA_sign,
};

struct yara_token {
	enum yara_token_kind kind;
	struct text text; /* as it stands in the source, with quotes and flags */
	unsigned line, column; /* from 1, in bytes */
	int64_t number; /* of a YARA_number */
	bool fits; /* whether that number fits into 64 bits */
};

struct yara_scanner {
	struct text source;
	size_t at, line_start;
	unsigned line;
	struct yara_token token;
};

struct yara_scanner yara_scanner_of(struct text source);

/* Goes on to the next token; false at the end, where the token is YARA_end. */
bool yara_next(struct yara_scanner *scanner);

/* Whether the token at hand is this word or sign. */
bool yara_at(const struct yara_scanner *scanner, const char *text);

/* Whether the token behind the one at hand is this word or sign. */
bool yara_before(const struct yara_scanner *scanner, const char *text);

/* What of a letter, a digit or '_' YARA's names are made. */
bool yara_is_name_byte(char c);
