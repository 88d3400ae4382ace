// SPDX-License-Identifier: Apache-2.0
// Events in OCSF.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/own.h"
#include "event/column.h"
#include "event/ocsf.h"

static void is_written(const char *json, const char *wanted)
{
	until_return(arena_clear) struct arena arena = {0};
	until_return(json_writer_clear) struct json_writer out = {0};
	struct event *event = event_read(text_of(json), &arena, NULL);

	assert_non_null(event);
	ocsf_write(event, &arena, &out);
	if (!text_is((struct text){out.at, out.n}, wanted))
		print_message("%.*s\n", (int)out.n, out.at);
	assert_int_equal(out.n, strlen(wanted));
	assert_memory_equal(out.at, wanted, out.n);
}

#define METADATA(kind)                                                                \
	"\"metadata\":{\"version\":\"1.3.0\",\"product\":{\"name\":\"saker\","            \
	"\"vendor_name\":\"saker project\"},\"event_code\":\"" kind "\"}"

static void a_process_is_one(void **state)
{
	is_written("{\"@timestamp\":\"2015-09-26T10:00:00.123Z\",\"event.kind\":\"process_exec\","
		   "\"process.pid\":5,\"process.args\":[\"a\",\"b\"],"
		   "\"process.hash.sha256\":"
		   "\"00000000000000000000000000000000000000000000000000000000000000aa\","
		   "\"process.hash.md5\":\"000000000000000000000000000000bb\",\"parent.pid\":1}",
		"{\"class_uid\":1007,\"category_uid\":1,\"activity_id\":1,\"type_uid\":100701,"
		"\"severity_id\":1,\"time\":1443261600123," METADATA("process_exec") ","
		"\"process\":{\"pid\":5,\"file\":{\"hashes\":["
		"{\"algorithm\":\"SHA-256\",\"algorithm_id\":3,\"value\":"
		"\"00000000000000000000000000000000000000000000000000000000000000aa\"},"
		"{\"algorithm\":\"MD5\",\"algorithm_id\":1,"
		"\"value\":\"000000000000000000000000000000bb\"}]},"
		"\"parent_process\":{\"pid\":1}},"
		"\"unmapped\":{\"saker\":{\"args\":[\"a\",\"b\"],"
		"\"ancestors\":{\"executable\":[\"\"],\"command_line\":[\"\"]}}}}");
}

static void who_acts_on_something_else_is_the_actor(void **state)
{
	is_written("{\"event.kind\":\"file_write\",\"process.pid\":5,\"file.path\":\"/tmp/x\","
		   "\"file.inode\":7,\"process.file.inode\":8}",
		"{\"class_uid\":1001,\"category_uid\":1,\"activity_id\":3,\"type_uid\":100103,"
		"\"severity_id\":1," METADATA("file_write") ",\"actor\":{\"process\":{\"pid\":5}},"
		"\"unmapped\":{\"saker\":{\"inode\":8,\"file\":{\"inode\":7}}},"
		"\"file\":{\"path\":\"/tmp/x\"}}");
}

static void a_detection_has_evidence_and_attacks(void **state)
{
	is_written("{\"event.kind\":\"detection\",\"process.pid\":5,\"rule.level\":\"high\","
		   "\"rule.name\":\"r\",\"threat.technique.id\":[\"T1\",\"T2\"],"
		   "\"threat.tactic.name\":[\"impact\"]}",
		"{\"class_uid\":2004,\"category_uid\":2,\"activity_id\":1,\"type_uid\":200401,"
		"\"severity_id\":4," METADATA("detection") ","
		"\"evidences\":[{\"process\":{\"pid\":5}}],\"finding_info\":{\"title\":\"r\"},"
		"\"severity\":\"high\","
		"\"attacks\":[{\"technique\":{\"uid\":\"T1\"},\"tactic\":{\"name\":\"impact\"}},"
		"{\"technique\":{\"uid\":\"T2\"}}]}");
}

/* No name is an object and a value at the same time. */
static void the_names_of_the_tables_make_a_tree(void **state)
{
	for (unsigned i = 0; i < field_count; i++)
		for (unsigned k = 0; k < field_count; k++) {
			size_t n = strlen(fields[i].ocsf);
			bool below = !strncmp(fields[k].ocsf, fields[i].ocsf, n) &&
				fields[k].ocsf[n] == '.';

			if (below)
				print_message("%s, %s\n", fields[i].ocsf, fields[k].ocsf);
			assert_false(below);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_is_one),
		cmocka_unit_test(who_acts_on_something_else_is_the_actor),
		cmocka_unit_test(a_detection_has_evidence_and_attacks),
		cmocka_unit_test(the_names_of_the_tables_make_a_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
