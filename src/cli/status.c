// SPDX-License-Identifier: Apache-2.0
// `saker status`: what runs, what was lost, and with --processes the kernel's proof of what each
// process may do.

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/own.h"
#include "base/printable.h"
#include "cli/command.h"
#include "daemon/lock.h"
#include "daemon/rights.h"
#include "store/store.h"

enum { STALE = 10 };

/* The text of one object's members, as far as they are wanted. */
struct member {
	const char *key;
	struct text value;
};

static struct text member(const struct member *members, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(members[i].key, key))
			return members[i].value;
	return TEXT("");
}

/*
 * Reads the members of the object whose opening brace was read; nested values are handed to
 * `inside` with their key.
 */
static bool object_read(struct json_reader *in, struct member *members, size_t n,
	bool (*inside)(
		void *context, struct json_reader *in, struct text key, enum json_token token),
	void *context)
{
	enum json_token token;

	while ((token = json_next(in)) == JSON_KEY) {
		struct text key = in->text;

		token = json_next(in);
		if (token == JSON_OBJECT_OPEN || token == JSON_ARRAY_OPEN) {
			if (!(inside ? inside(context, in, key, token) : json_skip(in, token)))
				return false;
			continue;
		}
		for (size_t i = 0; i < n; i++)
			if (text_is(key, members[i].key))
				members[i].value = token == JSON_TRUE ? TEXT("yes")
					: token == JSON_FALSE	      ? TEXT("no")
								      : in->text;
	}
	return token == JSON_OBJECT_CLOSE;
}

struct status {
	struct arena *arena;
	bool processes;
};

static void proof_print(struct text pid, struct text landlock)
{
	struct rights_proof proof;
	struct error err;
	int64_t number;

	if (!text_number(pid, &number) || rights_describe((pid_t)number, &proof, &err)) {
		printf("            (gone)\n");
		return;
	}
	printf("            uid %u, capabilities %llx, no_new_privs %d, seccomp %d", proof.uid,
		proof.capabilities, proof.no_new_privs, proof.seccomp);
	if (proof.filters >= 0)
		printf(" (%d filters)", proof.filters);
	printf(", landlock %.*s\n", TEXT_PRINT(landlock));
}

static void process_print(const struct status *status, struct json_reader *in)
{
	struct member m[] = {{"role", {0}}, {"pid", {0}}, {"rss", {0}}, {"cpu_ms", {0}},
		{"restarts", {0}}, {"landlock", {0}}, {"missing", {0}}};
	size_t n = array_size(m);
	int64_t rss = 0, cpu = 0;
	struct text missing;

	if (!object_read(in, m, n, NULL, NULL))
		return;
	text_number(member(m, n, "rss"), &rss);
	text_number(member(m, n, "cpu_ms"), &cpu);
	printf("  %-9.*s process %.*s, %.1f MB, %.2f s of processor time, started again %.*s "
	       "times\n",
		TEXT_PRINT(member(m, n, "role")), TEXT_PRINT(member(m, n, "pid")),
		(double)rss / 1e6, (double)cpu / 1000, TEXT_PRINT(member(m, n, "restarts")));
	if (!status->processes)
		return;
	proof_print(member(m, n, "pid"), member(m, n, "landlock"));
	missing = text_printable(status->arena, member(m, n, "missing"));
	if (missing.n)
		printf("            %.*s\n", TEXT_PRINT(missing));
}

static void numbers_print(struct json_reader *in)
{
	enum json_token token;
	size_t column = 0;

	printf("  counted  ");
	while ((token = json_next(in)) == JSON_KEY) {
		struct text key = in->text;

		json_next(in);
		if (column > 70) {
			printf("\n           ");
			column = 0;
		}
		column += (size_t)printf(" %.*s %.*s", TEXT_PRINT(key), TEXT_PRINT(in->text));
	}
	printf("\n");
}

static void capability_print(const struct status *status, struct json_reader *in)
{
	struct member m[] = {{"about", {0}}, {"state", {0}}, {"via", {0}}, {"message", {0}}};
	size_t n = array_size(m);
	struct text message;

	if (!object_read(in, m, n, NULL, NULL) || text_is(member(m, n, "state"), "works"))
		return;
	message = text_printable(status->arena, member(m, n, "message"));
	printf("  lacks     %.*s: %.*s%s%.*s\n", TEXT_PRINT(member(m, n, "about")),
		TEXT_PRINT(member(m, n, "state")), message.n ? ", " : "", TEXT_PRINT(message));
}

static bool inside(void *context, struct json_reader *in, struct text key, enum json_token token)
{
	const struct status *status = context;
	bool processes = text_is(key, "processes"), capabilities = text_is(key, "capabilities");

	if (text_is(key, "numbers")) {
		numbers_print(in);
		return true;
	}
	if (!processes && !capabilities)
		return json_skip(in, token);
	while ((token = json_next(in)) == JSON_OBJECT_OPEN) {
		if (processes)
			process_print(status, in);
		else
			capability_print(status, in);
	}
	return token == JSON_ARRAY_CLOSE;
}

static void overall_print(const struct member *m, size_t n, pid_t holder)
{
	int64_t since = 0, written = 0, now = time(NULL);

	text_number(member(m, n, "since"), &since);
	text_number(member(m, n, "time"), &written);
	printf("saker %.*s runs (process %d) for %lld s: %s mode, scope %.*s, %.*s rules\n",
		TEXT_PRINT(member(m, n, "version")), holder, (long long)(now - since),
		text_is(member(m, n, "prevent"), "yes") ? "prevent" : "detect",
		TEXT_PRINT(member(m, n, "scope")), TEXT_PRINT(member(m, n, "rules")));
	if (now - written > STALE)
		printf("  stale     this was said %lld s ago; the parent or the store does not "
		       "answer\n",
			(long long)(now - written));
}

/* The value is read twice: what stands at its top is printed first, then what is inside. */
static bool status_print(struct arena *arena, struct text json, bool processes, pid_t holder)
{
	struct member m[] = {{"version", {0}}, {"since", {0}}, {"time", {0}}, {"prevent", {0}},
		{"scope", {0}}, {"rules", {0}}};
	struct status status = {arena, processes};
	struct json_reader in;

	json_reader_init(&in, json, arena);
	if (json_next(&in) != JSON_OBJECT_OPEN || !object_read(&in, m, array_size(m), NULL, NULL))
		return false;
	overall_print(m, array_size(m), holder);
	json_reader_init(&in, json, arena);
	return json_next(&in) == JSON_OBJECT_OPEN && object_read(&in, NULL, 0, inside, &status);
}

int command_status(struct invocation *invocation)
{
	bool processes = invocation->argc == 2 && !strcmp(invocation->argv[1], "--processes");
	until_return(store_close) struct store *store = NULL;
	until_return(arena_clear) struct arena arena = {0};
	struct error err = {0};
	struct text json;
	pid_t holder;

	if (invocation->argc > 1 && !processes)
		return usage(invocation);
	holder = lock_holder(invocation->store);
	if (!holder)
		return refuse(invocation,
			"nothing runs with the store '%s'; start it with `saker run`",
			invocation->store);
	store = store_open(invocation->store, STORE_read, &err);
	if (!store)
		return refuse(invocation, "%s", err.text);
	json = store_get(store, "status", &arena);
	if (!json.n)
		return refuse(invocation,
			"process %d has the store '%s' but has not said how it is; try again in a "
			"second",
			holder, invocation->store);
	if (invocation->json)
		printf("%.*s\n", (int)json.n, json.at);
	else if (!status_print(&arena, json, processes, holder))
		return refuse(invocation, "the store holds no status that this saker can read");
	return EXIT_done;
}
