// SPDX-License-Identifier: Apache-2.0
// A set of N generated indicators of all types: how long it takes to compile and to open, how much
// room it needs, and what a question costs. bench-indicators FILE [N [TYPE]]

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "base/arena.h"
#include "base/memory.h"
#include "base/own.h"
#include "intel/feeds.h"
#include "intel/guess.h"

enum { QUESTIONS = 1 << 20, ROUNDS = 5, LINE_MAX_BYTES = 160, CHUNK = 1 << 20, BYTES = 32, AHEAD = 16 };

/* Of a hundred indicators, how many are of each type. */
static const unsigned shares[INDICATOR_TYPES] = {
	[INDICATOR_md5] = 10,
	[INDICATOR_sha1] = 10,
	[INDICATOR_sha256] = 30,
	[INDICATOR_ipv4] = 15,
	[INDICATOR_ipv6] = 5,
	[INDICATOR_ipv4_range] = 1,
	[INDICATOR_ipv6_range] = 1,
	[INDICATOR_domain] = 15,
	[INDICATOR_url] = 10,
	[INDICATOR_path] = 3,
};

static uint64_t mix(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

/* The n-th value of a type: always the same. */
static size_t value_print(enum indicator_type type, uint64_t n, char *at)
{
	uint64_t a = mix(n * 4 + (uint64_t)type * UINT64_C(0x1000000000)), b = mix(a), c = mix(b),
		 d = mix(c);
	unsigned long long w = a, x = b, y = c, z = d;

	switch (type) {
	case INDICATOR_md5: return (size_t)sprintf(at, "%016llx%016llx", w, x);
	case INDICATOR_sha1: return (size_t)sprintf(at, "%016llx%016llx%08llx", w, x, y >> 32);
	case INDICATOR_sha256:
		return (size_t)sprintf(at, "%016llx%016llx%016llx%016llx", w, x, y, z);
	case INDICATOR_ipv4:
		return (size_t)sprintf(at, "%llu.%llu.%llu.%llu", (w & 127) + 1, w >> 8 & 255,
			w >> 16 & 255, w >> 24 & 255);
	case INDICATOR_ipv6:
		return (size_t)sprintf(at, "2001:%llx:%llx:%llx::%llx", w & 65535, w >> 16 & 65535,
			w >> 32 & 65535, (w >> 48) + 1);
	case INDICATOR_ipv4_range:
		return (size_t)sprintf(at, "%llu.%llu.%llu.0/%llu", (w & 63) + 129, w >> 8 & 255,
			w >> 16 & 255, 24 + (w >> 60 & 3));
	case INDICATOR_ipv6_range:
		return (size_t)sprintf(at, "2a%02llx:%llx:%llx::/%llu", w & 255, w >> 16 & 65535,
			w >> 32 & 65535, 48 + (w >> 60));
	case INDICATOR_domain:
		return (size_t)sprintf(at, "%s%llx.%s", n & 1 ? "www." : "", w >> 20,
			n & 2 ? "example.com" : "test");
	case INDICATOR_url:
		return (size_t)sprintf(at, "http://%llx.example.net/gate/%llx/index.php?id=%llu",
			w >> 24, x >> 32, y & 1023);
	case INDICATOR_path:
		return (size_t)sprintf(
			at, "C:\\Users\\Public\\%llx\\%llx.exe", w >> 32, x >> 40);
	default: return 0;
	}
}

static double now(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void on_problem(void *context, const struct feed_problem *problem)
{
	char text[512];

	/* generated ranges have bits behind their length now and then */
	if (!problem->count)
		return;
	feed_problem_text(problem, text, sizeof text);
	fprintf(stderr, "%s\n", text);
}

static void type_add(struct feeds *feeds, enum indicator_type type, uint64_t count)
{
	until_return(memory_free) char *chunk = memory_resize(NULL, CHUNK + LINE_MAX_BYTES, 1);
	size_t n = 0;

	for (uint64_t i = 0; i < count; i++) {
		n += value_print(type, i, chunk + n);
		chunk[n++] = '\n';
		if (n < CHUNK && i + 1 < count)
			continue;
		feeds_add(feeds, TEXT("generated.txt"), (struct text){chunk, n});
		n = 0;
	}
}

/* Side by side in memory: what is measured is the set, not where the questions come from. */
struct question {
	const char *text;
	uint32_t n;
	uint8_t bytes[BYTES];
};

static unsigned hexadecimal(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);
}

/* Questions in the form in which an event has them: hashes and addresses in binary. */
static void question_make(struct question *q, enum indicator_type type, uint64_t n, char **room)
{
	unsigned a, b, c, d, length;

	q->text = *room;
	q->n = (uint32_t)value_print(type, n, *room);
	*room += q->n + 1;
	switch (type) {
	case INDICATOR_md5:
	case INDICATOR_sha1:
	case INDICATOR_sha256:
		for (size_t i = 0; i < q->n / 2; i++)
			q->bytes[i] = (uint8_t)(hexadecimal(q->text[2 * i]) << 4 |
				hexadecimal(q->text[2 * i + 1]));
		break;
	case INDICATOR_ipv4:
	case INDICATOR_ipv4_range:
		sscanf(q->text, "%u.%u.%u.%u", &a, &b, &c, &d);
		memcpy(q->bytes, (uint8_t[]){(uint8_t)a, (uint8_t)b, (uint8_t)c, (uint8_t)d}, 4);
		break;
	case INDICATOR_ipv6:
	case INDICATOR_ipv6_range:
		length = (unsigned)sscanf(q->text, "%x:%x:%x:%x", &a, &b, &c, &d);
		if (length < 4)
			d = 0;
		memcpy(q->bytes, (uint8_t[]){(uint8_t)(a >> 8), (uint8_t)a, (uint8_t)(b >> 8),
			(uint8_t)b, (uint8_t)(c >> 8), (uint8_t)c, (uint8_t)(d >> 8),
			(uint8_t)d}, 8);
		if (type == INDICATOR_ipv6) {
			const char *last = strrchr(q->text, ':');

			sscanf(last + 1, "%x", &a);
			q->bytes[14] = (uint8_t)(a >> 8);
			q->bytes[15] = (uint8_t)a;
		}
		break;
	default: break;
	}
}

static size_t answer(const struct indicators *set, enum indicator_type type,
	const struct question *q, struct indicator_hit *hits)
{
	struct text text = {q->text, q->n};
	int64_t time = INDICATOR_NO_TIME;

	switch (type) {
	case INDICATOR_md5:
	case INDICATOR_sha1:
	case INDICATOR_sha256: return indicator_find_hash(set, type, q->bytes, time, hits, 4);
	case INDICATOR_ipv4:
	case INDICATOR_ipv4_range:
		return indicator_find_address(set, 4, q->bytes, time, hits, 4);
	case INDICATOR_ipv6:
	case INDICATOR_ipv6_range:
		return indicator_find_address(set, 6, q->bytes, time, hits, 4);
	case INDICATOR_domain: return indicator_find_domain(set, text, time, hits, 4);
	case INDICATOR_url: return indicator_find_url(set, text, time, hits, 4);
	case INDICATOR_path: return indicator_find_path(set, text, time, hits, 4);
	default: return 0;
	}
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Nanoseconds of processor time for a question, median of the rounds; how many were hits. */
static double ask(const struct indicators *set, enum indicator_type type,
	const struct question *questions, size_t *found)
{
	double rounds[ROUNDS];

	for (int round = 0; round < ROUNDS; round++) {
		double begin = now(CLOCK_THREAD_CPUTIME_ID);
		struct indicator_hit hits[4];

		*found = 0;
		for (size_t i = 0; i < QUESTIONS; i++) {
			const struct question *ahead = &questions[(i + AHEAD) % QUESTIONS];

			/* the values of an event are at hand when they are asked about */
			__builtin_prefetch(ahead + AHEAD);
			__builtin_prefetch(ahead->text);
			__builtin_prefetch(ahead->text + 64);
			*found += answer(set, type, &questions[i], hits) > 0;
		}
		rounds[round] = (now(CLOCK_THREAD_CPUTIME_ID) - begin) * 1e9 / QUESTIONS;
	}
	qsort(rounds, ROUNDS, sizeof *rounds, by_value);
	return rounds[ROUNDS / 2];
}

static void type_ask(const struct indicators *set, enum indicator_type type, uint64_t count)
{
	until_return(memory_free) struct question *questions =
		memory_resize(NULL, QUESTIONS, sizeof *questions);
	until_return(memory_free) char *room = memory_resize(NULL, QUESTIONS, LINE_MAX_BYTES);
	char *next = room;
	size_t missed, hit;
	double miss, found;

	for (size_t i = 0; i < QUESTIONS; i++)
		question_make(&questions[i], type, count + i, &next);
	miss = ask(set, type, questions, &missed);
	next = room;
	for (size_t i = 0; i < QUESTIONS; i++)
		question_make(&questions[i], type, mix(i) % count, &next);
	found = ask(set, type, questions, &hit);
	printf("%-11s %9zu  miss %6.1f ns (%.4f %% found)  hit %6.1f ns (%.1f %% found)\n",
		indicator_names[type], indicators_count(set, type), miss,
		100.0 * (double)missed / QUESTIONS, found, 100.0 * (double)hit / QUESTIONS);
}

static uint64_t count_of(int type, uint64_t n, const char *only)
{
	if (only)
		return strcmp(indicator_names[type], only) ? 0 : n;
	return n * shares[type] / 100;
}

int main(int argc, char **argv)
{
	uint64_t n = argc > 2 ? strtoull(argv[2], NULL, 10) : 10000000, rows = 0;
	const char *only = argc > 3 ? argv[3] : NULL;
	until_return(feeds_free) struct feeds *feeds = feeds_new(on_problem, NULL);
	until_return(indicators_close) struct indicators *set = NULL;
	double begin = now(CLOCK_MONOTONIC), read, compiled;
	struct rusage usage;
	struct error err;

	if (argc < 2 || !n) {
		fprintf(stderr, "usage: bench-indicators FILE [N [TYPE]]\n");
		return 2;
	}
	for (int type = 0; type < INDICATOR_TYPES; type++)
		if (count_of(type, n, only))
			type_add(feeds, (enum indicator_type)type, count_of(type, n, only));
	read = now(CLOCK_MONOTONIC);
	if (feeds_compile(feeds, argv[1], &err)) {
		fprintf(stderr, "bench-indicators: %s\n", err.text);
		return 2;
	}
	compiled = now(CLOCK_MONOTONIC);
	feeds_free(&feeds);
	getrusage(RUSAGE_SELF, &usage);
	printf("made and read %.2f s, compiled %.2f s, at most %.0f MB\n", read - begin,
		compiled - read, (double)usage.ru_maxrss / 1024);
	begin = now(CLOCK_MONOTONIC);
	set = indicators_open(argv[1], &err);
	if (!set) {
		fprintf(stderr, "bench-indicators: %s\n", err.text);
		return 2;
	}
	printf("opened in %.3f ms\n", (now(CLOCK_MONOTONIC) - begin) * 1e3);
	for (int type = 0; type < INDICATOR_TYPES; type++)
		rows += indicators_count(set, (enum indicator_type)type);
	printf("%llu indicators, %.1f MB, %.1f bytes each\n", (unsigned long long)rows,
		(double)indicators_bytes(set) / 1e6,
		(double)indicators_bytes(set) / (double)rows);
	for (int type = 0; type < INDICATOR_TYPES; type++)
		if (count_of(type, n, only))
			type_ask(set, (enum indicator_type)type, count_of(type, n, only));
	return 0;
}
