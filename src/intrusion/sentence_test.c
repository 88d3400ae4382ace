// SPDX-License-Identifier: Apache-2.0
// Tests of sentences: each kind of event says who did what, and what is missing makes it shorter,
// not wrong.

#include "base/own.h"
#include "base/printable.h"
#include "intrusion/sentence.h"
#include "intrusion/words.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#define WHO                                                                                       \
	"\"process.executable\":\"/usr/sbin/"                                                     \
	"httpd\",\"process.pid\":4242,\"process.user.name\":\"www-data\""
#define SH                                                                                        \
	"\"process.executable\":\"/bin/sh\",\"process.pid\":7,\"process.command_line\":\"sh -c "  \
	"id\","                                                                                   \
	"\"parent.executable\":\"/usr/sbin/"                                                      \
	"httpd\",\"parent.pid\":4242,\"parent.user.name\":\"www-data\","                          \
	"\"ancestors.executable\":[\"/usr/sbin/httpd\"],\"ancestors.command_line\":[\"httpd "     \
	"-k\"]"

static const struct {
	const char *kind, *rest, *sentence;
} sentences[] = {
	{ "process_exec", SH, "httpd (pid 4242, www-data) started /bin/sh: sh -c id" },
	{ "process_exec", WHO, "httpd (pid 4242, www-data) was started" },
	{ "process_exec", "\"process.executable\":\"/bin/sh\",\"process.command_line\":\"sh\"",
		"sh was started: sh" },
	{ "process_fork", SH, "httpd (pid 4242, www-data) made a copy of itself: sh (pid 7)" },
	{ "process_exit", WHO ",\"process.exit_signal\":9",
		"httpd (pid 4242, www-data) was ended by signal 9" },
	{ "process_exit", WHO ",\"process.exit_code\":1",
		"httpd (pid 4242, www-data) ended with status 1" },
	{ "process_exit", WHO, "httpd (pid 4242, www-data) ended" },
	{ "process_rename",
		WHO ",\"process.thread.name\":\"[diskio]\",\"process.thread.old_name\":\"httpd\"",
		"httpd (pid 4242, www-data) changed its name from 'httpd' to '[diskio]'" },
	{ "process_running", WHO,
		"httpd (pid 4242, www-data) was running already when saker started" },
	{ "network_connect",
		WHO ",\"destination.ip\":\"192.0.2.1\",\"destination.port\":443,\"network."
		    "transport\":\"tcp\"",
		"httpd (pid 4242, www-data) asked for a connection to 192.0.2.1:443 (tcp)" },
	{ "network_connect", WHO ",\"destination.ip\":\"2001:db8::1\",\"destination.port\":443",
		"httpd (pid 4242, www-data) asked for a connection to [2001:db8::1]:443" },
	{ "network_connect", WHO, "httpd (pid 4242, www-data) asked for a connection" },
	{ "network_accept",
		WHO
		",\"network.direction\":\"ingress\",\"source.ip\":\"192.0.2.1\",\"source.port\":5,"
		"\"destination.ip\":\"192.0.2.2\",\"destination.port\":80",
		"httpd (pid 4242, www-data) accepted a connection from 192.0.2.1:5 at "
		"192.0.2.2:80" },
	{ "network_raw",
		WHO
		",\"network.transport\":\"raw\",\"source.ip\":\"127.0.0.1\",\"source.port\":31805",
		"httpd (pid 4242, www-data) bound a raw socket to 127.0.0.1:31805" },
	{ "network_raw", WHO ",\"network.transport\":\"packet\"",
		"httpd (pid 4242, www-data) opened a packet socket" },
	{ "network_payload",
		WHO ",\"destination.ip\":\"127.0.0.1\",\"destination.port\":9,\"network.payload_"
		    "length\":64,"
		    "\"network.signature\":\"handshake\"",
		"httpd (pid 4242, www-data) sent 64 bytes to 127.0.0.1:9 that have the shape of "
		"handshake" },
	{ "file_create", WHO ",\"file.path\":\"/srv/www/x.php\"",
		"httpd (pid 4242, www-data) created the file /srv/www/x.php" },
	{ "file_create", "\"file.path\":\"/etc/x\"",
		"an unknown process created the file /etc/x" },
	{ "file_write", WHO ",\"file.path\":\"/a\",\"file.size\":73",
		"httpd (pid 4242, www-data) wrote the file /a (73 bytes)" },
	{ "file_rename", WHO ",\"file.path\":\"/b\",\"file.old_path\":\"/a\"",
		"httpd (pid 4242, www-data) renamed /a to /b" },
	{ "file_delete", WHO ",\"file.path\":\"/b\"",
		"httpd (pid 4242, www-data) deleted the file /b" },
	{ "file_mode", WHO ",\"file.path\":\"/b\",\"file.mode\":35309",
		"httpd (pid 4242, www-data) changed the mode of /b to 4755" },
	{ "file_time", WHO ",\"file.path\":\"/b\",\"file.backdated_days\":365",
		"httpd (pid 4242, www-data) set the time of /b back by 365 days" },
	{ "file_open", WHO ",\"file.path\":\"/etc/shadow\",\"file.result\":0",
		"httpd (pid 4242, www-data) opened the file /etc/shadow for reading" },
	{ "file_open", WHO ",\"file.path\":\"/etc/shadow\",\"file.result\":13",
		"httpd (pid 4242, www-data) tried to read the file /etc/shadow, which failed "
		"(Permission denied)" },
	{ "kernel_module", WHO ",\"file.path\":\"/m.ko\",\"file.result\":8",
		"httpd (pid 4242, www-data) asked the kernel to load the module /m.ko, which "
		"failed (Exec format error)" },
	{ "sensor_start", "\"message\":\"version 1\"", "saker began to watch: version 1" },
	{ "sensor_stop", "\"saker.about\":\"saker\"", "saker stopped watching" },
	{ "sensor_gap", "\"saker.class\":\"file\",\"saker.count\":1,\"saker.cause\":\"ring_full\"",
		"1 file event is missing: they came faster than they could be read" },
	{ "sensor_gap", "\"saker.count\":12345", "12,345 events are missing" },
	{ "sensor_gap", "\"saker.class\":\"file\"",
		"events are missing, and how many is not known" },
	{ "sensor_notice", "\"message\":\"disk \\u001b[31m full\"", "disk \\x1b[31m full" },
	{ "prevention", WHO ",\"message\":\"no verdict in 50 ms\"",
		"httpd (pid 4242, www-data): no verdict in 50 ms" },
	/* a detection tells of the event that matched, and whether that happened */
	{ "detection",
		SH ",\"detection.event_kind\":\"process_exec\",\"prevention.result\":\"detected\"",
		"httpd (pid 4242, www-data) started /bin/sh: sh -c id" },
	{ "detection",
		SH
		",\"detection.event_kind\":\"process_exec\",\"prevention.result\":\"prevented\","
		"\"prevention.rung\":\"lsm\"",
		"httpd (pid 4242, www-data) tried to start /bin/sh: sh -c id" },
	{ "detection", WHO ",\"detection.event_kind\":\"no_such_kind\"",
		"httpd (pid 4242, www-data) did what the rule describes" },
};

static struct event *event_of(const char *kind, const char *rest, struct arena *arena)
{
	struct error err = { 0 };
	struct text json = arena_format(arena, "{\"event.kind\":\"%s\",%s}", kind, rest);
	struct event *event = event_read(json, arena, &err);

	assert_string_equal(err.text, "");
	return event;
}

static void each_kind_says_who_did_what(void **state)
{
	until_return(arena_clear) struct arena arena = { 0 };

	for (size_t i = 0; i < array_size(sentences); i++) {
		struct event *event = event_of(sentences[i].kind, sentences[i].rest, &arena);

		assert_string_equal(arena_copy(&arena, event_sentence(event, &arena)).at,
			sentences[i].sentence);
	}
}

/* Whatever is missing, every kind has a sentence, and no placeholder is left in it. */
static void an_empty_event_of_each_kind_has_a_sentence(void **state)
{
	until_return(arena_clear) struct arena arena = { 0 };

	for (unsigned kind = 0; kind < EVENT_KINDS; kind++) {
		struct event *event = event_new(&arena, (enum event_kind)kind);
		struct text sentence = event_sentence(event, &arena);

		assert_in_range(sentence.n, 8, 200);
		assert_null(memchr(sentence.at, '{', sentence.n));
		assert_null(memchr(sentence.at, '<', sentence.n));
	}
}

static const struct {
	const char *rest, *words;
	bool prevented;
} preventions[] = {
	{ "\"prevention.result\":\"detected\"", "detected only", false },
	{ "\"prevention.result\":\"prevented\",\"prevention.rung\":\"lsm\",\"prevention.error\":0",
		"refused by the kernel before it began", true },
	{ "\"prevention.result\":\"prevented\",\"prevention.rung\":\"signal\"",
		"stopped before its first instruction (killed at exec)", true },
	{ "\"prevention.result\":\"prevented\",\"prevention.rung\":\"new\"", "prevented", true },
	{ "\"prevention.result\":\"killed\",\"prevention.rung\":\"kill\"",
		"the process was killed after the act was seen", false },
	{ "\"prevention.result\":\"failed\",\"prevention.rung\":\"kill\",\"prevention.error\":3",
		"saker tried to stop it and failed (kill: No such process)", false },
	{ "\"prevention.result\":\"timeout\",\"prevention.rung\":\"hold\"",
		"held, but no verdict came in time: it was let go (hold)", false },
	{ "\"rule.id\":\"x\"", "detected only", false },
	{ "\"prevention.result\":\"strange\\u0007\"", "strange\\x07", false },
};

static void prevention_is_told_as_it_was(void **state)
{
	until_return(arena_clear) struct arena arena = { 0 };

	for (size_t i = 0; i < array_size(preventions); i++) {
		struct event *event = event_of("detection", preventions[i].rest, &arena);

		assert_string_equal(
			arena_copy(&arena, prevention_words(event->detection, &arena)).at,
			preventions[i].words);
		assert_int_equal(detection_is_prevented(event->detection),
			preventions[i].prevented);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_says_who_did_what),
		cmocka_unit_test(an_empty_event_of_each_kind_has_a_sentence),
		cmocka_unit_test(prevention_is_told_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
