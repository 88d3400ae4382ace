// SPDX-License-Identifier: Apache-2.0
// Names that are listed as hostile: what a name server said that they stand for is refused, as
// long as the answer holds.

#include <string.h>
#include <sys/socket.h>

#include "daemon/engine.h"

static const event_time second = 1000000000, shortest = 30, longest = 86400;

static bool same(const struct address *a, const struct address *b)
{
	return a->family == b->family && !memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

bool resolved_find(const struct resolved *resolved, const struct address *address, event_time now,
	struct indicator_hit *hit)
{
	for (size_t i = 0; address->family && i < RESOLVED_MAX; i++) {
		const struct resolved_address *known = &resolved->at[i];

		if (same(&known->address, address) && known->until > now) {
			*hit = known->hit;
			return true;
		}
	}
	return false;
}

bool resolved_keep(struct resolved *resolved, const struct address *address, event_time until,
	struct indicator_hit hit, struct address *left)
{
	struct resolved_address *place = &resolved->at[0];
	bool known = false;

	left->family = 0;
	for (size_t i = 0; i < RESOLVED_MAX && !known; i++) {
		struct resolved_address *at = &resolved->at[i];

		known = same(&at->address, address);
		if (known || !at->address.family ||
			(place->address.family && at->until < place->until))
			place = at;
	}
	if (!known)
		*left = place->address;
	*place = (struct resolved_address){*address, until, hit};
	return !known;
}

static void order(struct engine *engine, const struct address *address, uint32_t rule, bool allow)
{
	struct message_address order = {
		.family = address->family == 4 ? AF_INET : AF_INET6,
		.bits = address->family == 4 ? 32 : 128,
		.rule = rule,
		.allow = allow,
	};

	memcpy(order.bytes, address->bytes, sizeof order.bytes);
	channel_send(engine->parent, MESSAGE_address, &order, sizeof order);
	channel_flush(engine->parent, NULL);
}

/* Loopback and "any" are what names are sent to that shall lead nowhere. */
static bool leads_nowhere(const struct address *address)
{
	static const struct address none6 = {.family = 6},
		own6 = {.family = 6, .bytes = {[15] = 1}};

	return (address->family == 4 && (address->bytes[0] == 127 || !address->bytes[0])) ||
		same(address, &none6) || same(address, &own6);
}

void resolved_deny(struct engine *engine, const struct event *answer, struct indicator_hit hit)
{
	event_time ttl = answer->dns->ttl == NUMBER_NONE ? 0 : answer->dns->ttl;

	ttl = ttl < shortest ? shortest : ttl > longest ? longest : ttl;
	for (size_t i = 0; i < answer->dns->resolved.n; i++) {
		struct address address, left;

		if (!address_read(answer->dns->resolved.at[i], &address) ||
			leads_nowhere(&address))
			continue;
		if (resolved_keep(&engine->resolved, &address, answer->time + ttl * second, hit,
			    &left) && engine->start.prevent)
			order(engine, &address, hit.number, false);
		if (left.family && engine->start.prevent)
			order(engine, &left, 0, true);
	}
}

void resolved_expire(struct engine *engine)
{
	event_time now = engine_now();

	if (now - engine->resolved.looked < second)
		return;
	engine->resolved.looked = now;
	for (size_t i = 0; i < RESOLVED_MAX; i++) {
		struct resolved_address *at = &engine->resolved.at[i];

		if (!at->address.family || at->until > now)
			continue;
		if (engine->start.prevent)
			order(engine, &at->address, 0, true);
		at->address.family = 0;
	}
}
