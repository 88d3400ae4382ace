// SPDX-License-Identifier: Apache-2.0
// Events that follow each other.

#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "hunt/field.h"
#include "hunt/sequence.h"

/* Steps that were seen: of a sequence that has come as far as step `n`. */
struct begun {
	event_time first; /* of its first event */
	size_t n; /* 0: none has come as far */
	struct text json[HUNT_STEPS]; /* copies */
};

/* The values of `by`, and what has begun for them, by how far it has come. */
struct subject {
	uint64_t hash;
	struct text key; /* the values, one behind the other; NULL: free */
	struct begun begun[HUNT_STEPS];
};

struct sequences {
	const struct hunt_sequence *sequence;
	struct subject **slots;
	size_t n, size; /* a power of two */
	struct begun found;
	struct arena scratch;
};

struct sequences *sequences_new(const struct hunt_sequence *sequence)
{
	struct sequences *sequences = memory_new(sizeof *sequences);

	sequences->sequence = sequence;
	sequences->size = 1024;
	sequences->slots = memory_new(sequences->size * sizeof(struct subject *));
	return sequences;
}

static void begun_clear(struct begun *begun)
{
	for (size_t i = 0; i < begun->n; i++)
		free((char *)begun->json[i].at);
	*begun = (struct begun){0};
}

static void subject_free(struct subject *subject)
{
	for (size_t i = 0; i < HUNT_STEPS; i++)
		begun_clear(&subject->begun[i]);
	free((char *)subject->key.at);
	free(subject);
}

void sequences_free(struct sequences **at)
{
	struct sequences *sequences = give(*at);

	if (!sequences)
		return;
	for (size_t i = 0; i < sequences->size; i++)
		if (sequences->slots[i])
			subject_free(sequences->slots[i]);
	begun_clear(&sequences->found);
	arena_clear(&sequences->scratch);
	free(sequences->slots);
	free(sequences);
}

/* The values with their lengths; no text if one is missing. */
static struct text key_of(struct sequences *sequences, const struct event *event)
{
	const struct hunt_sequence *sequence = sequences->sequence;
	struct text key = TEXT("");

	for (size_t i = 0; i < sequence->by_count; i++) {
		struct text value = hunt_text(event, &sequence->by[i], &sequences->scratch);

		if (!value.at)
			return (struct text){0};
		key = arena_format(&sequences->scratch, "%.*s%zu:%.*s", (int)key.n, key.at,
			value.n, (int)value.n, value.at);
	}
	return key;
}

static size_t slot_of(const struct sequences *sequences, struct text key, uint64_t hash)
{
	size_t i = hash & (sequences->size - 1);

	while (sequences->slots[i] &&
		(sequences->slots[i]->hash != hash || !text_equal(sequences->slots[i]->key, key)))
		i = (i + 1) & (sequences->size - 1);
	return i;
}

static bool is_over(const struct sequences *sequences, const struct begun *begun, event_time now)
{
	int64_t within = sequences->sequence->within;

	return begun->n && within && now - begun->first > within;
}

/* So many places, and without what is over by now. */
static void rebuild(struct sequences *sequences, size_t places, event_time now)
{
	struct subject **old = sequences->slots;
	size_t size = sequences->size;

	sequences->size = places;
	sequences->slots = memory_new(sequences->size * sizeof(struct subject *));
	sequences->n = 0;
	for (size_t i = 0; i < size; i++) {
		bool alive = false;

		for (size_t k = 0; old[i] && k < HUNT_STEPS; k++) {
			if (is_over(sequences, &old[i]->begun[k], now))
				begun_clear(&old[i]->begun[k]);
			alive |= old[i]->begun[k].n != 0;
		}
		if (alive) {
			sequences->slots[slot_of(sequences, old[i]->key, old[i]->hash)] = old[i];
			sequences->n++;
		} else if (old[i]) {
			subject_free(old[i]);
		}
	}
	free(old);
}

static struct subject *subject_get(
	struct sequences *sequences, struct text key, event_time now, bool make)
{
	uint64_t hash = text_hash(key);
	size_t slot = slot_of(sequences, key, hash);
	struct subject *subject = sequences->slots[slot];

	if (subject || !make)
		return subject;
	if (2 * sequences->n >= sequences->size) {
		rebuild(sequences, 2 * sequences->size, now);
		slot = slot_of(sequences, key, hash);
	}
	subject = memory_new(sizeof *subject);
	subject->hash = hash;
	subject->key = memory_text(key);
	sequences->slots[slot] = subject;
	sequences->n++;
	return subject;
}

/* The event ends step `step` of what has come as far as the one before. */
static void advance(
	struct subject *subject, size_t step, const struct sequence_event *taken)
{
	struct begun next = {.first = taken->event->time};

	if (step) {
		next = subject->begun[step - 1];
		subject->begun[step - 1] = (struct begun){0};
	}
	next.json[next.n++] = memory_text(taken->json(taken->context));
	begun_clear(&subject->begun[step]);
	subject->begun[step] = next;
}

int sequences_take(struct sequences *sequences, const struct sequence_event *taken,
	struct hunt_asking *asking, const struct text **found, struct error *err)
{
	const struct event *event = taken->event;
	const struct hunt_sequence *sequence = sequences->sequence;
	struct text key = key_of(sequences, event);
	struct subject *subject;

	begun_clear(&sequences->found);
	if (!key.at) {
		arena_reset(&sequences->scratch);
		return 0;
	}
	subject = subject_get(sequences, key, event->time, false);
	if (subject && sequence->until && hunt_fits(sequence->until, event, asking))
		for (size_t i = 0; i < HUNT_STEPS; i++)
			begun_clear(&subject->begun[i]);
	/* the last step first: an event is one step of a sequence, not two */
	for (size_t step = sequence->step_count; step--;) {
		struct begun *before = subject && step ? &subject->begun[step - 1] : NULL;

		if (before && is_over(sequences, before, event->time))
			begun_clear(before);
		if ((step && (!before || !before->n)) ||
			!hunt_fits(sequence->steps[step], event, asking))
			continue;
		if (!subject)
			subject = subject_get(sequences, key, event->time, true);
		advance(subject, step, taken);
	}
	arena_reset(&sequences->scratch);
	if (subject && subject->begun[sequence->step_count - 1].n) {
		sequences->found = subject->begun[sequence->step_count - 1];
		subject->begun[sequence->step_count - 1] = (struct begun){0};
	}
	/* what has ended keeps its place until then */
	if (sequences->n > 2 * HUNT_PARTIAL) {
		rebuild(sequences, sequences->size, event->time);
		if (sequences->n > HUNT_PARTIAL)
			return fail(err,
				"more than %d sequences have begun at the same time; ask for "
				"less, or for a shorter `within`",
				HUNT_PARTIAL);
	}
	*found = sequences->found.json;
	return (int)sequences->found.n;
}
