// SPDX-License-Identifier: Apache-2.0
// Values of an event that are listed as indicators become detections: the address it connects to,
// the program it starts and what its command line names, the file it touches.

#include "base/own.h"
#include "daemon/engine.h"
#include "intel/guess.h"

enum { LISTED_MAX = 4 };

/* What the indicator says of itself. */
static void describe(
	struct engine *engine, struct indicator_hit hit, struct detection *detection)
{
	struct indicator known;

	indicator_read(engine->indicators, hit, &known);
	detection->rule_file = arena_format(
		&engine->arena, "%.*s:%u", (int)known.file.n, known.file.at, known.line);
	detection->description = known.comment.n ? known.comment : known.label;
	detection->level = TEXT("high");
}

struct detection *engine_listed(
	struct engine *engine, struct indicator_hit hit, struct text id, struct text title)
{
	struct detection *detection = detection_new(&engine->arena);

	detection->rule_id = id;
	detection->rule_name = title;
	describe(engine, hit, detection);
	return detection;
}

static void tell(struct engine *engine, const struct event *event, struct detection *detection)
{
	struct event carrier = *event;

	detection->event_kind = text_of(kinds[event->kind].name);
	detection->event_sequence = event->sequence;
	detection->error = 0;
	engine_tell(engine, &carrier, detection);
}

static void address_judge(struct engine *engine, const struct sighting *sighting)
{
	const struct event *event = sighting->event;
	const struct address *address = &event->network->destination_ip;
	/* what the kernel refused is told, even if the indicator has expired meanwhile */
	event_time now = sighting->verdict.rung == WIRE_RUNG_connect ? INDICATOR_NO_TIME
								      : event->time;
	struct detection *detection;
	struct indicator_hit hit;

	bool by_name = false;

	if (!indicator_find_address(
		    engine->indicators, address->family, address->bytes, now, &hit, 1)) {
		by_name = resolved_find(&engine->resolved, address, event->time, &hit);
		if (!by_name)
			return;
	}
	detection = engine_listed(engine, hit,
		by_name ? TEXT("indicator-domain") : TEXT("indicator-address"),
		by_name ? TEXT("Connection to an address of a name that is listed as hostile")
			: TEXT("Connection to an address that is listed as hostile"));
	detection->asked = TEXT("deny");
	if (!engine_was_prevented(sighting, detection) && !detection->rung.n) {
		if (!engine->start.prevent)
			detection->result = TEXT("off");
		else if (!sighting->in_scope)
			detection->result = TEXT("out_of_scope");
		else
			detection->result = TEXT("unsupported");
	}
	tell(engine, event, detection);
}

/* Something that no rung refuses by itself. */
static void value_tell(struct engine *engine, const struct event *event, struct text id,
	struct text title, const struct indicator_hit *hits, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct detection *detection = engine_listed(engine, hits[i], id, title);

		detection->asked = TEXT("none");
		detection->result = TEXT("detected");
		tell(engine, event, detection);
	}
}

static void path_judge(struct engine *engine, const struct event *event, struct text path)
{
	struct indicator_hit hits[LISTED_MAX];

	if (path.n && indicators_count(engine->indicators, INDICATOR_path))
		value_tell(engine, event, TEXT("indicator-path"),
			TEXT("A file or program whose path is listed as hostile"), hits,
			indicator_find_path(engine->indicators, path, event->time, hits,
				LISTED_MAX));
}

/* Hashes as rules write them: each by itself. */
static void hashes_judge(struct engine *engine, const struct event *event, struct text title,
	const struct text *hashes, size_t n)
{
	struct indicator_hit hits[LISTED_MAX];

	for (size_t i = 0; i < n; i++)
		if (hashes[i].n)
			value_tell(engine, event, TEXT("indicator-hash"), title, hits,
				indicator_find_parts(engine->indicators, hashes[i], event->time,
					hits, NULL, LISTED_MAX));
}

void engine_judge_hashes(struct engine *engine, const struct sighting *sighting)
{
	const struct event *event = sighting->event;

	if (event->file) {
		const struct text hashes[] = {
			event->file->sha256, event->file->sha1, event->file->md5};

		hashes_judge(engine, event, TEXT("A file whose hash is listed as hostile"), hashes,
			array_size(hashes));
	} else if (event->kind == EVENT_process_exec && event->process) {
		const struct text hashes[] = {
			event->process->sha256, event->process->sha1, event->process->md5};

		hashes_judge(engine, event, TEXT("A program whose hash is listed as hostile"),
			hashes, array_size(hashes));
	}
}

/* A name that was asked for; what it stands for is refused from now on. */
static void name_judge(struct engine *engine, const struct sighting *sighting)
{
	const struct event *event = sighting->event;
	struct indicator_hit hit;

	if (!event->dns->name.n || !indicators_count(engine->indicators, INDICATOR_domain) ||
		!indicator_find_domain(engine->indicators, event->dns->name, event->time, &hit, 1))
		return;
	if (event->kind == EVENT_dns_answer) {
		resolved_deny(engine, event, hit);
		return;
	}
	value_tell(engine, event, TEXT("indicator-domain"),
		TEXT("A name that is listed as hostile was asked for"), &hit, 1);
}

static void program_judge(struct engine *engine, const struct event *event)
{
	const struct process *process = event->process;
	struct indicator_hit hits[LISTED_MAX];

	path_judge(engine, event, process->executable);
	if (indicators_count(engine->indicators, INDICATOR_url) +
	    indicators_count(engine->indicators, INDICATOR_domain))
		value_tell(engine, event, TEXT("indicator-url"),
			TEXT("A command line with a URL that is listed as hostile"), hits,
			indicator_find_parts(engine->indicators, process->command_line,
				event->time, hits, NULL, LISTED_MAX));
}

void engine_judge_listed(struct engine *engine, const struct sighting *sighting)
{
	const struct event *event = sighting->event;

	if ((event->kind == EVENT_network_connect || event->kind == EVENT_network_datagram) &&
		event->network)
		address_judge(engine, sighting);
	else if (event->dns)
		name_judge(engine, sighting);
	else if (event->kind == EVENT_process_exec && event->process)
		program_judge(engine, event);
	if (event->file)
		path_judge(engine, event, event->file->path);
	engine_judge_hashes(engine, sighting);
}
