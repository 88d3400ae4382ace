// SPDX-License-Identifier: Apache-2.0
// How complete a stretch of events is: a walk over everything that saker noted about itself, from
// the first note on.

#include <string.h>

#include "base/own.h"
#include "base/printable.h"
#include "intrusion/completeness.h"
#include "intrusion/sentence.h"
#include "intrusion/words.h"

enum { RESERVATIONS_MAX = 24, BLIND_MAX = 64 };

struct blindness {
	struct text about, sentence;
	bool works; /* or was not asked to: "off" */
};

struct walk {
	struct completeness *found;
	struct store *store;
	struct arena *arena;
	event_time from, to;
	bool running, started; /* between a start and a stop; a start was seen */
	event_time stopped; /* when it last said that it stops; NUMBER_NONE: never */
	event_time *unclean; /* starts that no stop came before */
	size_t unclean_n;
	struct text reservations[RESERVATIONS_MAX];
	size_t reservations_n, reservations_more;
	struct blindness blind[BLIND_MAX];
	size_t blind_n;
};

static bool is_inside(const struct walk *walk, event_time time)
{
	return time >= walk->from && time <= walk->to;
}

static void reserve(struct walk *walk, struct text sentence)
{
	if (walk->reservations_n < RESERVATIONS_MAX)
		walk->reservations[walk->reservations_n++] = sentence;
	else
		walk->reservations_more++;
}

static void unclean_add(struct walk *walk, event_time time)
{
	event_time *more;

	if (!is_inside(walk, time) || walk->unclean_n == RESERVATIONS_MAX)
		return;
	more = arena_alloc(walk->arena, (walk->unclean_n + 1) * sizeof *more);
	if (walk->unclean_n)
		memcpy(more, walk->unclean, walk->unclean_n * sizeof *more);
	more[walk->unclean_n++] = time;
	walk->unclean = more;
}

static void start_see(struct walk *walk, event_time time)
{
	if (walk->running) {
		unclean_add(walk, time);
	} else if (walk->stopped != NUMBER_NONE && time >= walk->from &&
		   walk->stopped <= walk->to) {
		reserve(walk,
			arena_format(walk->arena, "saker did not watch from %.*s to %.*s (%.*s)",
				TEXT_PRINT(time_words(walk->stopped, walk->arena)),
				TEXT_PRINT(time_words(time, walk->arena)),
				TEXT_PRINT(duration_words(time - walk->stopped, walk->arena))));
	}
	walk->running = walk->started = true;
}

static void gap_see(struct walk *walk, const struct event *event)
{
	if (!is_inside(walk, event->time))
		return;
	walk->found->gaps++;
	if (!event->sensor || event->sensor->count == NUMBER_NONE)
		walk->found->uncounted++;
	else
		walk->found->missing += event->sensor->count;
}

/* Only the newest word about a thing counts. */
static void capability_see(struct walk *walk, const struct event *event)
{
	struct text about = event->sensor ? event->sensor->about : (struct text){ 0 };
	size_t i = 0;

	if (event->time > walk->to)
		return;
	while (i < walk->blind_n && !text_equal(walk->blind[i].about, about))
		i++;
	if (i == BLIND_MAX)
		return;
	walk->blind[i] = (struct blindness){
		.about = about,
		.sentence = event_sentence(event, walk->arena),
		.works = event->sensor && (text_is(event->sensor->state, "works") ||
						  text_is(event->sensor->state, "off")),
	};
	walk->blind_n += i == walk->blind_n;
}

static bool notice_see(void *walk_, struct text json)
{
	struct walk *walk = walk_;
	struct event *event = event_read(arena_copy(walk->arena, json), walk->arena, NULL);

	if (!event)
		return true;
	switch (event->kind) {
	case EVENT_sensor_start:
		if (event->time <= walk->to)
			start_see(walk, event->time);
		break;
	case EVENT_sensor_stop:
		walk->stopped = event->time;
		walk->running = false;
		break;
	case EVENT_sensor_gap: gap_see(walk, event); break;
	case EVENT_sensor_capability: capability_see(walk, event); break;
	default: break;
	}
	return true;
}

struct last_before {
	struct arena *arena;
	event_time time;
};

static bool time_see(void *last_, struct text json)
{
	struct last_before *last = last_;
	struct event *event = event_read(arena_copy(last->arena, json), last->arena, NULL);

	if (event)
		last->time = event->time;
	return false;
}

/* What a run that ended without a word had seen last. */
static int unclean_tell(struct walk *walk, event_time start, struct error *err)
{
	struct store_query query = { .to = start - 1, .newest_first = true, .limit = 1 };
	struct last_before last = { walk->arena, NUMBER_NONE };

	if (store_read(walk->store, &query, time_see, &last, err))
		return -1;
	reserve(walk, arena_format(walk->arena,
			      "saker was started at %.*s after it had ended without saying so; "
			      "nothing is known of the time "
			      "since its last event, %.*s",
			      TEXT_PRINT(time_words(start, walk->arena)),
			      TEXT_PRINT(time_words(last.time, walk->arena))));
	return 0;
}

static void retention_tell(struct walk *walk, const struct store_numbers *numbers)
{
	if (numbers->dropped && numbers->dropped_to >= walk->from)
		reserve(walk,
			arena_format(walk->arena,
				"%.*s up to %.*s were deleted to keep the store within its "
				"limits; the detections were kept",
				TEXT_PRINT(count_words(numbers->dropped, "event", walk->arena)),
				TEXT_PRINT(time_words(numbers->dropped_to, walk->arena))));
	if (numbers->dropped_detections)
		reserve(walk, arena_format(walk->arena,
				      "the oldest %.*s were deleted, because detections alone "
				      "were more than the store may hold",
				      TEXT_PRINT(count_words(numbers->dropped_detections,
					      "detection", walk->arena))));
}

static void gaps_tell(struct walk *walk)
{
	struct completeness *found = walk->found;
	struct text missing = count_words(found->missing, "event", walk->arena);
	struct text gaps = count_words((int64_t)found->gaps, "gap", walk->arena);

	if (found->uncounted)
		found->sentence = arena_format(walk->arena,
			"at least %.*s %s missing in %.*s, of which %zu could not say how many",
			TEXT_PRINT(missing), found->missing == 1 ? "is" : "are", TEXT_PRINT(gaps),
			found->uncounted);
	else
		found->sentence = arena_format(walk->arena, "%.*s %s missing in %.*s",
			TEXT_PRINT(missing), found->missing == 1 ? "is" : "are", TEXT_PRINT(gaps));
}

static void conclude(struct walk *walk, const struct store_numbers *numbers)
{
	struct completeness *found = walk->found;

	found->known = walk->started && numbers->events;
	found->complete = found->known && !found->gaps && !walk->reservations_n;
	if (found->gaps)
		gaps_tell(walk);
	else if (!numbers->events)
		found->sentence = TEXT("nothing is recorded in this stretch of time, not even "
				       "whether saker watched");
	else if (!walk->started)
		found->sentence = TEXT("it is not known whether events are missing: no start of "
				       "saker is recorded");
	else if (walk->reservations_n)
		found->sentence = TEXT("no event is missing while saker watched, but there are "
				       "times it does not know");
	else
		found->sentence = TEXT("complete: no event is missing");
}

static struct text_list list_make(struct walk *walk, const struct text *at, size_t n)
{
	struct text *list = arena_alloc(walk->arena, (n ? n : 1) * sizeof *list);

	if (n)
		memcpy(list, at, n * sizeof *list);
	return (struct text_list){ list, n };
}

static struct text_list blind_list(struct walk *walk)
{
	struct text blind[BLIND_MAX];
	size_t n = 0;

	for (size_t i = 0; i < walk->blind_n; i++)
		if (!walk->blind[i].works)
			blind[n++] = walk->blind[i].sentence;
	return list_make(walk, blind, n);
}

int completeness_find(struct completeness *completeness, struct store *store, event_time from,
	event_time to, struct arena *arena, struct error *err)
{
	struct store_query notices = { .notices = true };
	struct completeness found = { 0 };
	struct walk walk = {
		.found = &found,
		.store = store,
		.arena = arena,
		.from = from,
		.to = to,
		.stopped = NUMBER_NONE,
	};
	struct store_numbers numbers;

	if (store_read(store, &notices, notice_see, &walk, err) ||
		store_numbers(store, from, to, &numbers, err))
		return -1;
	for (size_t i = 0; i < walk.unclean_n; i++)
		if (unclean_tell(&walk, walk.unclean[i], err))
			return -1;
	retention_tell(&walk, &numbers);
	if (walk.reservations_more)
		walk.reservations[RESERVATIONS_MAX - 1] = arena_format(arena,
			"and %zu reservations more", walk.reservations_more + 1);
	conclude(&walk, &numbers);
	found.reservations = list_make(&walk, walk.reservations, walk.reservations_n);
	found.blind = blind_list(&walk);
	*completeness = found;
	return 0;
}
