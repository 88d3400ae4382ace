// SPDX-License-Identifier: Apache-2.0
// Random questions about random events: the executor, over a store, against an evaluator that
// knows nothing but the events' JSON and goes through all of it. HUNT_QUESTIONS says how many.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "event/row.h"
#include "hunt/run.h"
#include "store/store.h"

enum {
	EVENTS = 48,
	PROCESSES = 10,
	VALUES = 12, /* of one event */
	QUESTIONS_EACH = 40, /* about one set of events */
	CHILDREN = 3,
	TEXT = 4096,
	FOUND = 512,
	SECOND = 1000000000,
};

static const event_time start = 1700000000LL * SECOND;

/* Random numbers that are the same each time. */
static uint64_t state_;

static unsigned any(unsigned n)
{
	state_ ^= state_ << 13;
	state_ ^= state_ >> 7;
	state_ ^= state_ << 17;
	return (unsigned)(state_ >> 33) % n;
}

/* The events, as the naive evaluator knows them: names and values. */
struct value {
	char name[32], text[64];
	bool is_number;
};

struct fact {
	event_time time;
	unsigned process; /* its number */
	struct value at[VALUES];
	size_t n;
	char json[1024];
};

struct world {
	char folder[64];
	struct store *store;
	struct fact facts[EVENTS];
	unsigned parents[PROCESSES]; /* itself: none */
};

static const char *const words[] = {
	"curl", "sh", "bash", "Curl", "", "a b", "nginx", "shh", "*", "x?y"};
static const char *const paths[] = {
	"/bin/sh", "/usr/bin/curl", "/tmp/x", "/TMP/X", "/srv/www/a.php"};
static const char *const addresses[] = {"10.0.0.1", "10.0.1.7", "192.0.2.5", "fe80::1"};
static const char *const networks[] = {"10.0.0.0/8", "10.0.0.0/24", "192.0.2.5", "fe80::/10"};

static struct entity entity_of(unsigned process)
{
	return (struct entity){7, ((uint64_t)process + 1) << 14};
}

static void value_add(struct fact *fact, const char *name, const char *text, bool is_number)
{
	struct value *value = &fact->at[fact->n++];

	snprintf(value->name, sizeof value->name, "%s", name);
	snprintf(value->text, sizeof value->text, "%s", text);
	value->is_number = is_number;
}

static void fact_make(struct world *world, struct fact *fact, unsigned i)
{
	static const char *const names[] = {"process_exec", "file_write", "network_connect"};
	char number[16], time[FIELD_BUFFER], entity[FIELD_BUFFER];
	unsigned kind = any(3);
	size_t n;

	*fact = (struct fact){.process = any(PROCESSES)};
	fact->time = start + (event_time)i * SECOND + any(3) * (SECOND / 4);
	value_add(fact, "event.kind", names[kind], false);
	snprintf(number, sizeof number, "%u", 100 + fact->process);
	value_add(fact, "process.pid", number, true);
	if (any(4))
		value_add(fact, "process.name", words[any(array_size(words))], false);
	if (any(4))
		value_add(fact, "process.executable", paths[any(array_size(paths))], false);
	if (kind == 1)
		value_add(fact, "file.path", paths[any(array_size(paths))], false);
	if (kind == 2) {
		value_add(fact, "destination.ip", addresses[any(array_size(addresses))], false);
		snprintf(number, sizeof number, "%u", 80 + any(3));
		value_add(fact, "destination.port", number, true);
	}
	n = (size_t)snprintf(fact->json, sizeof fact->json,
		"{\"@timestamp\":\"%.*s\",\"event.sequence\":%u,\"process.entity_id\":\"%.*s\"",
		FIELD_BUFFER, time_text(fact->time, time).at, i, ENTITY_TEXT,
		entity_text(entity_of(fact->process), entity).at);
	for (size_t k = 0; k < fact->n; k++) {
		const char *quote = fact->at[k].is_number ? "" : "\"";

		n += (size_t)snprintf(fact->json + n, sizeof fact->json - n, ",\"%s\":%s%s%s",
			fact->at[k].name, quote, fact->at[k].text, quote);
	}
	snprintf(fact->json + n, sizeof fact->json - n, "}");
	(void)world;
}

/* The same events in the other form that a store knows. */
static void rows_make(struct store_record *records, size_t n, struct arena *arena)
{
	for (size_t i = 0; i < n; i++) {
		until_return(row_bytes_clear) struct row_bytes row = {0};

		row_write(event_read(records[i].json, arena, NULL), &row);
		records[i].row = arena_copy(arena, (struct text){row.at, row.n});
	}
}

/* Each process is below one with a smaller number, or has none above it. */
static void world_fill(struct world *world)
{
	struct store_record records[EVENTS + PROCESSES] = {0};
	char json[PROCESSES][256], time[FIELD_BUFFER], entity[FIELD_BUFFER];
	until_return(arena_clear) struct arena arena = {0};
	struct error err;
	size_t n = 0;

	for (unsigned i = 0; i < PROCESSES; i++) {
		struct store_record *record = &records[n++];

		world->parents[i] = i && any(4) ? any(i) : i;
		snprintf(json[i], sizeof json[i],
			"{\"@timestamp\":\"%s\",\"event.kind\":\"process_fork\","
			"\"event.sequence\":%u,\"process.entity_id\":\"%.*s\"}",
			time_text(start - 2 * SECOND, time).at, EVENTS + i, ENTITY_TEXT,
			entity_text(entity_of(i), entity).at);
		*record = (struct store_record){.kind = EVENT_process_fork,
			.time = start - 2 * SECOND, .entity = entity_of(i),
			.json = text_of(json[i])};
		if (world->parents[i] != i)
			record->parent = entity_of(world->parents[i]);
	}
	for (unsigned i = 0; i < EVENTS; i++) {
		struct fact *fact = &world->facts[i];

		fact_make(world, fact, i);
		records[n++] = (struct store_record){
			.kind = kind_by_name(text_of(fact->at[0].text)), .time = fact->time,
			.entity = entity_of(fact->process), .json = text_of(fact->json)};
		/* the table of processes goes by the newest */
		if (world->parents[fact->process] != fact->process)
			records[n - 1].parent = entity_of(world->parents[fact->process]);
	}
	if (any(2))
		rows_make(records, n, &arena);
	assert_int_equal(store_append(world->store, records, n, &err), 0);
}

static void world_open(struct world *world)
{
	struct error err;

	strcpy(world->folder, "/tmp/saker-differ-XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	world->store = store_open(world->folder, STORE_write, &err);
	assert_non_null(world->store);
	world_fill(world);
}

static void world_close(struct world *world)
{
	static const char *const files[] = {
		"saker.db", "saker.db-wal", "saker.db-shm", "saker.reserve", "saker.lock"};
	char path[128];

	store_close(&world->store);
	for (size_t i = 0; i < array_size(files); i++) {
		snprintf(path, sizeof path, "%s/%s", world->folder, files[i]);
		unlink(path);
	}
	rmdir(world->folder);
}

/* A question as the naive evaluator knows it. */
enum part_kind { PART_and, PART_or, PART_not, PART_compare, PART_below, PART_above };

struct part {
	enum part_kind kind;
	struct part *children[CHILDREN];
	unsigned count;
	const char *name, *op;
	bool is_number;
	char values[3][64];
	unsigned value_count;
	bool members[PROCESSES]; /* of PART_below and PART_above, once they are known */
};

struct question {
	struct arena arena;
	struct part *filter, *steps[3];
	unsigned step_count;
	bool by_process;
	unsigned within; /* s, 0: none */
	char text[TEXT];
	size_t n;
};

static void say(struct question *q, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct question *q, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	q->n += (size_t)vsnprintf(q->text + q->n, sizeof q->text - q->n, format, args);
	va_end(args);
	assert_true(q->n < sizeof q->text);
}

static void quote(struct question *q, const char *value)
{
	say(q, "\"");
	for (; *value; value++)
		say(q, strchr("\"\\", *value) ? "\\%c" : "%c", *value);
	say(q, "\"");
}

static const struct {
	const char *name;
	bool is_number;
	const char *const *values;
	unsigned count;
} asked[] = {
	{"process.name", false, words, array_size(words)},
	{"process.executable", false, paths, array_size(paths)},
	{"file.path", false, paths, array_size(paths)},
	{"destination.ip", false, addresses, array_size(addresses)},
	{"process.pid", true, NULL, 0},
	{"destination.port", true, NULL, 0},
};

static void value_choose(struct part *part, unsigned which, char *value)
{
	const char *text;

	if (part->is_number) {
		snprintf(value, 64, "%u", which == 4 ? 98 + any(14) : 79 + any(5));
		return;
	}
	if (!strcmp(part->op, "cidr")) {
		snprintf(value, 64, "%s", networks[any(array_size(networks))]);
		return;
	}
	text = asked[which].values[any(asked[which].count)];
	if (!strcmp(part->op, "=") || !strcmp(part->op, "!=") || !strcmp(part->op, "in"))
		snprintf(value, 64, "%s", text);
	else if (!strcmp(part->op, ":"))
		snprintf(value, 64, any(2) ? "%.3s*" : "*%.4s?", text);
	else
		snprintf(value, 64, "%.*s", (int)any(5), text + any((unsigned)strlen(text) + 1));
}

static void compare_make(struct question *q, struct part *part)
{
	static const char *const of_texts[] = {
		"=", "!=", ":", "contains", "startswith", "endswith", "in", "exists"};
	static const char *const of_numbers[] = {"=", "!=", "<", "<=", ">", ">=", "in", "exists"};
	unsigned which = any(array_size(asked));

	part->name = asked[which].name;
	part->is_number = asked[which].is_number;
	part->op = part->is_number ? of_numbers[any(8)] : of_texts[any(8)];
	if (which == 3 && !any(3))
		part->op = "cidr";
	/* an address is compared as a whole, or as a text */
	say(q, "%s %s", part->name, part->op);
	if (!strcmp(part->op, "exists"))
		return;
	part->value_count = !strcmp(part->op, "in") ? 1 + any(3) : 1;
	say(q, !strcmp(part->op, "in") ? " (" : " ");
	for (unsigned i = 0; i < part->value_count; i++) {
		value_choose(part, which, part->values[i]);
		say(q, i ? ", " : "");
		quote(q, part->values[i]);
	}
	say(q, !strcmp(part->op, "in") ? ")" : "");
}

static struct part *part_make(struct question *q, unsigned depth)
{
	struct part *part = arena_new(&q->arena, struct part);
	unsigned choice = any(10);

	part->kind = !depth || choice < 5 ? PART_compare
		: choice < 7              ? PART_and
		: choice < 8              ? PART_or
		: choice < 9              ? PART_not
		: any(2)                  ? PART_below
					  : PART_above;
	switch (part->kind) {
	case PART_compare: compare_make(q, part); return part;
	case PART_not: say(q, "not ("); break;
	case PART_below: say(q, "descendant of ("); break;
	case PART_above: say(q, "ancestor of ("); break;
	default: say(q, "("); break;
	}
	part->count = part->kind <= PART_or ? 2 + any(CHILDREN - 1) : 1;
	for (unsigned i = 0; i < part->count; i++) {
		say(q, "%s", !i ? "" : part->kind == PART_and ? " and " : " or ");
		part->children[i] = part_make(q, depth - 1);
	}
	say(q, ")");
	return part;
}

static void question_make(struct question *q)
{
	if (any(4)) {
		q->filter = part_make(q, 1 + any(3));
		return;
	}
	q->by_process = any(2);
	q->within = any(2) ? 1 + any(20) : 0;
	say(q, "sequence");
	if (q->by_process)
		say(q, " by process.pid");
	if (q->within)
		say(q, " within %us", q->within);
	q->step_count = 2 + any(2);
	for (unsigned i = 0; i < q->step_count; i++) {
		say(q, " [");
		q->steps[i] = part_make(q, any(2));
		say(q, "]");
	}
}

/* The naive evaluator */

static bool folded_equal(const char *a, const char *b, size_t n)
{
	return !strncasecmp(a, b, n);
}

static bool like(const char *pattern, const char *text)
{
	if (!*pattern)
		return !*text;
	if (*pattern == '*')
		return like(pattern + 1, text) || (*text && like(pattern, text + 1));
	return *text && (*pattern == '?' || tolower(*pattern) == tolower(*text)) &&
		like(pattern + 1, text + 1);
}

static unsigned ipv4(const char *text)
{
	unsigned a, b, c, d;

	return sscanf(text, "%u.%u.%u.%u", &a, &b, &c, &d) == 4 ? a << 24 | b << 16 | c << 8 | d
								 : 0;
}

static bool in_network(const char *network, const char *text)
{
	const char *slash = strchr(network, '/');
	int bits = slash ? atoi(slash + 1) : 32;

	if (strchr(network, ':'))
		return !strncmp(text, "fe80", 4);
	return !strchr(text, ':') && ipv4(network) >> (32 - bits) == ipv4(text) >> (32 - bits);
}

static bool value_fits(const struct part *part, const struct value *value)
{
	for (unsigned i = 0; i < part->value_count; i++) {
		const char *text = value->text, *given = part->values[i], *op = part->op;
		size_t n = strlen(given), length = strlen(text);
		long a = atol(text), b = atol(given);
		bool fits = false;

		if (part->is_number)
			fits = !strcmp(op, "<")  ? a < b
				: !strcmp(op, "<=") ? a <= b
				: !strcmp(op, ">")  ? a > b
				: !strcmp(op, ">=") ? a >= b
						    : a == b;
		else if (!strcmp(op, ":"))
			fits = like(given, text);
		else if (!strcmp(op, "contains"))
			for (size_t k = 0; k + n <= length; k++)
				fits |= folded_equal(text + k, given, n);
		else if (!strcmp(op, "startswith"))
			fits = n <= length && folded_equal(text, given, n);
		else if (!strcmp(op, "endswith"))
			fits = n <= length && folded_equal(text + length - n, given, n);
		else if (!strcmp(op, "cidr"))
			fits = in_network(given, text);
		else
			fits = !strcmp(text, given);
		if (fits)
			return true;
	}
	return false;
}

static bool compare_fits(const struct part *part, const struct fact *fact)
{
	for (size_t i = 0; i < fact->n; i++)
		if (!strcmp(fact->at[i].name, part->name)) {
			if (!strcmp(part->op, "exists"))
				return true;
			return value_fits(part, &fact->at[i]) != !strcmp(part->op, "!=");
		}
	return !strcmp(part->op, "!=");
}

static bool fits(const struct part *part, const struct fact *fact)
{
	switch (part->kind) {
	case PART_compare: return compare_fits(part, fact);
	case PART_not: return !fits(part->children[0], fact);
	case PART_below:
	case PART_above: return part->members[fact->process];
	case PART_and:
		for (unsigned i = 0; i < part->count; i++)
			if (!fits(part->children[i], fact))
				return false;
		return true;
	case PART_or:
		for (unsigned i = 0; i < part->count; i++)
			if (fits(part->children[i], fact))
				return true;
		return false;
	}
	return false;
}

/* An event in which only the process and its kind are known, as each begins with. */
static struct fact fork_of(unsigned process)
{
	struct fact fact = {.process = process};

	value_add(&fact, "event.kind", "process_fork", false);
	return fact;
}

static bool is_above(const struct world *world, unsigned above, unsigned process)
{
	while (world->parents[process] != process) {
		process = world->parents[process];
		if (process == above)
			return true;
	}
	return false;
}

static void members_find(const struct world *world, struct part *part)
{
	bool meant[PROCESSES] = {false};

	for (unsigned i = 0; i < part->count; i++)
		members_find(world, part->children[i]);
	if (part->kind != PART_below && part->kind != PART_above)
		return;
	for (unsigned i = 0; i < PROCESSES; i++) {
		struct fact fact = fork_of(i);

		meant[i] |= fits(part->children[0], &fact);
	}
	for (size_t i = 0; i < EVENTS; i++)
		meant[world->facts[i].process] |= fits(part->children[0], &world->facts[i]);
	for (unsigned i = 0; i < PROCESSES; i++)
		for (unsigned k = 0; k < PROCESSES; k++)
			part->members[i] |= meant[k] &&
				(part->kind == PART_below ? is_above(world, k, i)
							  : is_above(world, i, k));
}

/* What an answer is: the events, or those of a sequence, one after the other, by their places. */
struct found {
	int at[FOUND];
	size_t n;
};

static void found_add(struct found *found, int value)
{
	assert_true(found->n < FOUND);
	found->at[found->n++] = value;
}

/* All events in order of time: forks first, whose place is -1 - process. */
static size_t line_up(const struct world *world, int *order)
{
	size_t n = 0;

	for (int i = 0; i < PROCESSES; i++)
		order[n++] = -1 - i;
	for (int i = 0; i < EVENTS; i++)
		order[n++] = i;
	for (size_t i = PROCESSES + 1; i < n; i++)
		for (size_t k = i; k > PROCESSES &&
			world->facts[order[k - 1]].time > world->facts[order[k]].time;
			k--) {
			int swap = order[k];

			order[k] = order[k - 1];
			order[k - 1] = swap;
		}
	return n;
}

struct started {
	int at[3];
	unsigned n;
	event_time first;
};

static void sequences_find(const struct world *world, const struct question *q,
	const int *order, size_t n, struct found *found)
{
	static struct started begun[PROCESSES][3];

	memset(begun, 0, sizeof begun);
	for (size_t i = 0; i < n; i++) {
		struct fact fork = fork_of(order[i] < 0 ? (unsigned)(-1 - order[i]) : 0);
		const struct fact *fact = order[i] < 0 ? &fork : &world->facts[order[i]];
		event_time time = order[i] < 0 ? start - 2 * SECOND : fact->time;
		unsigned subject = q->by_process ? fact->process : 0;

		if (q->by_process && order[i] < 0)
			continue; /* a fork here has no process.pid */
		for (unsigned step = q->step_count; step--;) {
			struct started next = {.first = time};

			if (!fits(q->steps[step], fact))
				continue;
			if (step) {
				struct started *before = &begun[subject][step - 1];

				if (!before->n || (q->within && time - before->first >
						(event_time)q->within * SECOND))
					continue;
				next = *before;
				before->n = 0;
			}
			next.at[next.n++] = order[i];
			begun[subject][step] = next;
		}
		if (begun[subject][q->step_count - 1].n) {
			for (unsigned k = 0; k < q->step_count; k++)
				found_add(found, begun[subject][q->step_count - 1].at[k]);
			begun[subject][q->step_count - 1].n = 0;
		}
	}
}

static void find_naively(const struct world *world, struct question *q, struct found *found)
{
	int order[EVENTS + PROCESSES];
	size_t n = line_up(world, order);

	if (!q->filter) {
		for (unsigned i = 0; i < q->step_count; i++)
			members_find(world, q->steps[i]);
		sequences_find(world, q, order, n, found);
		return;
	}
	members_find(world, q->filter);
	for (size_t i = 0; i < n; i++) {
		struct fact fork = fork_of(order[i] < 0 ? (unsigned)(-1 - order[i]) : 0);

		if (fits(q->filter, order[i] < 0 ? &fork : &world->facts[order[i]]))
			found_add(found, order[i]);
	}
}

/* The executor */

struct taking {
	struct found *found;
};

/* By the number that each event has. */
static int place_of(struct text json)
{
	until_return(arena_clear) struct arena arena = {0};
	struct event *event = event_read(json, &arena, NULL);

	assert_non_null(event);
	assert_in_range(event->sequence, 0, EVENTS + PROCESSES - 1);
	return event->sequence < EVENTS ? (int)event->sequence
					: (int)(EVENTS - 1 - event->sequence);
}

static bool take_event(void *context, const struct event *event, struct text json)
{
	struct taking *taking = context;

	found_add(taking->found, place_of(json));
	return true;
}

static bool take_sequence(void *context, const struct text *json, size_t n)
{
	for (size_t i = 0; i < n; i++)
		take_event(context, NULL, json[i]);
	return true;
}

static void compare_answers(struct world *world)
{
	until_return(arena_clear) struct arena arena = {0};
	struct question q = {.n = 0};
	struct found naive = {.n = 0}, found = {.n = 0};
	struct taking taking = {&found};
	struct hunt_sink sink = {&taking, take_event, take_sequence, NULL, NULL};
	struct hunt_source source = hunt_store(world->store);
	struct hunt_numbers numbers;
	struct hunt_mistake mistake;
	struct hunt_query *query;
	struct error err;

	question_make(&q);
	query = query_parse(text_of(q.text), start, &arena, &mistake);
	if (!query) {
		/* only what an address must be can be wrong here */
		assert_true(strstr(mistake.sentence, "address") ||
			strstr(mistake.sentence, "nested"));
		arena_clear(&q.arena);
		return;
	}
	assert_int_equal(hunt_run(query, &source, &sink, &numbers, &err), 0);
	find_naively(world, &q, &naive);
	if (naive.n != found.n || memcmp(naive.at, found.at, naive.n * sizeof *naive.at)) {
		print_message("%s\nnaive: %zu, found: %zu\n", q.text, naive.n, found.n);
		assert_true(false);
	}
	query_clear(query);
	arena_clear(&q.arena);
}

static void both_give_the_same_answers(void **state)
{
	const char *wanted = getenv("HUNT_QUESTIONS"), *seed = getenv("HUNT_SEED");
	long left = wanted ? atol(wanted) : 4000;

	state_ = seed ? strtoull(seed, NULL, 10) : UINT64_C(88172645463325252);
	for (; left > 0; left -= QUESTIONS_EACH) {
		static struct world world;

		world_open(&world);
		for (int i = 0; i < QUESTIONS_EACH; i++)
			compare_answers(&world);
		world_close(&world);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_give_the_same_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
