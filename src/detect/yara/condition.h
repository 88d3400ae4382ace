/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The condition of a YARA rule as a tree of what can be reasoned about: AND, OR, NOT, comparisons
 * of a few terms with numbers, and sets of strings. All else is opaque: it may be true or false.
 */
#pragma once

#include "base/arena.h"
#include "detect/yara/token.h"

enum term_kind { TERM_opaque, TERM_number, TERM_bytes, TERM_filesize, TERM_count };

struct term {
	enum term_kind kind;
	int64_t number; /* or the offset of bytes, -1 where it is no number */
	bool fits; /* the number is one of 64 bits */
	unsigned size; /* bytes of TERM_bytes */
	bool is_signed, big_endian;
	struct text text; /* as it is written */
};

enum node_kind { NODE_and, NODE_or, NODE_not, NODE_true, NODE_false, NODE_compare, NODE_of,
	NODE_opaque };
enum compare { COMPARE_eq, COMPARE_ne, COMPARE_lt, COMPARE_le, COMPARE_gt, COMPARE_ge };

struct node {
	enum node_kind kind;
	struct node *first, *next; /* children; the next sibling */
	struct token place;
	enum compare how;
	struct term left, right; /* the right one is a number */
	int64_t wanted, has; /* strings of a set: how many, of how many */
};

/* A name of a string, "$a"; those without one are "$". */
struct string_names {
	struct text *at;
	size_t n;
};

/* What is noticed while a condition is read. */
struct condition_notes {
	void (*loop)(void *context, const struct token *place, struct text over);
	void (*empty_set)(void *context, const struct token *place);
	void (*whole_file)(void *context, const struct token *place);
	void *context;
};

/*
 * Reads a condition up to the '}' behind it. NULL if it cannot be understood or is nested too
 * deep; the words are then somewhere inside.
 */
struct node *yara_condition_read(struct tokens *tokens, const struct string_names *names,
	const struct condition_notes *notes, struct arena *arena);

/*
 * Whether a condition may be true, as far as is known; if not, why (in the arena), and `place`
 * where.
 */
bool yara_condition_may_hold(const struct node *node, struct arena *arena, struct text *why,
	struct token *place);

/* Whether it is true of every file. */
bool yara_condition_always(const struct node *node);

/* Whether it holds only for files up to some size. */
bool yara_condition_bounds_size(const struct node *node);
