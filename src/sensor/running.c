// SPDX-License-Identifier: Apache-2.0
// The processes that were there before: read from the iterator, merged into the process table,
// told in the order in which they were started.

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "sensor/feed_private.h"

enum { RUNNING_MAX = 1 << 20 }; /* bytes of one record; the kernel's largest has 170 KiB */

void feed_running_begin(struct feed *feed)
{
	processes_pass_begin(feed->processes);
}

/* What an exec brought is better than what the process has made of its arguments since. */
static bool wants_facts(const struct member *member)
{
	return !member->facts || member->iterated || !member->generation;
}

int feed_running_record(struct feed *feed, const void *bytes, size_t n, struct error *err)
{
	struct assembly assembly = feed_assembly(feed);
	struct member *member;
	struct process facts;
	struct wire_exec exec;

	if (!assemble_exec(&assembly, (struct text){bytes, n}, &exec, &facts) ||
	    !exec.head.process.pid)
		return fail(err, "a record of the process iterator is malformed (%zu bytes)", n);
	member = processes_pass_see(feed->processes, &exec.head.process, &exec.parent);
	if (member && wants_facts(member)) {
		processes_describe(feed->processes, member, &facts);
		member->iterated = true;
	}
	arena_reset(&feed->arena);
	return 0;
}

static int by_start(const void *a, const void *b)
{
	const struct member *left = *(struct member *const *)a;
	const struct member *right = *(struct member *const *)b;

	if (left->start != right->start)
		return left->start < right->start ? -1 : 1;
	return left->pid < right->pid ? -1 : left->pid > right->pid;
}

static void tell_running(struct feed *feed, struct member *member, uint64_t now)
{
	struct event *event = event_new(&feed->arena, EVENT_process_running);

	event->time = feed->boot_time + (int64_t)now;
	event->source = "iterator";
	event->truncated = member->process.args_cut;
	event->process = &member->process;
	member->told = true;
	containers_count(feed->containers, member->process.container);
	feed_tell(feed, event, NULL, true);
}

void feed_running_end(struct feed *feed, uint64_t now)
{
	until_return(memory_free) struct member **news = NULL;
	struct member *member = NULL;
	size_t n = 0;

	processes_pass_end(feed->processes, now);
	news = memory_new(processes_count(feed->processes) * sizeof(struct member *));
	while ((member = processes_next(feed->processes, MEMBERS_living, member)))
		if (member->iterated && !member->told)
			news[n++] = member;
	if (n)
		qsort(news, n, sizeof *news, by_start);
	for (size_t i = 0; i < n; i++)
		tell_running(feed, news[i], now);
}

/* Takes the whole records out of a buffer; what is left of one moves to the front. */
static int records_take(struct feed *feed, char *buffer, size_t *n, struct error *err)
{
	struct wire_head head;
	size_t at = 0;

	for (; *n - at >= sizeof head; at += head.length) {
		memcpy(&head, buffer + at, sizeof head);
		if (head.length < sizeof head || head.length > RUNNING_MAX ||
		    head.kind != WIRE_running)
			return fail(err, "the process iterator gave something else than a record");
		if (head.length > *n - at)
			break;
		if (feed_running_record(feed, buffer + at, head.length, err) < 0)
			return -1;
	}
	memmove(buffer, buffer + at, *n - at);
	*n -= at;
	return 0;
}

int feed_running(struct feed *feed, int fd, struct error *err)
{
	until_return(memory_free) char *buffer = memory_resize(NULL, RUNNING_MAX, 1);
	size_t n = 0;
	ssize_t got;

	feed_running_begin(feed);
	while ((got = read(fd, buffer + n, RUNNING_MAX - n)) != 0) {
		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (got < 0)
			return fail(err, "cannot read the process iterator: %m");
		n += (size_t)got;
		if (records_take(feed, buffer, &n, err) < 0)
			return -1;
	}
	if (n)
		return fail(err, "the process iterator ended within a record");
	feed_running_end(feed, boot_now());
	return 0;
}
