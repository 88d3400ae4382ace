/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A step: what compiled XML does to a record, which mostly is to put one value under one name.
 * Values come with the record and fill the holes of its template.
 */
#pragma once

#include "import/evtx/place.h"

enum { STEP_ALWAYS = 0xffff }; /* no hole has this number */

/* Part of a value: a text or a hole. */
struct piece {
	struct piece *next;
	struct text text; /* no text: a hole */
	uint16_t hole;
	bool optional;
};

enum step_kind {
	STEP_constant,
	STEP_hole,
	STEP_joined, /* of pieces */
	STEP_null, /* an element with nothing in it */
	STEP_object, /* an element that has members */
	STEP_fragment, /* XML with a template of its own, at `from` to `to` in the chunk */
};

struct step {
	enum step_kind kind;
	enum place_role role;
	const struct place *place;
	struct record_name *name;
	uint16_t hole;
	uint16_t unless; /* left out if this hole is empty; or STEP_ALWAYS */
	struct text constant;
	const struct piece *pieces;
	const struct piece *named; /* the name is made of these */
	uint32_t from, to;
};

struct steps {
	const struct step *at;
	uint32_t n;
	bool cut; /* a name was longer than what is kept */
};
