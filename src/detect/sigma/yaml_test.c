// SPDX-License-Identifier: Apache-2.0
// Tests: YAML keeps the places of things, and says where it is broken.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "base/own.h"
#include "detect/sigma/case_test.h"
#include "detect/sigma/yaml.h"

static void a_node_knows_its_line_and_column(void **state)
{
	until_return(arena_clear) struct arena arena = {0};
	struct yaml_mistake broken;
	struct yaml *root, *list;

	assert_int_equal(
		yaml_read(TEXT("title: a\ndetection:\n    list:\n      - x\n      - 'y'\n"), 10,
			&arena, &root, &broken),
		1);
	assert_int_equal(root->kind, YAML_map);
	assert_int_equal(root->count, 2);
	list = yaml_get(yaml_get(root, "detection"), "list");
	assert_non_null(list);
	assert_int_equal(list->count, 2);
	assert_int_equal(list->first->line, 13);
	assert_int_equal(list->first->column, 9);
	assert_false(list->first->quoted);
	assert_int_equal(list->last->line, 14);
	assert_true(list->last->quoted);
	assert_null(yaml_get(root, "nothing"));
}

static void a_scalar_is_what_the_core_schema_says(void **state)
{
	static const struct {
		const char *text;
		bool quoted;
		enum yaml_type type;
	} cases[] = {
		{"", false, YAML_null},
		{"", true, YAML_text},
		{"~", false, YAML_null},
		{"null", false, YAML_null},
		{"nul", false, YAML_text},
		{"true", false, YAML_flag},
		{"FALSE", false, YAML_flag},
		{"yes", false, YAML_text},
		{"true", true, YAML_text},
		{"12", false, YAML_number},
		{"-1.5e3", false, YAML_number},
		{".5", false, YAML_number},
		{"1.", false, YAML_number},
		{"0x1F", false, YAML_number},
		{"0x", false, YAML_text},
		{"1.2.3", false, YAML_text},
		{"1e", false, YAML_text},
		{"-", false, YAML_text},
		{".", false, YAML_text},
		{"12", true, YAML_text},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		struct yaml node = {.text = text_of(cases[i].text), .quoted = cases[i].quoted};

		if (yaml_type(&node) != cases[i].type)
			case_fails("'%s' is of type %d", cases[i].text, yaml_type(&node));
	}
}

static void a_number_has_one_decimal_text(void **state)
{
	static const struct {
		const char *number, *text;
	} cases[] = {
		{"4625", "4625"},
		{"007", "7"},
		{"-007", "-7"},
		{"+5", "5"},
		{"0", "0"},
		{"-0", "0"},
		{"1.50", "1.5"},
		{"1.0", "1"},
		{"1e3", "1000"},
		{"0x10", "16"},
		{"-2.5", "-2.5"},
		{"0.1", "0.1"},
		{"9223372036854775808", "9223372036854775808"},
	};
	until_return(arena_clear) struct arena arena = {0};

	for (size_t i = 0; i < array_size(cases); i++) {
		struct text text = number_canonical(text_of(cases[i].number), &arena);

		if (!text_is(text, cases[i].text))
			case_fails("%s became '%.*s'", cases[i].number, (int)text.n, text.at);
	}
	assert_null(number_canonical(TEXT("x"), &arena).at);
}

static void a_mistake_has_a_place_and_a_sentence(void **state)
{
	static const struct {
		const char *yaml;
		unsigned line, column;
		const char *part;
	} cases[] = {
		{"a: b: c\n", 1, 5, "mapping values"},
		{"a:\n\tb: c\n", 2, 1, "a tab"},
		{"a: [1, 2\n", 2, 1, "this is not YAML"},
		{"a: *nobody\n", 1, 4, "anchor that does not exist"},
		{"a: &a [*a]\n", 1, 8, "inside of what it names"},
		{"a: \x01\n", 1, 1, "not YAML text"},
		{"\xff\xfe\n", 1, 1, "not YAML text"},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		until_return(arena_clear) struct arena arena = {0};
		struct yaml_mistake broken = {0};
		struct yaml *root;

		assert_int_equal(yaml_read(text_of(cases[i].yaml), 1, &arena, &root, &broken), -1);
		if (!strstr(broken.sentence, cases[i].part) || broken.line != cases[i].line ||
		    broken.column != cases[i].column)
			case_fails("case %zu: %u:%u: %s", i, broken.line, broken.column,
				broken.sentence);
	}
}

static void nesting_and_aliases_are_bounded(void **state)
{
	until_return(arena_clear) struct arena arena = {0};
	struct yaml_mistake broken;
	struct yaml *root;
	char deep[2001], bomb[4096];
	int n = snprintf(bomb, sizeof bomb, "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");

	memset(deep, '[', 2000);
	assert_int_equal(yaml_read((struct text){deep, 2000}, 1, &arena, &root, &broken), -1);
	assert_non_null(strstr(broken.sentence, "nested more than 64 deep"));
	for (int i = 1; i < 9; i++)
		n += snprintf(bomb + n, sizeof bomb - (size_t)n,
			"a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,"
			"*a%d,*a%d,*a%d,*a%d,*a%d]\n",
			i, i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1,
			i - 1);
	assert_int_equal(yaml_read((struct text){bomb, (size_t)n}, 1, &arena, &root, &broken), -1);
	assert_non_null(strstr(broken.sentence, "more than 1000000 values"));
}

static void an_empty_document_is_no_document(void **state)
{
	until_return(arena_clear) struct arena arena = {0};
	struct yaml_mistake broken;
	struct yaml *root;

	assert_int_equal(yaml_read(TEXT("# only this\n"), 1, &arena, &root, &broken), 0);
	assert_int_equal(yaml_read(TEXT(""), 1, &arena, &root, &broken), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_node_knows_its_line_and_column),
		cmocka_unit_test(a_scalar_is_what_the_core_schema_says),
		cmocka_unit_test(a_number_has_one_decimal_text),
		cmocka_unit_test(a_mistake_has_a_place_and_a_sentence),
		cmocka_unit_test(nesting_and_aliases_are_bounded),
		cmocka_unit_test(an_empty_document_is_no_document),
	};

	return cmocka_run_group_tests_name("yaml", tests, NULL, NULL);
}
