// SPDX-License-Identifier: Apache-2.0
// A linter of YARA rules: rule by rule, each kind of finding by the file that knows it.

#include <stdarg.h>
#include <stdio.h>

#include "base/own.h"
#include "base/printable.h"
#include "detect/yara/lint_private.h"

static const struct {
	const char *name, *sentence;
	bool misses;
} kinds[] = {
#define LINT(name, shown, misses, sentence) {shown, sentence, misses},
#include "detect/yara/lint.def"
#undef LINT
};

const char *yara_lint_name(enum yara_lint_kind kind)
{
	return kinds[kind].name;
}

const char *yara_lint_sentence(enum yara_lint_kind kind)
{
	return kinds[kind].sentence;
}

bool yara_lint_misses(enum yara_lint_kind kind)
{
	return kinds[kind].misses;
}

void lint_find(struct lint *lint, const struct yara_token *place, enum yara_lint_kind kind,
	const char *format, ...)
{
	struct yara_finding found = {.rule = lint->rule->name.text, .kind = kind,
		.line = place->line, .column = place->column};
	char sentence[512];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof sentence, format, args);
	va_end(args);
	found.sentence = arena_copy(lint->arena, text_of(sentence));
	lint->each(lint->context, &found);
}

static void unused_find(struct lint *lint)
{
	for (const struct yara_pattern *p = lint->rule->strings; p; p = p->next)
		if (!p->used && !text_starts(p->name.text, TEXT("$_")))
			lint_find(lint, &p->name, YARA_LINT_unused,
				"string '%.*s' is never used; name it in the condition or remove "
				"it", TEXT_PRINT(p->name.text));
}

static bool member_fits_any(const struct yara_rule *rule, struct text member)
{
	for (const struct yara_pattern *p = rule->strings; p; p = p->next)
		if (yara_member_fits(member, p->name.text))
			return true;
	return false;
}

static void empty_sets_find(struct lint *lint)
{
	for (const struct yara_member *m = lint->rule->sets; m; m = m->next)
		if (!member_fits_any(lint->rule, m->token.text))
			lint_find(lint, &m->token, YARA_LINT_set_empty,
				"no string fits '%.*s'; name one that is there",
				TEXT_PRINT(m->token.text));
}

void yara_lint(struct text source, struct arena *arena,
	void (*each)(void *context, const struct yara_finding *finding), void *context)
{
	struct yara_scanner scanner = yara_scanner_of(source);
	struct lint lint = {arena, each, context, NULL};

	while ((lint.rule = yara_rule_next(&scanner, arena))) {
		unused_find(&lint);
		empty_sets_find(&lint);
		lint_strings(&lint);
		if (!lint.rule->condition)
			continue;
		lint_loops(&lint, lint.rule->condition);
		lint_ranges(&lint, lint.rule->condition);
		lint_truth(&lint);
	}
}
