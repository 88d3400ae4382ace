// SPDX-License-Identifier: Apache-2.0
// YARA: rules from files, and what they find in bytes, files and memory.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fcntl.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/own.h"
#include "base/printable.h"
#include "detect/yara/yara.h"

struct folder {
	char path[64];
};

static void file_write(const struct folder *folder, const char *name, const char *text)
{
	char path[128];
	until_return(file_close) FILE *f = NULL;

	snprintf(path, sizeof path, "%s/%s", folder->path, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
}

static void folder_begin(struct folder *folder)
{
	strcpy(folder->path, "/tmp/saker-yara-XXXXXX");
	assert_non_null(mkdtemp(folder->path));
}

static void folder_end(struct folder *folder)
{
	char command[128];

	snprintf(command, sizeof command, "rm -r '%s'", folder->path);
	assert_int_equal(system(command), 0);
}

struct told {
	unsigned fatal, doubtful;
	char first[256];
};

static void on_problem(void *context, const struct yara_problem *problem)
{
	struct told *told = context;
	const char *name = strrchr(problem->file, '/');

	told->fatal += problem->fatal;
	told->doubtful += !problem->fatal;
	if (!told->first[0])
		snprintf(told->first, sizeof told->first, "%s:%u: %s", name ? name + 1 : "",
			problem->line, problem->sentence);
}

static struct yara_rules *load(const struct folder *folder, struct told *told)
{
	const char *path = folder->path;
	struct error err;

	return yara_rules_load(&path, 1, on_problem, told, &err);
}

static const char rules_text[] =
	"rule Needle : tag {\n"
	" meta:\n  description = \"a needle\"\n  level = \"high\"\n  attack = \"T1505.003\"\n"
	" strings:\n  $a = \"needle\"\n  $b = { 00 11 ?? 33 }\n"
	" condition: any of them\n}\n"
	"private rule Hidden { condition: filesize > 3 }\n"
	"rule Named { condition: Hidden and filename == \"x.php\" and extension == \".php\" }\n";

static void rules_say_what_they_find(void **state)
{
	struct folder folder;
	struct told told = {0};
	until_return(arena_clear) struct arena arena = {0};
	struct yara_result result;

	folder_begin(&folder);
	file_write(&folder, "a.yar", rules_text);
	until_return(yara_rules_free) struct yara_rules *rules = load(&folder, &told);
	assert_non_null(rules);
	assert_int_equal(yara_rules_count(rules), 3);
	assert_true(text_is(yara_rules_get(rules, 0)->level, "high"));
	assert_true(text_is(yara_rules_get(rules, 0)->technique, "T1505.003"));
	until_return(yara_scanner_free) struct yara_scanner *scanner =
		yara_scanner_new(rules, 10, true);

	yara_scan_bytes(scanner, TEXT("hay needle hay needle"), &arena, &result);
	assert_non_null(result.matches);
	assert_true(text_is(result.matches->rule->name, "Needle"));
	assert_int_equal(result.matches->string_count, 2);
	assert_int_equal(result.matches->strings->offset, 4);
	assert_true(text_is(result.matches->strings->bytes, "needle"));
	assert_null(result.matches->next);
	yara_scan_bytes(scanner, TEXT("hay"), &arena, &result);
	assert_null(result.matches);
	yara_scan_bytes(scanner, TEXT(""), &arena, &result);
	assert_null(result.matches);
	assert_null(result.left_out);
	folder_end(&folder);
}

static void files_are_known_by_name(void **state)
{
	struct folder folder;
	struct told told = {0};
	until_return(arena_clear) struct arena arena = {0};
	until_return(fd_close) int fd = -1;
	struct yara_result result;
	char path[128];

	folder_begin(&folder);
	file_write(&folder, "a.yar", rules_text);
	file_write(&folder, "x.php", "some text");
	until_return(yara_rules_free) struct yara_rules *rules = load(&folder, &told);
	until_return(yara_scanner_free) struct yara_scanner *scanner =
		yara_scanner_new(rules, 10, false);
	snprintf(path, sizeof path, "%s/x.php", folder.path);
	fd = open(path, O_RDONLY);
	yara_scan_file(scanner, fd, path, &arena, &result);
	assert_non_null(result.matches);
	assert_true(text_is(result.matches->rule->name, "Named"));
	assert_int_equal(result.bytes, 9);
	folder_end(&folder);
}

static void broken_files_are_left_out(void **state)
{
	static const struct {
		const char *text, *first;
	} cases[] = {
		{"rule b { condition: nothing }\n", "b.yar:1: undefined identifier \"nothing\""},
		{"rule b {\n condition: true\n", "b.yar:1: syntax error"},
		{"include \"a.yar\"\n", "b.yar:1: "},
		{"import \"nothing\"\n", "b.yar:1: unknown module \"nothing\""},
		{"rule b { strings: $a = \"long\" condition: true }",
			"b.yar:1: unreferenced string"},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		struct folder folder;
		struct told told = {0};

		folder_begin(&folder);
		file_write(&folder, "a.yar", rules_text);
		file_write(&folder, "b.yar", cases[i].text);
		file_write(&folder, "c.yar", cases[i].text);
		until_return(yara_rules_free) struct yara_rules *rules = load(&folder, &told);
		assert_non_null(rules);
		assert_int_equal(yara_rules_count(rules), 3);
		assert_int_equal(told.fatal, 2); /* each file once */
		if (strncmp(told.first, cases[i].first, strlen(cases[i].first)))
			print_error("case %zu: %s\n", i, told.first);
		assert_int_equal(strncmp(told.first, cases[i].first, strlen(cases[i].first)), 0);
		folder_end(&folder);
	}
}

static void nothing_to_scan_with_is_refused(void **state)
{
	static const char *const texts[] = {NULL, "rule b { condition: nothing }\n", "", "\1\2"};

	for (size_t i = 0; i < array_size(texts); i++) {
		struct folder folder;
		struct told told = {0};

		folder_begin(&folder);
		if (texts[i])
			file_write(&folder, "b.yar", texts[i]);
		assert_null(load(&folder, &told));
		folder_end(&folder);
	}
}

/* A loop in a loop over all bytes. */
static void a_scan_that_takes_too_long_ends(void **state)
{
	struct folder folder;
	struct told told = {0};
	until_return(arena_clear) struct arena arena = {0};
	until_return(memory_free) char *bytes = memory_new(1 << 22);
	struct yara_result result;

	memset(bytes, 'a', 1 << 22);
	folder_begin(&folder);
	file_write(&folder, "a.yar", "rule Slow { condition: for all i in (1..filesize-1) : "
		"(for all j in (1..filesize-1) : (uint8(j) == 97)) }\n");
	until_return(yara_rules_free) struct yara_rules *rules = load(&folder, &told);
	assert_non_null(rules);
	until_return(yara_scanner_free) struct yara_scanner *scanner =
		yara_scanner_new(rules, 1, false);
	yara_scan_bytes(scanner, (struct text){bytes, 1 << 22}, &arena, &result);
	assert_non_null(result.left_out);
	assert_non_null(strstr(result.left_out, "too long"));
	folder_end(&folder);
}

/* A page of its own, and one that cannot be read before it. */
static void memory_is_looked_at(void **state)
{
	struct folder folder;
	struct told told = {0};
	until_return(arena_clear) struct arena arena = {0};
	until_return(fd_close) int mem = open("/proc/self/mem", O_RDONLY);
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *at = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct yara_result result;
	char maps[512];
	int n = snprintf(maps, sizeof maps,
		"1000-2000 r--p 00000000 00:00 0 \n"
		"%lx-%lx ---p 00000000 00:00 0 \n"
		"%lx-%lx rw-p 00000000 00:00 0 [heap]\nnonsense\n",
		(unsigned long)at, (unsigned long)at + page, (unsigned long)at,
		(unsigned long)at + page);

	assert_true(at != MAP_FAILED);
	folder_begin(&folder);
	file_write(&folder, "a.yar", rules_text);
	until_return(yara_rules_free) struct yara_rules *rules = load(&folder, &told);
	until_return(yara_scanner_free) struct yara_scanner *scanner =
		yara_scanner_new(rules, 30, true);
	strcpy(at + 100, "needle");
	yara_scan_process(scanner, (struct text){maps, (size_t)n}, mem, &arena, &result);
	assert_null(result.left_out);
	assert_int_equal(result.bytes, page);
	assert_non_null(result.matches);
	assert_int_equal(result.matches->string_count, 1);
	assert_int_equal(result.matches->strings->offset, (uint64_t)(uintptr_t)at + 100);
	munmap(at, page);
	yara_scan_process(scanner, (struct text){maps, (size_t)n}, mem, &arena, &result);
	assert_non_null(result.left_out);
	folder_end(&folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_say_what_they_find),
		cmocka_unit_test(files_are_known_by_name),
		cmocka_unit_test(broken_files_are_left_out),
		cmocka_unit_test(nothing_to_scan_with_is_refused),
		cmocka_unit_test(a_scan_that_takes_too_long_ends),
		cmocka_unit_test(memory_is_looked_at),
	};

	return cmocka_run_group_tests_name("yara", tests, NULL, NULL);
}
