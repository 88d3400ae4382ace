// SPDX-License-Identifier: Apache-2.0
// Fuzzing of conditions and of values under every modifier: the input's first line is a field name
// with modifiers, the second a value, the rest a condition.

#include <stdio.h>

#include "base/own.h"
#include "detect/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A part of the input as a YAML text in single quotes. */
static void quoted(FILE *out, struct text text)
{
	putc('\'', out);
	for (size_t i = 0; i < text.n; i++)
		if (text.at[i] == '\'')
			fputs("''", out);
		else if ((unsigned char)text.at[i] >= 0x20)
			putc(text.at[i], out);
	putc('\'', out);
}

static struct text line_take(struct text *rest)
{
	const char *end = rest->n ? memchr(rest->at, '\n', rest->n) : NULL;
	struct text line = {rest->at, end ? (size_t)(end - rest->at) : rest->n};

	*rest = end ? (struct text){end + 1, rest->n - line.n - 1} : (struct text){"", 0};
	return line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text rest = {(const char *)data, size};
	until_return(memory_free) char *yaml = NULL;
	until_return(rules_free) struct rules *rules = rules_new();
	const struct rule *hits[4];
	size_t n;
	FILE *out = open_memstream(&yaml, &n);

	fputs("title: t\nlogsource: {category: test}\ndetection:\n  sel_a: {", out);
	quoted(out, line_take(&rest));
	fputs(": ", out);
	quoted(out, line_take(&rest));
	fputs("}\n  sel_b: {F|contains: b}\n  condition: ", out);
	quoted(out, rest);
	putc('\n', out);
	fclose(out);
	rules_add(rules, "x.yml", (struct text){yaml, n});
	rules_compile(rules);
	rules_match_json(rules, TEXT("{\"F\":\"aab/-c\",\"G\":12}"), hits, 4, NULL);
	return 0;
}
