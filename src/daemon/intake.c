// SPDX-License-Identifier: Apache-2.0
// Content becomes rules, and orders to the kernel for those that it can carry out alone.

#include <assert.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "daemon/engine.h"
#include "daemon/protected.h"

enum { NOTICES_MAX = 32 };

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

static void on_indicator_problem(void *context, const char *sentence)
{
	struct problems *problems = context;

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

static void read_all(struct engine *engine, struct problems *problems)
{
	struct content_item item;

	while (content_next(engine->content, &item)) {
		struct text name = arena_copy(&engine->arena, item.name);

		if (item.kind == CONTENT_rules)
			rules_add(engine->rules, name.at, item.bytes);
		else if (item.kind == CONTENT_indicators)
			indicators_add(&engine->indicators, item.name, item.bytes,
				on_indicator_problem, problems);
		arena_reset(&engine->arena);
	}
	rules_compile(engine->rules);
	indicators_ready(&engine->indicators);
	rule_problems(problems);
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

static struct wire_clause clause_of(const struct plan_clause *from)
{
	struct wire_clause clause = {
		.image_any = from->image_any,
		.image_none = from->image_none,
		.parent_any = from->parent_any,
		.parent_none = from->parent_none,
		.ancestor_any = from->ancestor_any,
		.ancestor_none = from->ancestor_none,
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

static void order_addresses(struct engine *engine)
{
	for (size_t i = 0; i < engine->indicators.n; i++) {
		const struct address *address = &engine->indicators.at[i].address;
		struct message_address order = {
			.family = address->family == 4 ? AF_INET : AF_INET6,
			.rule = (uint32_t)i,
		};

		memcpy(order.bytes, address->bytes, address->family == 4 ? 4 : 16);
		channel_send(engine->parent, MESSAGE_address, &order, sizeof order);
	}
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

int engine_intake(struct engine *engine, const struct message_rights *rights, struct error *err)
{
	struct message_ready ready = {.rights = *rights};
	struct problems problems = {.ready = &ready, .engine = engine};

	engine->rules = rules_new();
	read_all(engine, &problems);
	plan_make(&engine->plan, engine->rules);
	count_rules(engine, &ready);
	ready.addresses = (uint32_t)engine->indicators.n;
	if (engine->start.prevent) {
		order_protected(engine);
		order_images(engine);
		order_clauses(engine);
		order_addresses(engine);
	}
	channel_send(engine->parent, MESSAGE_content_ready, &ready, sizeof ready);
	return channel_flush(engine->parent, err);
}
