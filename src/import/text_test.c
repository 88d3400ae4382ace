// SPDX-License-Identifier: Apache-2.0
// Tests: lines of each log of text give the fields that rules ask for, the time, the host and the
// logsource; each format is told from the others.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "base/own.h"
#include "import/format.h"

extern const struct format format_access, format_auditd, format_journal, format_syslog,
	format_weberror;

/* 2023-11-14T22:13:20Z */
#define MODIFIED INT64_C(1700000000000000000)

#define HIT "192.0.2.7 - bob [10/Oct/2023:13:55:36 +0200] "
#define EXEC                                                                                      \
	"type=SYSCALL msg=audit(1700000000.123:42): arch=c000003e syscall=59 success=yes pid=7 "  \
	"ppid=6 euid=0 comm=\"cat\" exe=\"/usr/bin/cat\" key=(null)\n"                            \
	"type=EXECVE msg=audit(1700000000.123:42): argc=3 a0=\"cat\" a1=2F6120622F63 "            \
	"a2_len=4 a2[0]=\"ab\" a2[1]=\"cd\"\ntype=CWD msg=audit(1700000000.123:42): "             \
	"cwd=\"/root\"\n"
#define CONNECT                                                                                   \
	"type=SYSCALL msg=audit(1.5:43): arch=c000003e syscall=42 success=yes exe=\"/bin/nc\"\n"  \
	"type=SOCKADDR msg=audit(1.5:43): saddr=020001BBC00002070000000000000000\n"
#define CREATE                                                                                    \
	"type=SYSCALL msg=audit(1.5:44): arch=c00000b7 syscall=56 success=yes exe=\"/bin/sh\"\n"  \
	"type=CWD msg=audit(1.5:44): cwd=\"/srv\"\n"                                              \
	"type=PATH msg=audit(1.5:44): item=1 name=\"a.php\" nametype=CREATE\n"
#define SYSMON                                                                                    \
	"Oct 10 13:55:36 h sysmon: <Event><System><EventID>1</EventID>"                           \
	"<TimeCreated SystemTime=\"2023-10-10T11:55:36Z\"/><Channel>Linux-Sysmon/Operational"     \
	"</Channel></System><EventData><Data Name=\"CommandLine\">id &gt; &#x41;</Data>"          \
	"</EventData></Event>\n"

static const struct {
	const struct format *format;
	const char *log;
	unsigned record; /* of those it gives, from 1 */
	const char *source; /* product/category/service, one of the record's */
	const char *field, *value;
} cases[] = {
	{&format_access, HIT "\"GET /a.php?x=%41+b HTTP/1.1\" 200 12\n", 1, "/webserver/",
		"cs-uri-query", "x=%41+b"},
	{&format_access, HIT "\"GET /a.php?x=%41+b HTTP/1.1\" 200 12\n", 1, "/webserver/",
		"cs-uri-query", "x=A+b"},
	{&format_access, HIT "\"GET /a.php?x=1 HTTP/1.1\" 200 12\n", 1, "/webserver/",
		"cs-uri-query", "/a.php?x=1"},
	{&format_access, HIT "\"GET /a.php?x=1 HTTP/1.1\" 200 12\n", 1, "/webserver/",
		"cs-uri-stem", "/a.php"},
	{&format_access, HIT "\"GET / HTTP/1.1\" 404 -\n", 1, "/webserver/", "sc-status", "404"},
	{&format_access, HIT "\"GET / HTTP/1.1\" 200 1 \"http://r/\" \"a \\\"b\\\" \\x41\"\n", 1,
		"/webserver/", "cs-user-agent", "a \"b\" A"},
	{&format_access, HIT "\"GET / HTTP/1.1\" 200 1 \"http://r/\" \"x\"\n", 1, "/webserver/",
		"cs-referer", "http://r/"},
	{&format_access, "v:80 " HIT "\"GET / HTTP/1.1\" 200 1\n", 1, "/webserver/", "cs-host",
		"v:80"},
	{&format_access, HIT "\"GET / HTTP/1.1\" 200 1\n", 1, "/webserver/", "cs-username",
		"bob"},
	{&format_access, HIT "\"\\x16\\x03\\x01\" 400 1\n", 1, "/webserver/", "cs-uri",
		"\x16\x03\x01"},
	{&format_auditd, EXEC, 1, "linux//auditd", "SYSCALL", "execve"},
	{&format_auditd, EXEC, 2, "linux//auditd", "a1", "/a b/c"},
	{&format_auditd, EXEC, 2, "linux//auditd", "a2", "abcd"},
	{&format_auditd, EXEC, 4, "linux/process_creation/", "CommandLine", "cat /a b/c abcd"},
	{&format_auditd, EXEC, 4, "linux/process_creation/", "Image", "/usr/bin/cat"},
	{&format_auditd, EXEC, 4, "linux/process_creation/", "CurrentDirectory", "/root"},
	{&format_auditd, CONNECT, 3, "linux/network_connection/", "DestinationIp", "192.0.2.7"},
	{&format_auditd, CONNECT, 3, "linux/network_connection/", "DestinationPort", "443"},
	{&format_auditd, CREATE, 4, "linux/file_event/", "TargetFilename", "/srv/a.php"},
	{&format_auditd, CREATE, 1, "linux//auditd", "SYSCALL", "openat"},
	{&format_auditd, "type=USER_LOGIN msg=audit(1.1:4): pid=1 msg='op=login acct=\"root\" "
		"res=failed'\n", 1, "linux//auditd", "acct", "root"},
	{&format_syslog, "Oct 10 13:55:36 web sshd[12]: Failed password\n", 1, "linux//sshd",
		"message", "Failed password"},
	{&format_syslog, "Oct 10 13:55:36 web sshd[12]: Failed password\n", 1, "linux//syslog",
		"pid", "12"},
	{&format_syslog, "<34>1 2023-10-11T22:14:15Z h su 7 - [a b=\"c]\\\" d\"] failed\n", 1,
		"linux//auth", "message", "failed"},
	{&format_syslog, "2023-10-10T13:55:36+02:00 web CRON[1]: (root) CMD (id)\n", 1,
		"linux//cron", "program", "CRON"},
	{&format_syslog, SYSMON, 1, "linux/process_creation/sysmon", "CommandLine", "id > A"},
	{&format_journal, "__CURSOR=s\n_HOSTNAME=h\nSYSLOG_IDENTIFIER=sshd\nMESSAGE=no\n\n", 1,
		"linux//sshd", "message", "no"},
	{&format_weberror, "[Wed Oct 11 14:32:52.1 2023] [core:error] [pid 3] exit signal\n", 1,
		"//apache", "level", "core:error"},
	{&format_weberror, "2023/10/10 13:55:36 [alert] 1#1: core dumped\n", 1, "//nginx",
		"message", " 1#1: core dumped"},
};

struct look {
	unsigned wanted, seen;
	const char *source, *field, *value;
	bool found, has_source;
	event_time time;
};

static void record_look(void *context, struct record *record)
{
	struct look *look = context;

	if (++look->seen != look->wanted)
		return;
	look->time = record_time(record);
	for (size_t i = 0; i < record->n; i++)
		look->found |= text_is(record->at[i].name->text, look->field) &&
			text_is(record->at[i].value, look->value);
	for (unsigned i = 0; i < record->source_count; i++) {
		const struct logsource *s = record->sources + i;
		char source[100];

		snprintf(source, sizeof source, "%.*s/%.*s/%.*s", (int)s->product.n,
			s->product.at ? s->product.at : "", (int)s->category.n,
			s->category.at ? s->category.at : "", (int)s->service.n,
			s->service.at ? s->service.at : "");
		look->has_source |= !strcmp(source, look->source);
	}
}

static void skipped_refuse(void *context, struct text where, struct text why, uint64_t records)
{
	print_error("# %.*s: %.*s\n", (int)where.n, where.at, (int)why.n, why.at);
	assert_true(false);
}

static void log_look(const struct format *format, const char *log, struct look *look)
{
	const struct record_sink sink = {record_look, skipped_refuse, look};
	struct log_file file = {.name = "x", .modified = MODIFIED, .size = strlen(log)};
	struct block block = {.file = &file, .bytes = text_of(log), .line = 1};
	void *reader = format->new();

	format->read(reader, &block, &sink);
	format->free(&reader);
}

static void each_line_gives_what_rules_ask_for(void **state)
{
	for (size_t i = 0; i < array_size(cases); i++) {
		struct look look = {cases[i].record, 0, cases[i].source, cases[i].field,
			cases[i].value, false, false, NUMBER_NONE};

		log_look(cases[i].format, cases[i].log, &look);
		if (!look.found || !look.has_source)
			print_error("# case %zu: %s %s of %u\n", i,
				look.found ? "no source" : "no field", cases[i].field, look.seen);
		assert_true(look.found && look.has_source);
	}
}

static void each_log_is_told_from_the_others(void **state)
{
	for (size_t i = 0; i < array_size(cases); i++) {
		const struct format *format = format_of(text_of(cases[i].log), true);

		if (format != cases[i].format)
			print_error("# case %zu is taken for %s\n", i,
				format ? format->name : "nothing");
		assert_ptr_equal(format, cases[i].format);
	}
}

static void times_are_those_of_the_log(void **state)
{
	static const struct {
		const struct format *format;
		const char *log, *time;
	} times[] = {
		{&format_access, HIT "\"GET / HTTP/1.1\" 200 1\n", "2023-10-10T11:55:36"},
		{&format_auditd, EXEC, "2023-11-14T22:13:20"},
		/* without a year: not after the file's own time */
		{&format_syslog, "Oct 10 13:55:36 web x: y\n", "2023-10-10T13:55:36"},
		{&format_syslog, "Dec 24 13:55:36 web x: y\n", "2022-12-24T13:55:36"},
		{&format_syslog, "Feb 29 13:55:36 web x: y\n", "2020-02-29T13:55:36"},
		{&format_syslog, SYSMON, "2023-10-10T11:55:36"},
		{&format_journal, "__CURSOR=s\n__REALTIME_TIMESTAMP=1700000000000000\n\n",
			"2023-11-14T22:13:20"},
		{&format_weberror, "[Wed Oct 11 14:32:52.1 2023] [a:error] x\n",
			"2023-10-11T14:32:52"},
	};

	for (size_t i = 0; i < array_size(times); i++) {
		struct look look = {1, 0, "", "", "", false, false, NUMBER_NONE};
		char buffer[FIELD_BUFFER];

		log_look(times[i].format, times[i].log, &look);
		assert_true(look.time != NUMBER_NONE);
		time_text(look.time, buffer);
		if (strncmp(buffer, times[i].time, 19))
			print_error("# case %zu: %s\n", i, buffer);
		assert_memory_equal(buffer, times[i].time, 19);
	}
}

static void an_event_of_several_records_stays_in_one_block(void **state)
{
	static const char log[] = EXEC CONNECT CREATE;
	size_t n = format_auditd.cut(text_of(log), 0, false);

	assert_int_equal(n, strlen(EXEC CONNECT));
	assert_int_equal(format_auditd.cut(text_of(EXEC), 0, false), 0);
	assert_int_equal(format_auditd.cut(text_of(EXEC), 0, true), strlen(EXEC));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_line_gives_what_rules_ask_for),
		cmocka_unit_test(each_log_is_told_from_the_others),
		cmocka_unit_test(times_are_those_of_the_log),
		cmocka_unit_test(an_event_of_several_records_stays_in_one_block),
	};

	return cmocka_run_group_tests_name("text logs", tests, NULL, NULL);
}
