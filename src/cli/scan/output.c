// SPDX-License-Identifier: Apache-2.0
// The ways in which findings are written, and the simplest of them: a line of text each.

#include "base/own.h"
#include "base/printable.h"
#include "cli/scan/output.h"
#include "import/format.h"

enum { TOLD_MAX = 200 };

const struct output_way output_ways[] = {
#define OUTPUT(function, name, with_json, sentence)                                               \
	{name, sentence, output_##function, with_json},
#include "cli/scan/output.def"
#undef OUTPUT
};
const unsigned output_way_count = array_size(output_ways);

const struct output_way *output_find(const char *name)
{
	for (unsigned i = 0; i < output_way_count; i++)
		if (!strcmp(output_ways[i].name, name))
			return output_ways + i;
	return NULL;
}

void output_clear(struct output *output)
{
	arena_clear(&output->arena);
	json_writer_clear(&output->json);
}

void output_pair(struct json_writer *json, const char *key, struct text value)
{
	if (!value.at)
		return;
	json_key(json, text_of(key));
	json_string(json, value);
}

void output_text(struct output *output, struct text text)
{
	text = text_shorten(&output->arena, text_printable(&output->arena, text), TOLD_MAX);
	fprintf(output->out, "%.*s", TEXT_PRINT(text));
}

static void rule_line(struct output *output, const struct finding *finding, size_t i)
{
	const struct rule *rule = finding->rules[i];
	FILE *out = output->out;
	struct text time = finding_time(finding, &output->arena);

	if (time.n) {
		output_text(output, time);
		putc(' ', out);
	}
	output_text(output, rule->level.n ? rule->level : TEXT("medium"));
	putc(' ', out);
	output_text(output, rule->title);
	fputs(" [", out);
	output_text(output, rule->id);
	fprintf(out, "] %s:%llu", finding->file->name, (unsigned long long)finding->number);
	if (finding->host.n) {
		fputs(" Host=", out);
		output_text(output, finding->host);
	}
	for (unsigned g = 0; g < GLANCES; g++)
		if (finding->told[g].n) {
			fprintf(out, " %s=", glance_names[g]);
			output_text(output, finding->told[g]);
		}
	if (finding->notes[i].sentence.n) {
		fputs(": ", out);
		output_text(output, finding->notes[i].sentence);
	}
	if (finding->exceptions[i]) {
		fputs(" expected: ", out);
		output_text(output, finding->exceptions[i]->name);
	}
	putc('\n', out);
}

void output_lines(struct output *output, const struct finding *finding)
{
	arena_reset(&output->arena);
	for (size_t i = 0; i < finding->n; i++)
		rule_line(output, finding, i);
}
