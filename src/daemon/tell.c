// SPDX-License-Identifier: Apache-2.0
// Detections are counted, sent to the store, and shown to the user as lines.

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "daemon/engine.h"
#include "daemon/lines.h"

enum { LINES_PER_SECOND = 25 };

event_time engine_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/*
 * A terminal that is stopped or a pipe that is full must not stop the engine: such a line is
 * dropped and counted.
 */
static bool is_writable(int fd)
{
	struct pollfd wait = {fd, POLLOUT, 0};

	return poll(&wait, 1, 0) == 1 && (wait.revents & POLLOUT);
}

void engine_line(struct engine *engine, struct text line)
{
	int64_t second = engine_now() / 1000000000;

	if (engine->lines < 0 || engine->start.quiet)
		return;
	if (second != engine->lines_second) {
		engine->lines_second = second;
		engine->lines_count = 0;
	}
	engine->lines_count++;
	if (engine->lines_count > LINES_PER_SECOND || !is_writable(engine->lines) ||
		write(engine->lines, line.at, line.n) < 0)
		engine->numbers->lines_dropped++;
	else if (engine->lines_count == LINES_PER_SECOND)
		dprintf(engine->lines,
			"(more detections in this second: see `saker detections`)\n");
}

static void count(struct numbers *numbers, const struct detection *detection)
{
	numbers->detections[level_number(detection->level)]++;
	if (text_is(detection->result, "prevented"))
		numbers->prevented++;
	else if (text_is(detection->result, "killed"))
		numbers->killed++;
	else if (text_is(detection->result, "failed") || text_is(detection->result, "timeout"))
		numbers->failed++;
}

void engine_tell(struct engine *engine, struct event *event, struct detection *detection)
{
	struct text line;

	event->kind = EVENT_detection;
	event->detection = detection;
	detection->id = detection_id(&engine->arena, event->time, engine->numbers->sequence);
	records_add(&engine->records, event);
	if (detection->exception.n)
		return; /* it is expected: kept, not shown */
	count(engine->numbers, detection);
	line = line_detection(&engine->arena, event, engine->start.colour);
	engine_line(engine, line);
}
