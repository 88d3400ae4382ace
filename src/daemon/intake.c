// SPDX-License-Identifier: Apache-2.0
// Content becomes rules, and orders to the kernel for those that it can carry out alone.

#include <assert.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/own.h"
#include "daemon/engine.h"
#include "daemon/protected.h"
#include "intel/feeds.h"

enum { NOTICES_MAX = 32, ADDRESSES_MAX = 65536 };

/*
 * The sentences of what is wrong with the content: the first goes to the user, some become
 * events, all are counted.
 */
struct problems {
	struct message_ready *ready;
	struct engine *engine;
	uint32_t told;
};

static_assert(PLAN_path == (int)IMAGE_path && PLAN_name == (int)IMAGE_name,
	"the plan's words are the kernel's");

static void on_indicator_problem(void *context, const struct feed_problem *problem)
{
	struct problems *problems = context;
	char sentence[256];

	feed_problem_text(problem, sentence, sizeof sentence);
	problems->ready->indicator_problems++;
	if (!problems->ready->first_problem[0])
		snprintf(problems->ready->first_problem, sizeof problems->ready->first_problem,
			"%s", sentence);
	if (problems->told++ < NOTICES_MAX)
		engine_notice(problems->engine, "indicators", "failed", "%s", sentence);
}

static void rule_problems(struct problems *problems)
{
	const struct rules *rules = problems->engine->rules;
	struct message_ready *ready = problems->ready;

	for (size_t i = 0; i < rules_problems(rules); i++) {
		const struct rule_problem *problem = rules_problem(rules, i);
		char sentence[256];

		snprintf(sentence, sizeof sentence, "%.*s:%u:%u: %.*s", (int)problem->file.n,
			problem->file.at, problem->line, problem->column, (int)problem->sentence.n,
			problem->sentence.at);
		ready->problems++;
		ready->refused += problem->fatal;
		if (problem->fatal && !ready->first_problem[0])
			memcpy(ready->first_problem, sentence, sizeof sentence);
		if (problem->fatal && problems->told++ < NOTICES_MAX)
			engine_notice(problems->engine, "rules", "failed", "%s", sentence);
	}
}

static int read_all(struct engine *engine, struct problems *problems, struct error *err)
{
	until_return(feeds_free) struct feeds *feeds = feeds_new(on_indicator_problem, problems);
	struct content_item item;

	while (content_next(engine->content, &item)) {
		struct text name = arena_copy(&engine->arena, item.name);

		if (item.kind == CONTENT_rules)
			rules_add(engine->rules, name.at, item.bytes);
		else if (item.kind == CONTENT_indicators)
			feeds_add(feeds, item.name, item.bytes);
		arena_reset(&engine->arena);
	}
	rules_compile(engine->rules);
	rule_problems(problems);
	engine->indicators = feeds_set(feeds, err);
	return engine->indicators ? 0 : -1;
}

/* Bit 0 of an image, which every clause of a rule that does not name it leaves out. */
static void order_protected(struct engine *engine)
{
	for (size_t i = 0; i < protected_count; i++) {
		struct message_image key = {
			.hash = text_hash(text_of(protected_programs[i])),
			.bits = 1ULL << IMAGE_BIT_protected,
			.how = IMAGE_path,
		};

		channel_send(engine->parent, MESSAGE_image, &key, sizeof key);
	}
}

static void order_images(struct engine *engine)
{
	for (size_t i = 0; i < engine->plan.image_count; i++) {
		const struct plan_image *image = &engine->plan.images[i];
		struct message_image key = {
			.hash = text_hash(image->value), .bits = image->bits, .how = image->how};
		struct message_place place = {.bits = image->bits};

		if (image->how != PLAN_prefix) {
			channel_send(engine->parent, MESSAGE_image, &key, sizeof key);
		} else if (image->value.n <= PLACE_PATH_MAX) {
			memcpy(place.prefix, image->value.at, image->value.n);
			channel_send(engine->parent, MESSAGE_place, &place, sizeof place);
		}
	}
}

_Static_assert((int)PLAN_ACT_bpf == (int)ACT_bpf && (int)PLAN_ACT_open == (int)ACT_open &&
	(int)PLAN_ACT_attach == (int)ACT_attach, "the acts of plans are those of the kernel");

static struct wire_clause clause_of(const struct plan_clause *from)
{
	struct wire_clause clause = {
		.image_any = from->image_any,
		.image_none = from->image_none,
		.parent_any = from->parent_any,
		.parent_none = from->parent_none,
		.ancestor_any = from->ancestor_any,
		.ancestor_none = from->ancestor_none,
		.object_any = from->object_any,
		.object_none = from->object_none,
		.acts = from->acts,
		.file_flags = from->file_flags,
		.uid = from->uid,
		.uid_asked = from->uid_asked,
		.hash_asked = from->hash_asked,
		.in_use = 1,
		.rule = from->rule,
	};

	memcpy(clause.sha256, from->sha256, sizeof clause.sha256);
	return clause;
}

static void order_clauses(struct engine *engine)
{
	for (size_t i = 0; i < engine->plan.clause_count; i++) {
		struct wire_clause clause = clause_of(&engine->plan.clauses[i]);
		struct message_clause order = {.index = (uint32_t)i};

		memcpy(order.clause, &clause, sizeof clause);
		channel_send(engine->parent, MESSAGE_clause, &order, sizeof order);
	}
}

/* Addresses and networks that have not expired, as many as the kernel's table holds. */
static void order_addresses(struct engine *engine, enum indicator_type type, uint32_t family,
	uint32_t *ordered)
{
	bool is_range = type == INDICATOR_ipv4_range || type == INDICATOR_ipv6_range;
	uint32_t bytes = family == AF_INET ? 4 : 16;
	struct indicator_hit hit = {.type = type};
	const unsigned char *value;
	int64_t now = engine_now();

	for (; hit.number < indicators_count(engine->indicators, type); hit.number++) {
		struct message_address order = {.family = family, .rule = hit.number};
		struct indicator indicator;

		indicator_read(engine->indicators, hit, &indicator);
		if (indicator.expires != INDICATOR_NO_TIME && indicator.expires <= now)
			continue;
		if ((*ordered)++ == ADDRESSES_MAX) {
			engine_notice(engine, "indicators", "failed",
				"more than %d addresses are listed; the rest is reported, not "
				"refused",
				ADDRESSES_MAX);
			return;
		}
		value = indicator_bytes(engine->indicators, hit);
		memcpy(order.bytes, value, bytes);
		order.bits = is_range ? value[bytes] : 8 * bytes;
		if (order.bits < 8) /* so wide that it is told, not refused */
			continue;
		channel_send(engine->parent, MESSAGE_address, &order, sizeof order);
	}
}

static void order_all_addresses(struct engine *engine)
{
	static const struct {
		enum indicator_type type;
		uint32_t family;
	} all[] = {{INDICATOR_ipv4, AF_INET}, {INDICATOR_ipv6, AF_INET6},
		{INDICATOR_ipv4_range, AF_INET}, {INDICATOR_ipv6_range, AF_INET6}};
	uint32_t ordered = 0;

	for (size_t i = 0; i < array_size(all) && ordered <= ADDRESSES_MAX; i++)
		order_addresses(engine, all[i].type, all[i].family, &ordered);
}

static void count_rules(struct engine *engine, struct message_ready *ready)
{
	ready->rules = (uint32_t)rules_count(engine->rules);
	for (size_t i = 0; i < rules_count(engine->rules); i++) {
		const struct rule *rule = rules_get(engine->rules, i);

		if (rule->action == ACTION_none)
			continue;
		ready->denying++;
		if (rule->action == ACTION_deny && i < engine->plan.rule_count &&
			!engine->plan.why_not[i])
			ready->kernel_rules++;
	}
	engine->denying = ready->denying;
	for (size_t i = 0; i < engine->plan.clause_count; i++)
		engine->hashes_wanted |= engine->plan.clauses[i].hash_asked;
}

/* Places that rules ask about are watched, whatever the settings say. */
static void order_watched(struct engine *engine)
{
	for (size_t i = 0; i < engine->plan.watched_count; i++) {
		struct message_place place = {.watched = 1};
		struct text path = engine->plan.watched[i];

		if (path.n > PLACE_PATH_MAX)
			continue;
		memcpy(place.prefix, path.at, path.n);
		channel_send(engine->parent, MESSAGE_place, &place, sizeof place);
	}
}

static void wanted_fill(const struct engine *engine, struct message_ready *ready)
{
	for (unsigned kind = 0; kind < EVENT_KINDS; kind++)
		if (!engine->start.by_rules || rules_ask(engine->rules, (enum event_kind)kind) ||
			(engine->rewrites &&
				(kind == EVENT_file_delete || kind == EVENT_file_rename)))
			ready->kinds[kind / 64] |= UINT64_C(1) << kind % 64;
}

int engine_intake(struct engine *engine, const struct message_rights *rights, struct error *err)
{
	struct message_ready ready = {.rights = *rights};
	struct problems problems = {.ready = &ready, .engine = engine};

	engine->rules = rules_new();
	if (read_all(engine, &problems, err))
		return -1;
	engine_correlate_begin(engine);
	plan_make(&engine->plan, engine->rules);
	count_rules(engine, &ready);
	for (int type = INDICATOR_ipv4; type <= INDICATOR_ipv6_range; type++)
		ready.addresses += (uint32_t)indicators_count(
			engine->indicators, (enum indicator_type)type);
	if (engine->start.prevent) {
		order_protected(engine);
		order_images(engine);
		order_clauses(engine);
		order_all_addresses(engine);
	}
	order_watched(engine);
	wanted_fill(engine, &ready);
	channel_send(engine->parent, MESSAGE_content_ready, &ready, sizeof ready);
	return channel_flush(engine->parent, err);
}
