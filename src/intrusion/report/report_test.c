// SPDX-License-Identifier: Apache-2.0
// The story (story/events.jsonl) told in every format, compared with what it should be
// (story/expected.*), and the page looked at as a browser would.

#include "intrusion/report/report.h"
#include "intrusion/story.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static const char *story; /* the folder */

struct told {
	char *text;
	size_t n;
};

static void told_clear(struct told *told)
{
	free(told->text);
}

struct scene {
	char *folder;
	struct store *store;
};

static struct text path_in_story(struct arena *arena, const char *name)
{
	return arena_format(arena, "%s/%s", story, name);
}

static void scene_set(struct scene *scene)
{
	until_return(arena_clear) struct arena arena = { 0 };

	scene->folder = scratch_make();
	scene->store = story_open(scene->folder, path_in_story(&arena, "events.jsonl").at);
}

static void scene_clear(struct scene *scene)
{
	store_close(&scene->store);
	scratch_remove(&scene->folder);
}

static struct told tell(struct store *store, enum report_format format,
	const struct timeline_query *query)
{
	struct error err = { 0 };
	until_return(timeline_free) struct timeline *timeline = timeline_new(store, query, &err);
	struct told told = { 0 };
	FILE *out = open_memstream(&told.text, &told.n);

	assert_string_equal(err.text, "");
	report_write(timeline, format, out);
	fclose(out);
	return told;
}

static struct told file_read(const char *name)
{
	until_return(arena_clear) struct arena arena = { 0 };
	until_return(file_close) FILE *file = fopen(path_in_story(&arena, name).at, "re");
	struct told told = { 0 };
	char part[4096];
	FILE *out = open_memstream(&told.text, &told.n);
	size_t n;

	assert_non_null(file);
	while ((n = fread(part, 1, sizeof part, file)))
		fwrite(part, 1, n, out);
	fclose(out);
	return told;
}

static const struct {
	const char *format, *expected;
} goldens[] = {
	{ "text", "expected.txt" },
	{ "jsonl", "expected.jsonl" },
	{ "csv", "expected.csv" },
};

static void the_story_is_told_as_expected(void **state)
{
	until_return(scene_clear) struct scene scene;

	scene_set(&scene);
	for (size_t i = 0; i < array_size(goldens); i++) {
		until_return(told_clear) struct told told = tell(scene.store,
			report_format(goldens[i].format), &(struct timeline_query){ 0 });
		until_return(told_clear) struct told expected = file_read(goldens[i].expected);

		assert_string_equal(told.text, expected.text);
	}
}

/*
 * No byte of any format moves a cursor: controls other than line ends are gone, and so is text
 * that runs backwards.
 */
static void nothing_hostile_gets_out(void **state)
{
	until_return(scene_clear) struct scene scene;

	scene_set(&scene);
	for (unsigned format = 0; format < REPORT_FORMATS; format++) {
		until_return(told_clear) struct told told = tell(scene.store,
			(enum report_format)format, &(struct timeline_query){ 0 });

		assert_int_equal(strlen(told.text), told.n);
		for (size_t i = 0; i < told.n; i++)
			assert_true((unsigned char)told.text[i] >= ' ' ||
				    strchr("\r\n", told.text[i]));
		assert_null(strstr(told.text, "\xe2\x80\xae"));
		assert_null(strchr(told.text, 0x7f));
	}
}

/* Reads a CSV table by RFC 4180; the number of columns of the record at `*at`, which moves. */
static size_t record_read(const char **at, bool *formula)
{
	size_t columns = 1;
	bool quoted = false, begins = true;

	for (; **at; ++*at) {
		if (begins && **at != '"' && strchr("=+-@", **at))
			*formula = true;
		begins = false;
		if (**at == '"' && !quoted) {
			quoted = true;
			begins = true;
		} else if (**at == '"' && (*at)[1] == '"') {
			++*at;
		} else if (**at == '"') {
			quoted = false;
			assert_true(strchr(",\r", (*at)[1]));
		} else if (!quoted && **at == ',') {
			columns++;
			begins = true;
		} else if (!quoted && **at == '\r') {
			assert_int_equal((*at)[1], '\n');
			*at += 2;
			return columns;
		} else {
			assert_true(quoted || **at != '\n');
		}
	}
	assert_false(quoted);
	return columns;
}

static void the_table_is_one_and_holds_no_formula(void **state)
{
	until_return(scene_clear) struct scene scene;
	until_return(told_clear) struct told told = { 0 };
	const char *at;
	size_t records = 0;
	bool formula = false;

	scene_set(&scene);
	told = tell(scene.store, FORMAT_csv, &(struct timeline_query){ 0 });
	for (at = told.text; *at; records++)
		assert_int_equal(record_read(&at, &formula), 14);
	assert_int_equal(records,
		2 + 13 + 6); /* titles, what is covered, detections, what saker said */
	assert_false(formula);
	assert_non_null(strstr(told.text, "\"'=Program started"));
}

/* Each line is a whole JSON object. */
static void each_line_is_json(void **state)
{
	until_return(scene_clear) struct scene scene;
	until_return(told_clear) struct told told = { 0 };
	until_return(arena_clear) struct arena arena = { 0 };
	char *line, *rest;
	size_t lines = 0;

	scene_set(&scene);
	told = tell(scene.store, FORMAT_jsonl, &(struct timeline_query){ 0 });
	for (rest = told.text; (line = strsep(&rest, "\n")) && *line; lines++) {
		struct json_reader reader;

		json_reader_init(&reader, text_of(line), &arena);
		assert_int_equal(json_next(&reader), JSON_OBJECT_OPEN);
		assert_true(json_skip(&reader, JSON_OBJECT_OPEN));
		assert_int_equal(json_next(&reader), JSON_END);
	}
	assert_int_equal(lines, 1 + 13 + 6);
}

enum { OPEN_MAX = 64, NAME_BYTES = 16 };

/* What is open at a place in a page. */
struct nest {
	char names[OPEN_MAX][NAME_BYTES];
	size_t n, all;
};

static bool is_void(const char *name)
{
	return !strcmp(name, "meta") || !strcmp(name, "br") || !strcmp(name, "line");
}

/* A tag from its '<' on: opens or closes, with quoted attributes; gives what follows it. */
static const char *tag_read(const char *at, struct nest *nest)
{
	bool closes = at[1] == '/', quoted = false;
	const char *name = at + 1 + closes;
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz123");
	char is[NAME_BYTES] = "";

	assert_in_range(n, 1, NAME_BYTES - 1);
	memcpy(is, name, n);
	for (at = name + n; quoted || *at != '>'; at++) {
		assert_true(*at &&
			    *at != '<'); /* a '<' in a value would be one that was not escaped */
		assert_true(quoted || strchr(" abcdefghijklmnopqrstuvwxyzBV-=\"0123456789/", *at));
		quoted ^= *at == '"';
	}
	if (closes) {
		assert_true(nest->n > 0);
		assert_string_equal(nest->names[--nest->n], is);
	} else if (!is_void(is)) {
		assert_true(nest->n < OPEN_MAX);
		strcpy(nest->names[nest->n++], is);
	}
	nest->all++;
	return at + 1;
}

static const char *entity_check(const char *at)
{
	static const char *const known[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&#39;",
		"&middot;" };

	for (size_t i = 0; i < array_size(known); i++)
		if (!strncmp(at, known[i], strlen(known[i])))
			return at + strlen(known[i]);
	print_message("no entity: %.20s\n", at);
	fail();
	return at;
}

static size_t page_check(const char *page)
{
	static const char head[] = "<!DOCTYPE html>\n";
	struct nest nest = { 0 };

	assert_memory_equal(page, head, strlen(head));
	for (page += strlen(head); *page;) {
		if (nest.n && !strcmp(nest.names[nest.n - 1], "style")) {
			page = strstr(page, "</style>");
			assert_non_null(page);
			page = tag_read(page, &nest);
		} else if (*page == '<') {
			page = tag_read(page, &nest);
		} else if (*page == '&') {
			page = entity_check(page);
		} else {
			assert_int_not_equal(*page, '>');
			page++;
		}
	}
	assert_int_equal(nest.n, 0);
	return nest.all;
}

static size_t count_of(const char *text, const char *what)
{
	size_t n = 0;

	while ((text = strstr(text, what)))
		n++, text += strlen(what);
	return n;
}

static void the_page_is_whole_and_loads_nothing(void **state)
{
	static const char *const absent[] = { "<script", "src=", "href=", "url(", "@import",
		"<b>x</b>" };
	until_return(scene_clear) struct scene scene;
	until_return(told_clear) struct told told = { 0 };

	scene_set(&scene);
	told = tell(scene.store, FORMAT_html, &(struct timeline_query){ 0 });
	assert_true(page_check(told.text) > 200);
	for (size_t i = 0; i < array_size(absent); i++)
		assert_null(strstr(told.text, absent[i]));
	assert_non_null(strstr(told.text, "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;"));
	assert_non_null(strstr(told.text, "prefers-color-scheme"));
	assert_non_null(strstr(told.text, "@media print"));
	assert_int_equal(count_of(told.text, "<h1>"), 1);
	assert_int_equal(count_of(told.text, "<th scope=\"col\">"), 5);
	assert_int_equal(count_of(told.text, "<tr id=\"d-"),
		11); /* 13 less the 2 that say the same again */
}

static void an_empty_store_gives_an_honest_page(void **state)
{
	until_return(scratch_remove) char *folder = scratch_make();
	struct error err = { 0 };
	until_return(store_close) struct store *store = store_open(folder, STORE_write, &err);

	for (unsigned format = 0; format < REPORT_FORMATS; format++) {
		until_return(told_clear) struct told told = tell(store, (enum report_format)format,
			&(struct timeline_query){ 0 });

		if (format == FORMAT_html)
			page_check(told.text);
		assert_non_null(
			strcasestr(told.text, "nothing is recorded in this stretch of time"));
	}
}

static const struct {
	const char *id;
	size_t detections;
} choices[] = {
	{ "0h8q000000001", 1 },
	{ "0h8q00000001", 4 }, /* the beginning of four ids */
	{ "l3wqaaiaaaaabmwqlyaaaimyaae", 0 }, /* one digit too many */
	{ "no such", 0 },
};

static void a_timeline_of_some_detections_has_only_them(void **state)
{
	until_return(scene_clear) struct scene scene;

	scene_set(&scene);
	for (size_t i = 0; i < array_size(choices); i++) {
		struct text id = text_of(choices[i].id);
		struct timeline_query query = { .ids = &id, .id_count = 1 };
		struct error err = { 0 };
		until_return(timeline_free) struct timeline *timeline = timeline_new(scene.store,
			&query, &err);

		assert_int_equal(timeline ? timeline->detections : 0, choices[i].detections);
		assert_int_equal(strstr(err.text, "has the id") != NULL, !choices[i].detections);
	}
}

static void the_tree_around_a_detection_shows_its_relatives(void **state)
{
	until_return(scene_clear) struct scene scene;
	until_return(kin_free) struct kin *kin = NULL;
	until_return(tree_free) struct tree *tree = NULL;
	until_return(told_clear) struct told told = { 0 }, expected = file_read("expected.tree");
	struct error err = { 0 };
	FILE *out;

	scene_set(&scene);
	kin = kin_new(scene.store);
	tree = tree_new(kin);
	assert_int_equal(tree_around(tree, scene.store, TEXT("0h8q000000001"), &err), 0);
	out = open_memstream(&told.text, &told.n);
	report_tree_text(tree, out);
	report_tree_json(tree, out);
	fclose(out);
	assert_string_equal(told.text, expected.text);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_story_is_told_as_expected),
		cmocka_unit_test(nothing_hostile_gets_out),
		cmocka_unit_test(the_table_is_one_and_holds_no_formula),
		cmocka_unit_test(each_line_is_json),
		cmocka_unit_test(the_page_is_whole_and_loads_nothing),
		cmocka_unit_test(an_empty_store_gives_an_honest_page),
		cmocka_unit_test(a_timeline_of_some_detections_has_only_them),
		cmocka_unit_test(the_tree_around_a_detection_shows_its_relatives),
	};

	story = argc > 1 ? argv[1] : "story";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
