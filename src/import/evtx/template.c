// SPDX-License-Identifier: Apache-2.0
// The template table of a chunk: templates by offset, compiled when they are first asked for.

#include "base/memory.h"
#include "base/own.h"
#include "import/evtx/compile.h"
#include "import/evtx/template.h"
#include "import/evtx/token.h"

enum { SPOTS = 65536 }; /* a chunk has so many offsets */

/* What was found at an offset; nothing if the epoch is that of another chunk. */
struct spot {
	uint32_t epoch;
	struct template *first;
};

struct templates {
	struct compiler *compiler;
	struct text chunk;
	struct arena arena;
	struct room room;
	uint32_t epoch;
	struct spot spots[SPOTS];
};

struct templates *templates_new(struct compiler *compiler)
{
	struct templates *templates = memory_new(sizeof *templates);

	templates->compiler = compiler;
	return templates;
}

void templates_free(struct templates **templates)
{
	if (!*templates)
		return;
	arena_clear(&(*templates)->arena);
	memory_free(templates);
}

void templates_begin(struct templates *templates, struct text chunk)
{
	templates->chunk = chunk;
	arena_reset(&templates->arena);
	templates->room = (struct room){.arena = &templates->arena};
	if (!++templates->epoch) {
		memset(templates->spots, 0, sizeof templates->spots);
		templates->epoch = 1;
	}
}

static struct template *template_read(struct templates *templates, uint32_t at,
	const struct place *place)
{
	struct cursor cursor = {templates->chunk.at, at, (uint32_t)templates->chunk.n, false};
	struct template *template = arena_new(&templates->arena, struct template);
	uint32_t size;

	cursor_skip(&cursor, 4);
	template->id = cursor_32(&cursor);
	cursor_skip(&cursor, TEMPLATE_HEAD - 12);
	size = cursor_32(&cursor);
	template->place = place;
	template->end = cursor.at;
	if (!cursor_has(&cursor, size)) {
		template->why = "its template reaches beyond the chunk";
		return template;
	}
	template->end = cursor.end = cursor.at + size;
	template->why = compile(templates->compiler, &cursor, place, true,
		&templates->room, &template->steps);
	return template;
}

const struct template *template_find(struct templates *templates, uint32_t at,
	const struct place *place)
{
	struct template *template;
	struct spot *spot;

	if (at >= templates->chunk.n || at >= SPOTS)
		return NULL;
	spot = templates->spots + at;
	if (spot->epoch != templates->epoch)
		*spot = (struct spot){templates->epoch, NULL};
	for (template = spot->first; template; template = template->next)
		if (template->place == place)
			return template;
	template = template_read(templates, at, place);
	template->next = spot->first;
	spot->first = template;
	return template;
}
