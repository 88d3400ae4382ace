// SPDX-License-Identifier: Apache-2.0
// What the log of logins says becomes events, of the process that wrote the line where it is
// known.

#include "daemon/engine.h"
#include "daemon/login_read.h"

void logins_read(struct engine *engine, struct text lines)
{
	while (lines.n) {
		const char *end = memchr(lines.at, '\n', lines.n);
		struct text line = {lines.at, end ? (size_t)(end - lines.at) : lines.n};
		struct sighting sighting = {.in_scope = true};
		uint32_t pid;

		sighting.event = login_read(&engine->arena, line, engine_now(), &pid);
		if (sighting.event && pid)
			sighting.event->process = feed_process(engine->feed, pid);
		if (sighting.event)
			engine_judge(engine, &sighting);
		arena_reset(&engine->arena);
		lines.at += line.n + (end != NULL);
		lines.n -= line.n + (end != NULL);
	}
}
