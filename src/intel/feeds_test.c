// SPDX-License-Identifier: Apache-2.0
// Feeds in all formats: what stands in them is taken, what cannot be used is told with its place.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/own.h"
#include "intel/feeds.h"
#include "intel/guess.h"

#define MD5 "d41d8cd98f00b204e9800998ecf8427e"
#define SHA1 "da39a3ee5e6b4b0d3255bfef95601890afd80709"
#define SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define STIX_HEAD "{\"type\":\"bundle\",\"id\":\"bundle--1\",\"objects\":[\n"

static char told[8192]; /* a line for each problem */
static uint64_t lost;

static void on_problem(void *context, const struct feed_problem *problem)
{
	size_t n = strlen(told);

	feed_problem_text(problem, told + n, sizeof told - n);
	strncat(told, "\n", sizeof told - strlen(told) - 1);
	lost += problem->count;
}

static void field(char *all, size_t size, const char *name, struct text value)
{
	size_t n = strlen(all);

	if (value.n)
		snprintf(all + n, size - n, " %s=%.*s", name, (int)value.n, value.at);
}

/* "md5 VALUE line=2 source=S ..." a line for each indicator, in order of type and row. */
static void set_print(const struct indicators *set, char *all, size_t size)
{
	struct indicator_hit hit = {0};

	for (int type = 0; type < INDICATOR_TYPES; type++)
		for (hit.number = 0; hit.number < indicators_count(set, (enum indicator_type)type);
			hit.number++) {
			struct indicator one;
			char buffer[INDICATOR_TEXT];
			struct text value;
			size_t n = strlen(all);

			hit.type = (enum indicator_type)type;
			indicator_read(set, hit, &one);
			value = indicator_value(set, hit, buffer);
			snprintf(all + n, size - n, "%s %.*s line=%u", indicator_names[type],
				(int)value.n, value.at, one.line);
			field(all, size, "source", one.source);
			field(all, size, "label", one.label);
			field(all, size, "reference", one.reference);
			field(all, size, "comment", one.comment);
			n = strlen(all);
			if (one.confidence >= 0)
				n += (size_t)snprintf(all + n, size - n, " confidence=%d",
					one.confidence);
			if (one.tlp < TLP_unknown)
				n += (size_t)snprintf(
					all + n, size - n, " tlp=%s", tlp_names[one.tlp]);
			if (one.valid_from != INDICATOR_NO_TIME)
				n += (size_t)snprintf(all + n, size - n, " from=%lld",
					(long long)one.valid_from / 1000000000);
			if (one.expires != INDICATOR_NO_TIME)
				n += (size_t)snprintf(all + n, size - n, " expires=%lld",
					(long long)one.expires / 1000000000);
			snprintf(all + n, size - n, "\n");
		}
}

static const struct {
	const char *what, *feed, *set, *told;
} cases[] = {
	{"a list",
		"# comment\n\n192.0.2.7\n\t2001:db8::7 \r\nexample[.]org, seen on mail\n"
		"hxxp://bad.example/a#b,c # a gate\n" SHA256 "  name.bin\n192.0.2.8#glued\n"
		"C:\\Program Files\\x.exe # it\nnonsense\n0.0.0.0 blocked.example\n"
		"192.0.2.9 # source: S; expires: 2030-01-01\n192.0.2.10 # expires: soon\n",
		"sha256 " SHA256 " line=7 source=f comment=name.bin\n"
		"ipv4 192.0.2.7 line=3 source=f\n"
		"ipv4 192.0.2.8 line=8 source=f comment=glued\n"
		"ipv4 192.0.2.9 line=12 source=S comment=source: S; expires: 2030-01-01 "
		"expires=1893456000\n"
		"ipv4 192.0.2.10 line=13 source=f comment=expires: soon\n"
		"ipv6 2001:db8::7 line=4 source=f\n"
		"domain example.org line=5 source=f comment=seen on mail\n"
		"domain blocked.example line=11 source=f\n"
		"url http://bad.example/a line=6 source=f comment=a gate\n"
		"path C:\\Program Files\\x.exe line=9 source=f comment=it\n",
		"d/f:10: 'nonsense' is no hash, address, range, domain, URL, path or e-mail "
		"address\nd/f:13: 'soon' is no date; write it as 2026-01-31\n"},
	{"a table",
		"Indicator,Type,Source,Valid Until,Confidence,TLP,Comment,Threat\r\n"
		"192.0.2.7,ip,S,2030-01-01,80,TLP:AMBER,\"a, \"\"b\"\"\nc\",PlugX\r\n"
		"example.org,domain,,,high,white,,\r\n"
		"x,ja3,,,,,,\r\n"
		",domain,,,,,,\r\n"
		"192.0.2.300,ip,,,,,,\r\n"
		"192.0.2.9:443,ip:port,,,,,,\r\n",
		"ipv4 192.0.2.7 line=2 source=S label=PlugX comment=a, \"b\"\nc confidence=80 "
		"tlp=amber expires=1893456000\n"
		"ipv4 192.0.2.9 line=8 source=f\n"
		"domain example.org line=4 source=f confidence=85 tlp=clear\n",
		"d/f:6: the row has no value\n"
		"d/f:7: '192.0.2.300' is no IPv4 or IPv6 address\n"
		"d/f: 1 left out: no indicator is of type 'ja3'\n"},
	{"a table named by a comment, with types in its columns",
		"# a feed\n# \"first_seen\", \"sha256_hash\", \"md5_hash\", \"file_name\"\n"
		"\"2015-09-25 00:00:10\", \"" SHA256 "\", \"" MD5 "\", \"a.exe\"\n",
		"md5 " MD5 " line=3 source=f from=1443139210\n"
		"sha256 " SHA256 " line=3 source=f from=1443139210\n"
		"path a.exe line=3 source=f from=1443139210\n",
		""},
	{"a table with a quote that is not closed",
		"value;comment\n192.0.2.1;\"open\n192.0.2.2;x\n",
		"ipv4 192.0.2.2 line=3 source=f comment=x\n", "d/f:2: a quote is not closed\n"},
	{"a list whose comments and notes have the words of a table",
		"# a hash (MD5, SHA-1, SHA-256), an address\n# value\n"
		"bad.example, domain, source\n",
		"domain bad.example line=3 source=f comment=domain, source\n", ""},
	{"a table named by a comment of which half is known",
		"# first_seen_utc,dst_ip,dst_port,c2_status,last_online,malware\n#\n"
		"\"2015-09-25 00:00:10\",\"192.0.2.4\",\"443\",\"online\",\"x\",\"Dridex\"\n",
		"ipv4 192.0.2.4 line=3 source=f label=Dridex from=1443139210\n", ""},
	{"a bundle",
		STIX_HEAD
		"{\"type\":\"indicator\",\"id\":\"indicator--1\",\"name\":\"Sakula\","
		"\"description\":\"d\\u00e9\",\"pattern_type\":\"stix\",\"pattern\":"
		"\"[file:hashes.'SHA-256' = '" SHA256 "' OR domain-name:value = 'Bad.example']\","
		"\"valid_from\":\"2015-09-25T00:00:10Z\",\"valid_until\":\"2030-01-01T00:00:00Z\","
		"\"confidence\":70,\"created_by_ref\":\"identity--1\",\"external_references\":["
		"{\"source_name\":\"x\",\"url\":\"https://r.example\"}],\"object_marking_refs\":["
		"\"marking-definition--f88d31f6-486f-44da-b317-01333bde0b82\"]},\n"
		"{\"type\":\"indicator\",\"id\":\"indicator--2\",\"pattern\":"
		"\"[file:name LIKE 'x%'] OR [ipv4-addr:value ISSUBSET '192.0.2.0/24']\"},\n"
		"{\"type\":\"indicator\",\"id\":\"indicator--3\",\"revoked\":true,\"pattern\":"
		"\"[ipv4-addr:value = '192.0.2.1']\"},\n"
		"{\"type\":\"indicator\",\"id\":\"indicator--4\",\"pattern_type\":\"yara\","
		"\"pattern\":\"rule x {}\"},\n"
		"{\"type\":\"indicator\",\"id\":\"indicator--5\",\"pattern\":\"[oops\"},\n"
		"{\"type\":\"malware\",\"name\":\"Sakula\"},\n"
		"{\"type\":\"identity\",\"id\":\"identity--1\",\"name\":\"A vendor\"}]}",
		"sha256 " SHA256
		" line=2 source=A vendor label=Sakula reference=https://r.example "
		"comment=d\xc3\xa9 confidence=70 tlp=amber from=1443139210 expires=1893456000\n"
		"ipv4_range 192.0.2.0/24 line=3 source=f reference=indicator--2\n"
		"domain bad.example line=2 source=A vendor label=Sakula "
		"reference=https://r.example comment=d\xc3\xa9 confidence=70 tlp=amber "
		"from=1443139210 expires=1893456000\n",
		"d/f:6: 'indicator--5': the pattern ends where operator should stand\n"
		"d/f: 1 left out: 'LIKE' in a pattern\n"
		"d/f: 1 left out: revoked\n"
		"d/f: 1 left out: a pattern of type 'yara'\n"},
	{"a bundle that is cut",
		STIX_HEAD
		"{\"type\":\"indicator\",\"id\":\"indicator--1\",\"pattern\":"
		"\"[ipv4-addr:value = '192.0.2.1']\"},\n{\"type\":",
		"ipv4 192.0.2.1 line=2 source=f reference=indicator--1\n",
		"d/f:3: no value at byte 141; what follows is left out\n"},
	{"an export of MISP",
		"{\"Event\":{\"Orgc\":{\"id\":\"1\",\"name\":\"CERT\"},\"Attribute\":[\n"
		"{\"type\":\"ip-dst|port\",\"value\":\"192.0.2.7|443\",\"to_ids\":true,"
		"\"uuid\":\"u1\",\"comment\":\"c2\",\"timestamp\":\"1443139210\"},\n"
		"{\"type\":\"filename|md5\",\"value\":\"a|" MD5 "\",\"to_ids\":\"1\"},\n"
		"{\"type\":\"malware-sample\",\"value\":\"a.exe|" MD5 "\",\"to_ids\":1},\n"
		"{\"type\":\"domain|ip\",\"value\":\"bad.example|192.0.2.8\",\"to_ids\":true,"
		"\"Tag\":[{\"name\":\"tlp:red\"}]},\n"
		"{\"type\":\"url\",\"value\":\"http://bad.example/\",\"to_ids\":false},\n"
		"{\"type\":\"sha1\",\"value\":\"" SHA1 "\",\"to_ids\":true,\"deleted\":true},\n"
		"{\"type\":\"ssdeep\",\"value\":\"3:a:b\",\"to_ids\":true},\n"
		"{\"type\":\"hostname\",\"value\":\"nodot\",\"to_ids\":true}],\n"
		"\"Object\":[{\"name\":\"file\",\"Attribute\":[{\"type\":\"filename\","
		"\"value\":\"x.dll\",\"to_ids\":true}]}],\n"
		"\"RelatedEvent\":[{\"Event\":{\"Attribute\":[{\"type\":\"ip-dst\",\"value\":"
		"\"192.0.2.99\",\"to_ids\":true}]}}],\"info\":\"Deep Panda\","
		"\"Tag\":[{\"name\":\"tlp:green\"}]}}",
		"md5 " MD5 " line=3 source=CERT label=Deep Panda tlp=green\n"
		"ipv4 192.0.2.7 line=2 source=CERT label=Deep Panda reference=u1 comment=c2 "
		"tlp=green from=1443139210\n"
		"ipv4 192.0.2.8 line=5 source=CERT label=Deep Panda tlp=red\n"
		"domain bad.example line=5 source=CERT label=Deep Panda tlp=red\n"
		"path x.dll line=10 source=CERT label=Deep Panda tlp=green\n",
		"d/f:9: 'nodot' is no domain of two labels or more\n"
		"d/f: 1 left out: not for detection (to_ids)\n"
		"d/f: 1 left out: deleted\n"
		"d/f: 1 left out: no indicator is of type 'ssdeep'\n"},
	{"other JSON", "{\"a\":1}", "",
		"d/f:1: is JSON, but neither a STIX bundle nor an export of MISP\n"},
	{"text in UTF-16", "\xff\xfe" "1", "", "d/f:1: is written in UTF-16; save it as UTF-8\n"},
	{"a byte order mark", "\xef\xbb\xbf" "192.0.2.1\n",
		"ipv4 192.0.2.1 line=1 source=f\n", ""},
};

static int by_line(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Rows stand in order of their keys, which says nothing: lines in order of letters do. */
static void sort_lines(char *text)
{
	char *lines[64], copy[8192], *at = copy, *line;
	size_t n = 0;

	snprintf(copy, sizeof copy, "%s", text);
	while ((line = strsep(&at, "\n")) && n < array_size(lines))
		if (*line)
			lines[n++] = line;
	qsort(lines, n, sizeof *lines, by_line);
	*text = 0;
	for (size_t i = 0; i < n; i++) {
		strcat(text, lines[i]);
		strcat(text, "\n");
	}
}

static void feeds_are_read_in_the_format_they_are_in(void **state)
{
	for (size_t i = 0; i < array_size(cases); i++) {
		until_return(feeds_free) struct feeds *feeds = feeds_new(on_problem, NULL);
		char all[8192] = "", wanted[8192];
		struct error err;

		told[0] = 0;
		feeds_add(feeds, TEXT("d/f"), text_of(cases[i].feed));
		until_return(indicators_close) struct indicators *set = feeds_set(feeds, &err);
		set_print(set, all, sizeof all);
		snprintf(wanted, sizeof wanted, "%s", cases[i].set);
		sort_lines(all);
		sort_lines(wanted);
		assert_string_equal(all, wanted);
		assert_string_equal(told, cases[i].told);
	}
}

static void a_flood_of_bad_lines_is_counted(void **state)
{
	until_return(feeds_free) struct feeds *feeds = feeds_new(on_problem, NULL);
	static char flood[20 * 1000 * 4];
	const char *last;

	for (size_t i = 0; i + 4 < sizeof flood; i += 4)
		memcpy(flood + i, "bad\n", 5);
	told[0] = 0;
	lost = 0;
	feeds_add(feeds, TEXT("d/f"), text_of(flood));
	assert_int_equal(lost, sizeof flood / 4 - 1);
	last = strstr(told, "d/f: ");
	assert_non_null(last);
	assert_string_equal(last, "d/f: 19899 more of the kind\n");
}

static void names_of_feeds_are_shown_without_harm(void **state)
{
	const struct feed_problem problem = {
		.file = TEXT("a\033[31m"), .line = 3, .sentence = TEXT("is bad")};
	char text[64];

	feed_problem_text(&problem, text, sizeof text);
	assert_string_equal(text, "a\\x1b[31m:3: is bad");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(feeds_are_read_in_the_format_they_are_in),
		cmocka_unit_test(a_flood_of_bad_lines_is_counted),
		cmocka_unit_test(names_of_feeds_are_shown_without_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
