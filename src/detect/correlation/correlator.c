// SPDX-License-Identifier: Apache-2.0
// The groups of all correlations.

#include <stdlib.h>
#include <sys/random.h>

#include "base/memory.h"
#include "base/own.h"
#include "detect/correlation/group.h"

enum { BUCKETS_START = 64 };

/* The groups of one correlation. */
struct pool {
	const struct correlation *correlation;
	struct group **buckets;
	uint32_t bucket_count, n;
	struct group *newest, *oldest;
	size_t bytes;
	/* groups that wait for the end of their window: a heap, whose turn is next first */
	struct group **waiting;
	uint32_t waiting_n, waiting_size;
	struct correlator_losses losses;
};

struct correlator {
	struct pool *pools;
	unsigned n;
	size_t share; /* bytes for each */
	uint64_t secret;
	void (*fired)(void *context, const struct correlation_fired *fired);
	void *context;
	unsigned depth; /* of correlations that complete one another */
};

struct correlator *correlator_new(const struct rules *rules, size_t bytes,
	void (*fired)(void *context, const struct correlation_fired *fired), void *context)
{
	const struct correlations *correlations = rules_correlations(rules);
	struct correlator *correlator = memory_new(sizeof *correlator);

	correlator->n = (unsigned)correlations->n;
	correlator->pools = memory_new((correlator->n + 1) * sizeof *correlator->pools);
	correlator->share = correlator->n ? bytes / correlator->n : 0;
	correlator->fired = fired;
	correlator->context = context;
	if (getrandom(&correlator->secret, sizeof correlator->secret, GRND_NONBLOCK) < 0)
		correlator->secret = (uint64_t)(uintptr_t)correlator;
	for (unsigned i = 0; i < correlator->n; i++)
		correlator->pools[i].correlation = correlations->at[i];
	return correlator;
}

static void group_unlink(struct pool *pool, struct group *group)
{
	if (group->newer)
		group->newer->older = group->older;
	else
		pool->newest = group->older;
	if (group->older)
		group->older->newer = group->newer;
	else
		pool->oldest = group->newer;
	group->newer = group->older = NULL;
}

static void group_link(struct pool *pool, struct group *group)
{
	group->older = pool->newest;
	if (pool->newest)
		pool->newest->newer = group;
	else
		pool->oldest = group;
	pool->newest = group;
}

static void heap_put(struct pool *pool, uint32_t at, struct group *group)
{
	pool->waiting[at] = group;
	group->place = at;
}

/* Moves a group up or down to where it belongs. */
static void heap_settle(struct pool *pool, struct group *group)
{
	uint32_t at = group->place, child;

	while (at && pool->waiting[(at - 1) / 2]->until > group->until) {
		heap_put(pool, at, pool->waiting[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	while ((child = 2 * at + 1) < pool->waiting_n) {
		if (child + 1 < pool->waiting_n &&
		    pool->waiting[child + 1]->until < pool->waiting[child]->until)
			child++;
		if (pool->waiting[child]->until >= group->until)
			break;
		heap_put(pool, at, pool->waiting[child]);
		at = child;
	}
	heap_put(pool, at, group);
}

static void heap_add(struct pool *pool, struct group *group)
{
	if (pool->waiting_n == pool->waiting_size) {
		uint32_t size = pool->waiting_size ? pool->waiting_size * 2 : 64;

		pool->bytes += (size_t)(size - pool->waiting_size) * sizeof *pool->waiting;
		pool->waiting = memory_resize(pool->waiting, size, sizeof *pool->waiting);
		pool->waiting_size = size;
	}
	heap_put(pool, pool->waiting_n++, group);
	heap_settle(pool, group);
}

static void heap_remove(struct pool *pool, struct group *group)
{
	struct group *last = pool->waiting[--pool->waiting_n];

	if (last == group)
		return;
	heap_put(pool, group->place, last);
	heap_settle(pool, last);
}

static void group_drop(struct pool *pool, struct group *group)
{
	struct group **at = pool->buckets + (group->hash & (pool->bucket_count - 1));

	while (*at != group)
		at = &(*at)->next;
	*at = group->next;
	group_unlink(pool, group);
	pool->bytes -= group->bytes;
	if (group->waits)
		heap_remove(pool, group);
	pool->n--;
	group_free(&group);
}

void correlator_free(struct correlator **correlator)
{
	struct correlator *c = *correlator;

	if (!c)
		return;
	for (unsigned i = 0; i < c->n; i++) {
		while (c->pools[i].newest)
			group_drop(c->pools + i, c->pools[i].newest);
		free(c->pools[i].buckets);
		free(c->pools[i].waiting);
	}
	free(c->pools);
	memory_free(correlator);
}

static uint64_t bytes_hash(uint64_t hash, struct text text)
{
	uint64_t word = 0;
	size_t i = 0;

	hash ^= text.n;
	for (; i + sizeof word <= text.n; i += sizeof word) {
		memcpy(&word, text.at + i, sizeof word);
		hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 29;
	}
	word = 0;
	if (text.n > i)
		memcpy(&word, text.at + i, text.n - i);
	hash = (hash ^ word) * UINT64_C(0xbf58476d1ce4e5b9);
	return hash ^ hash >> 32;
}

static void buckets_grow(struct pool *pool)
{
	struct group **old = pool->buckets;
	uint32_t old_count = pool->bucket_count;

	pool->bucket_count = old_count ? old_count * 2 : BUCKETS_START;
	pool->buckets = memory_new(pool->bucket_count * sizeof *pool->buckets);
	for (uint32_t i = 0; i < old_count; i++)
		while (old[i]) {
			struct group *group = old[i];
			struct group **at =
				pool->buckets + (group->hash & (pool->bucket_count - 1));

			old[i] = group->next;
			group->next = *at;
			*at = group;
		}
	pool->bytes += (size_t)(pool->bucket_count - old_count) * sizeof *pool->buckets;
	free(old);
}

static struct group *group_find(struct pool *pool, struct text key, uint64_t hash)
{
	struct group *group = pool->bucket_count ?
		pool->buckets[hash & (pool->bucket_count - 1)] : NULL;

	while (group && (group->hash != hash || group->key_n != key.n ||
			 memcmp(group->key, key.at, key.n)))
		group = group->next;
	return group;
}

static struct group *group_get(struct pool *pool, struct text key, uint64_t hash)
{
	struct group *group = group_find(pool, key, hash), **at;

	if (group) {
		if (group != pool->newest) {
			group_unlink(pool, group);
			group_link(pool, group);
		}
		return group;
	}
	if (pool->n >= pool->bucket_count)
		buckets_grow(pool);
	group = group_new(pool->correlation, key, hash);
	at = pool->buckets + (hash & (pool->bucket_count - 1));
	group->next = *at;
	*at = group;
	group_link(pool, group);
	pool->bytes += group->bytes;
	pool->n++;
	return group;
}

/* Groups whose window is over go for nothing; when there are too many, others go too. */
static void room_make(struct correlator *correlator, struct pool *pool, event_time now)
{
	event_time span = pool->correlation->timespan;

	for (unsigned i = 0; i < 2 && pool->oldest && pool->oldest != pool->newest; i++) {
		struct group *group = pool->oldest;

		if (group->waits || group->used >= now - span)
			break;
		group_drop(pool, group);
	}
	while (pool->bytes > correlator->share && pool->oldest != pool->newest) {
		pool->losses.groups++;
		group_drop(pool, pool->oldest);
	}
}

/* The values of a key by the places that a correlation above wants. */
static void key_choose(const struct correlation *above, unsigned member, struct text key,
	char *buffer, struct text *chosen)
{
	const struct correlation *c = above->members[member]->correlation;
	struct text values[CORRELATION_FIELDS_MAX];
	size_t n = 0;

	for (size_t g = 0; g < c->groups.n && key.n >= sizeof(uint16_t); g++) {
		uint16_t length;

		memcpy(&length, key.at, sizeof length);
		values[g] = (struct text){key.at, sizeof length + length};
		key = (struct text){key.at + values[g].n, key.n - values[g].n};
	}
	for (size_t g = 0; g < above->groups.n; g++) {
		struct text value = values[above->group_fields[member * above->groups.n + g]];

		memcpy(buffer + n, value.at, value.n);
		n += value.n;
	}
	*chosen = (struct text){buffer, n};
}

static void fired_tell(struct correlator *correlator, const struct correlation_fired *fired)
{
	char buffer[CORRELATION_FIELDS_MAX * 1100];

	correlator->fired(correlator->context, fired);
	if (correlator->depth == CORRELATION_MEMBERS_MAX)
		return;
	correlator->depth++;
	for (const struct membership *link = fired->correlation->rule->memberships; link;
	     link = link->next) {
		struct correlation_hit hit = {
			.correlation = link->correlation,
			.member = link->member,
			.time = fired->last,
			.event = fired->event_count ? fired->events[fired->event_count - 1] : 0,
		};

		key_choose(link->correlation, link->member, fired->key, buffer, &hit.key);
		correlator_take(correlator, &hit);
	}
	correlator->depth--;
}

static struct correlation_fired fired_new(const struct pool *pool, const struct group *group)
{
	return (struct correlation_fired){
		.correlation = pool->correlation,
		.rule = &pool->correlation->rule->rule,
		.key = {group->key, group->key_n},
		.first = NUMBER_NONE,
		.last = NUMBER_NONE,
	};
}

/* Decides the groups of a pool whose windows are over. */
static void pool_advance(struct correlator *correlator, struct pool *pool, event_time now)
{
	while (pool->waiting_n && pool->waiting[0]->until < now) {
		struct group *group = pool->waiting[0];
		struct correlation_fired fired = fired_new(pool, group);

		heap_remove(pool, group);
		if (group_decide(group, pool->correlation, &fired))
			fired_tell(correlator, &fired);
	}
}

void correlator_take(struct correlator *correlator, const struct correlation_hit *hit)
{
	struct pool *pool = correlator->pools + hit->correlation->number;
	uint64_t hash = bytes_hash(correlator->secret, hit->key), value;
	struct correlation_fired fired;
	struct group *group;
	bool waited, fires;
	size_t bytes;

	pool_advance(correlator, pool, hit->time);
	if (hit->goes_on && !group_find(pool, hit->key, hash))
		return;
	group = group_get(pool, hit->key, hash);
	if (hit->correlation->type == CORRELATION_value_count)
		value = bytes_hash(correlator->secret, hit->value);
	else
		memcpy(&value, &hit->number, sizeof value);
	fired = fired_new(pool, group);
	bytes = group->bytes;
	waited = group->waits;
	fires = group_take(group, hit, value, &fired, &pool->losses.events);
	pool->bytes += group->bytes - bytes;
	if (group->waits && !waited)
		heap_add(pool, group);
	if (fires)
		fired_tell(correlator, &fired);
	room_make(correlator, pool, hit->time);
}

void correlator_advance(struct correlator *correlator, event_time now)
{
	for (unsigned i = 0; i < correlator->n; i++)
		pool_advance(correlator, correlator->pools + i, now);
}

void correlator_end(struct correlator *correlator)
{
	correlator_advance(correlator, INT64_MAX);
}

struct correlator_losses correlator_losses(const struct correlator *correlator)
{
	struct correlator_losses all = {0};

	for (unsigned i = 0; i < correlator->n; i++) {
		all.groups += correlator->pools[i].losses.groups;
		all.events += correlator->pools[i].losses.events;
	}
	return all;
}

size_t correlator_bytes(const struct correlator *correlator)
{
	size_t bytes = 0;

	for (unsigned i = 0; i < correlator->n; i++)
		bytes += correlator->pools[i].bytes;
	return bytes;
}
