// SPDX-License-Identifier: Apache-2.0
// Jobs done side by side and taken in order.

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "cli/ordered.h"

struct helper {
	struct ordered *ordered;
	unsigned number;
	pthread_t thread;
};

struct ordered {
	struct ordered_way way;
	struct helper *helpers;
	bool *done; /* the job of each place */
	uint64_t given, started, taken; /* jobs so far: `taken` .. `given` are on their way */
	pthread_mutex_t lock;
	pthread_cond_t to_do, was_done;
	bool ended;
};

static void *helper_run(void *context)
{
	struct helper *helper = context;
	struct ordered *o = helper->ordered;

	pthread_mutex_lock(&o->lock);
	for (;;) {
		size_t place;

		while (o->started == o->given && !o->ended)
			pthread_cond_wait(&o->to_do, &o->lock);
		if (o->started == o->given)
			break;
		place = o->started++ % o->way.places;
		pthread_mutex_unlock(&o->lock);
		o->way.work(o->way.context, helper->number, place);
		pthread_mutex_lock(&o->lock);
		o->done[place] = true;
		pthread_cond_signal(&o->was_done);
	}
	pthread_mutex_unlock(&o->lock);
	return NULL;
}

struct ordered *ordered_begin(const struct ordered_way *way)
{
	struct ordered *o = memory_new(sizeof *o);

	o->way = *way;
	o->done = memory_new(way->places * sizeof *o->done);
	pthread_mutex_init(&o->lock, NULL);
	pthread_cond_init(&o->to_do, NULL);
	pthread_cond_init(&o->was_done, NULL);
	if (way->threads == 1)
		return o;
	o->helpers = memory_new(way->threads * sizeof *o->helpers);
	for (unsigned i = 0; i < way->threads; i++) {
		o->helpers[i] = (struct helper){.ordered = o, .number = i};
		if (pthread_create(&o->helpers[i].thread, NULL, helper_run, o->helpers + i)) {
			fputs("saker: cannot start a thread\n", stderr);
			abort();
		}
	}
	return o;
}

static void oldest_take(struct ordered *o)
{
	size_t place = o->taken % o->way.places;

	pthread_mutex_lock(&o->lock);
	while (!o->done[place])
		pthread_cond_wait(&o->was_done, &o->lock);
	pthread_mutex_unlock(&o->lock);
	o->taken++;
	o->way.take(o->way.context, place);
}

size_t ordered_place(struct ordered *o)
{
	if (o->given - o->taken == o->way.places)
		oldest_take(o);
	return o->given % o->way.places;
}

void ordered_give(struct ordered *o)
{
	size_t place = o->given % o->way.places;

	pthread_mutex_lock(&o->lock);
	o->done[place] = false;
	o->given++;
	pthread_cond_signal(&o->to_do);
	pthread_mutex_unlock(&o->lock);
	if (o->way.threads > 1)
		return;
	o->way.work(o->way.context, 0, place);
	o->done[place] = true;
	oldest_take(o);
}

void ordered_end(struct ordered **ordered)
{
	struct ordered *o = *ordered;

	if (!o)
		return;
	while (o->taken < o->given)
		oldest_take(o);
	pthread_mutex_lock(&o->lock);
	o->ended = true;
	pthread_cond_broadcast(&o->to_do);
	pthread_mutex_unlock(&o->lock);
	for (unsigned i = 0; o->helpers && i < o->way.threads; i++)
		pthread_join(o->helpers[i].thread, NULL);
	pthread_mutex_destroy(&o->lock);
	pthread_cond_destroy(&o->to_do);
	pthread_cond_destroy(&o->was_done);
	free(o->helpers);
	free(o->done);
	memory_free(ordered);
}
