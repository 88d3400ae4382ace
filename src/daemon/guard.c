// SPDX-License-Identifier: Apache-2.0
// The process that looks through files in protected places: it is handed one descriptor after the
// other, and says what YARA finds in the bytes and what their hashes are. It has no files of its
// own and no network.

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "daemon/content.h"
#include "daemon/digest.h"
#include "daemon/rights.h"
#include "detect/yara/yara.h"

enum { SECONDS = 10 };

struct guard {
	struct channel *parent;
	struct digest *digest;
	struct content *content;
	struct arena names, arena;
	struct yara_rules *rules;
	struct yara_scanner *scanner; /* NULL: there are no rules */
	struct message_guard ready;
};

static void on_problem(void *context, const struct yara_problem *problem)
{
	struct guard *guard = context;

	if (problem->fatal && !guard->ready.problems++)
		snprintf(guard->ready.first_problem, sizeof guard->ready.first_problem,
			"%.90s:%u: %.150s", problem->file, problem->line, problem->sentence);
}

/* The texts stay in the content, which is never closed. */
static void rules_compile(struct guard *guard, int fd)
{
	until_return(memory_free) struct yara_text *texts = NULL;
	struct content_item item;
	struct error err = {0};
	size_t n = 0;

	guard->content = content_open(fd, &err);
	while (guard->content && content_next(guard->content, &item)) {
		texts = memory_resize(texts, n + 1, sizeof *texts);
		texts[n++] = (struct yara_text){
			arena_copy(&guard->names, item.name).at, item.bytes};
	}
	guard->rules = yara_rules_compile(texts, n, on_problem, guard, &err);
	if (guard->rules) {
		guard->ready.rules = (uint32_t)yara_rules_count(guard->rules);
		guard->scanner = yara_scanner_new(guard->rules, SECONDS, false);
	} else if (!guard->ready.problems++) {
		snprintf(guard->ready.first_problem, sizeof guard->ready.first_problem, "%.250s",
			err.text);
	}
}

static void string_put(char *to, size_t size, struct text text)
{
	size_t n = text.n < size ? text.n : size - 1;

	if (n)
		memcpy(to, text.at, n);
	to[n] = 0;
}

static void match_put(struct message_match *to, const struct yara_rule *rule)
{
	string_put(to->rule, sizeof to->rule, rule->name);
	string_put(to->file, sizeof to->file, rule->file);
	string_put(to->level, sizeof to->level, rule->level);
	string_put(to->technique, sizeof to->technique, rule->technique);
	string_put(to->description, sizeof to->description, rule->description);
}

static void sift(struct guard *guard, const struct message_sift *order, size_t n, int fd)
{
	struct message_sifted answer = {.found.id = order->id};
	struct yara_result result = {0};

	answer.found.known = digest_file(guard->digest, fd, order->size, &answer.found);
	if (guard->scanner && memchr(order->path, 0, n - offsetof(struct message_sift, path)))
		yara_scan_file(guard->scanner, fd, order->path, &guard->arena, &result);
	answer.whole = answer.found.known && !result.left_out;
	for (const struct yara_match *m = result.matches; m; m = m->next)
		if (answer.match_count < SIFT_MATCHES)
			match_put(&answer.matches[answer.match_count++], m->rule);
	channel_send(guard->parent, MESSAGE_sifted, &answer, sizeof answer);
	channel_flush(guard->parent, NULL);
	arena_reset(&guard->arena);
}

static void on_message(void *context, enum message message, const void *bytes, size_t n, int *fds,
	size_t fd_count)
{
	struct guard *guard = context;

	if (message == MESSAGE_sift && fd_count)
		sift(guard, bytes, n, fds[0]);
	if (message != MESSAGE_guard_start || !fd_count || guard->content)
		return;
	rules_compile(guard, fds[0]);
	channel_send(guard->parent, MESSAGE_guard_ready, &guard->ready, sizeof guard->ready);
	channel_flush(guard->parent, NULL);
}

int role_guard(const struct post *post)
{
	struct guard guard = {.digest = digest_new()};
	struct error err = {0};

	if (rights_drop(RIGHTS_scan, post, &guard.ready.rights, &err)) {
		dprintf(2, "saker: the guard %s\n", err.text);
		return 1;
	}
	guard.parent = channel_new(post->channel, ROLE_guard, ROLE_parent);
	for (;;) {
		struct pollfd wait = {channel_fd(guard.parent), POLLIN, 0};

		if (poll(&wait, 1, -1) < 0 && errno != EINTR)
			return 1;
		if (channel_receive(guard.parent, on_message, &guard, &err))
			return 0;
	}
}
