/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The templates of a chunk: the XML of a kind of event with holes in it, defined where it is first
 * used and used elsewhere by its offset. Each is compiled when it is first asked for.
 */
#pragma once

#include "import/evtx/step.h"

struct compiler;

struct template {
	struct template *next; /* another one at the same offset */
	const struct place *place; /* in which its elements stand */
	uint32_t id; /* the first four bytes of its GUID, by which records ask for it */
	uint32_t end; /* of its definition */
	struct steps steps;
	const char *why; /* it cannot be read */
};

struct templates;
struct templates *templates_new(struct compiler *compiler);
void templates_free(struct templates **templates);

/* Begins with another chunk, or again with this one. */
void templates_begin(struct templates *templates, struct text chunk);

/* The template that is defined at an offset; NULL if none can stand there. */
const struct template *template_find(struct templates *templates, uint32_t at,
	const struct place *place);
