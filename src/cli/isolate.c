// SPDX-License-Identifier: Apache-2.0
// `saker isolate` and `saker release`: this host, or a control group, keeps only some addresses.

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/own.h"
#include "cli/command.h"
#include "sensor/isolate.h"

enum { DRY_SECONDS = 10, DRY_MOST = 86400, PEERS_SHOWN = 20 };

struct asked {
	struct isolate_allowed allowed[ISOLATE_ALLOWED_MAX];
	const char *written[ISOLATE_ALLOWED_MAX];
	size_t count;
	const char *cgroup; /* NULL: the whole host */
	int64_t dry; /* seconds; 0: no dry run */
	bool status;
};

static const char *const reasons[ISOLATE_REASONS] = {
	[ISOLATE_out] = "packets out",
	[ISOLATE_in] = "packets in",
	[ISOLATE_asked] = "connections and datagrams asked for",
	[ISOLATE_broken] = "unreadable packets",
};

static int scope_read(const struct invocation *invocation, const char *text, struct asked *asked)
{
	if (strncmp(text, "cgroup:/", 8))
		return refuse(invocation,
			"--scope '%s': write cgroup: and the folder of a control group", text);
	asked->cgroup = text + 7;
	return EXIT_done;
}

static int allow_read(const struct invocation *invocation, const char *text, struct asked *asked)
{
	struct error err;

	if (asked->count == ISOLATE_ALLOWED_MAX)
		return refuse(invocation, "more than %d addresses", ISOLATE_ALLOWED_MAX);
	asked->written[asked->count] = text;
	if (isolate_read(text_of(text), &asked->allowed[asked->count++], &err) < 0)
		return refuse(invocation, "--allow %s", err.text);
	return EXIT_done;
}

static int arguments_read(struct invocation *invocation, struct asked *asked)
{
	static const struct option options[] = {{"allow", required_argument, NULL, 'a'},
		{"dry-run", no_argument, NULL, 'd'}, {"scope", required_argument, NULL, 's'},
		{"status", no_argument, NULL, 't'}, {0}};
	int c, status = EXIT_done;

	opterr = 0;
	optind = 1;
	while (status == EXIT_done &&
		(c = getopt_long(invocation->argc, invocation->argv, ":", options, NULL)) >= 0) {
		if (c == 'a')
			status = allow_read(invocation, optarg, asked);
		else if (c == 's')
			status = scope_read(invocation, optarg, asked);
		else if (c == 'd')
			asked->dry = DRY_SECONDS;
		else if (c == 't')
			asked->status = true;
		else
			return usage(invocation);
	}
	if (status == EXIT_done && asked->dry && optind == invocation->argc - 1)
		return option_number(invocation, "--dry-run", invocation->argv[optind], 1,
			DRY_MOST, &asked->dry);
	return status != EXIT_done || optind == invocation->argc ? status : usage(invocation);
}

static void peer_text(const struct isolate_peer *peer, char *text, size_t size)
{
	char address[INET6_ADDRSTRLEN] = "";

	inet_ntop((int)peer->family, peer->bytes, address, sizeof address);
	if (!peer->port)
		snprintf(text, size, "%s", address);
	else
		snprintf(text, size, peer->family == AF_INET6 ? "[%s]:%u" : "%s:%u", address,
			peer->port);
}

static void report_json(const u64 counts[ISOLATE_REASONS], const struct isolate_refused *peers,
	size_t n)
{
	until_return(json_writer_clear) struct json_writer out = {0};
	char text[80];

	json_object_open(&out);
	for (int i = 0; i < ISOLATE_REASONS; i++) {
		json_key(&out, text_of(reasons[i]));
		json_number(&out, (int64_t)counts[i]);
	}
	json_key(&out, TEXT("peers"));
	json_array_open(&out);
	for (size_t i = 0; i < n; i++) {
		peer_text(&peers[i].peer, text, sizeof text);
		json_object_open(&out);
		json_pair(&out, "address", text);
		json_pair(&out, "what", reasons[peers[i].peer.reason % ISOLATE_REASONS]);
		json_key(&out, TEXT("count"));
		json_number(&out, (int64_t)peers[i].n);
		json_object_close(&out);
	}
	json_array_close(&out);
	json_object_close(&out);
	printf("%.*s\n", (int)out.n, out.at);
}

static void report(const struct invocation *invocation, const struct isolate *isolate,
	const char *word)
{
	struct isolate_refused peers[PEERS_SHOWN];
	size_t n = isolate_peers(isolate, peers, PEERS_SHOWN);
	u64 counts[ISOLATE_REASONS];
	char text[80];

	isolate_counts(isolate, counts);
	if (invocation->json) {
		report_json(counts, peers, n);
		return;
	}
	printf("%s\n", word);
	for (int i = 0; i < ISOLATE_REASONS; i++)
		printf("  %-36s %llu\n", reasons[i], (unsigned long long)counts[i]);
	for (size_t i = 0; i < n; i++) {
		peer_text(&peers[i].peer, text, sizeof text);
		printf("  %8llu  %s (%s)\n", (unsigned long long)peers[i].n, text,
			reasons[peers[i].peer.reason % ISOLATE_REASONS]);
	}
}

/* So that `saker run` can begin it again after a reboot. */
static int note(const struct asked *asked, struct error *err)
{
	FILE *out;

	mkdir("/etc/saker", 0755);
	out = fopen(ISOLATION_FILE, "we");
	if (!out)
		return fail(err, "cannot note it in %s: %m", ISOLATION_FILE);
	fputs("# written by saker isolate; saker release removes it\n", out);
	for (size_t i = 0; i < asked->count; i++)
		fprintf(out, "%s\n", asked->written[i]);
	return fclose(out) ? fail(err, "cannot note it in %s: %m", ISOLATION_FILE) : 0;
}

static bool is_refused(const char *address)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
	until_return(fd_close) int s =
		socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, address, &to.sin_addr);
	return s >= 0 && connect(s, (struct sockaddr *)&to, sizeof to) && errno == EPERM;
}

/*
 * A connection of our own to the addresses for documentation (RFC 5737), where nothing answers:
 * one of them may be among those that are allowed.
 */
static bool is_proved(void)
{
	return is_refused("192.0.2.1") || is_refused("198.51.100.1") || is_refused("203.0.113.1");
}

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

static int isolate(struct invocation *invocation, const struct asked *asked)
{
	struct isolate_options options = {.cgroup = asked->cgroup,
		.allowed = asked->allowed,
		.count = asked->count,
		.dry = asked->dry > 0};
	until_return(isolate_close) struct isolate *begun = NULL;
	int64_t began = now_us();
	struct error err;

	begun = isolate_begin(&options, &err);
	if (!begun)
		return refuse(invocation, "%s", err.text);
	if (asked->dry) {
		sleep((unsigned)asked->dry);
		report(invocation, begun, "would have been refused");
		return EXIT_done;
	}
	if (!asked->cgroup && !is_proved()) {
		isolate_end(NULL, &err);
		return refuse(invocation, "a connection of its own went through: nothing is "
					  "isolated");
	}
	if (!asked->cgroup && note(asked, &err) < 0)
		fprintf(stderr, "saker isolate: %s; a reboot will end it\n", err.text);
	printf("isolated in %.1f ms; %zu addresses or networks stay reachable; `saker release` "
	       "ends it\n",
		(double)(now_us() - began) / 1000, asked->count);
	return EXIT_done;
}

/* What was asked, of root. NULL with the status of the refusal. */
static struct asked *asked_new(struct invocation *invocation, int *status)
{
	until_return(memory_free) struct asked *asked = memory_new(sizeof *asked);

	*status = arguments_read(invocation, asked);
	if (*status == EXIT_done && geteuid())
		*status = refuse(invocation, "it needs root; start it through sudo");
	return *status == EXIT_done ? give(asked) : NULL;
}

int command_isolate(struct invocation *invocation)
{
	int status;
	until_return(memory_free) struct asked *asked = asked_new(invocation, &status);
	until_return(isolate_close) struct isolate *found = NULL;
	struct error err;

	if (!asked)
		return status;
	if (!asked->status)
		return isolate(invocation, asked);
	found = isolate_find(asked->cgroup, &err);
	if (!found)
		return refuse(invocation, "%s", err.text);
	report(invocation, found, "isolated; refused so far");
	return EXIT_done;
}

int command_release(struct invocation *invocation)
{
	int status;
	until_return(memory_free) struct asked *asked = asked_new(invocation, &status);
	struct error err;

	if (!asked)
		return status;
	if (asked->dry || asked->status || asked->count)
		return usage(invocation);
	if (!asked->cgroup)
		unlink(ISOLATION_FILE);
	if (isolate_end(asked->cgroup, &err) < 0)
		return refuse(invocation, "%s", err.text);
	puts("released");
	return EXIT_done;
}
