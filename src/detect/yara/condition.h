/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The condition of a YARA rule as a tree. Parentheses leave no trace, `and` and `or` hold all of
 * their operands side by side, and constants are computed.
 */
#pragma once

#include "base/arena.h"
#include "detect/yara/token.h"

enum yara_node_kind {
	/* values */
	NODE_number, /* `number`; also what is computed from numbers */
	NODE_literal, /* a text, regular expression or floating point number */
	NODE_filesize,
	NODE_entrypoint,
	NODE_integer, /* uint16be(offset): `text` is the function, `bits` its width */
	NODE_count, /* #a; with `placed`, #a in (range) */
	NODE_offset, /* @a, @a[i] */
	NODE_length, /* !a, !a[i] */
	NODE_name, /* a variable, a rule, a module */
	NODE_member, /* object.`text` */
	NODE_index, /* object[i] */
	NODE_call, /* function and arguments */
	NODE_negative, /* -a */
	NODE_inverse, /* ~a */
	NODE_arithmetic, /* `text` is the operator */
	/* statements */
	NODE_truth, /* true, false: `number` */
	NODE_string, /* $a; with `placed`, $a at, $a in */
	NODE_compare, /* `text` is the operator */
	NODE_likeness, /* contains, matches ... */
	NODE_and,
	NODE_or,
	NODE_not,
	NODE_defined,
	NODE_of, /* `quantity` of `set`; with `placed`, in a range */
	NODE_for_of, /* the same, each with its body, the only child */
	NODE_for_in, /* the body is the only child */
};

enum yara_quantity {
	QUANTITY_all,
	QUANTITY_any,
	QUANTITY_none,
	QUANTITY_number,
	QUANTITY_percent,
};

/* A member of a set: $a, $a*, or the name of a rule. */
struct yara_member {
	struct yara_token token;
	struct yara_member *next;
};

struct yara_node {
	enum yara_node_kind kind;
	struct yara_token token; /* where it begins */
	struct text text;
	int64_t number;
	unsigned bits, height;
	bool is_signed, placed, calls; /* calls: there is a NODE_call below */
	struct yara_node *first, *last, *next; /* operands; the next operand of the one above */

	/* of and for */
	enum yara_quantity quantity;
	struct yara_node *quantity_value, *from, *to; /* NULL where there is none */
	struct yara_member *set;
	bool them, rules; /* all strings; the set is one of rules */
};

/*
 * Reads the condition that begins behind the token at hand and ends before '}'. NULL if something
 * in it is not understood or it is nested more than 64 deep; the scanner may then stand anywhere
 * inside of it.
 */
struct yara_node *yara_condition(struct yara_scanner *scanner, struct arena *arena);

/* A spelling of the value that is equal for equal ones: without blanks, numbers in decimal. */
struct text yara_spelling(const struct yara_node *node, struct arena *arena);
