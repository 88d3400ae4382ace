// SPDX-License-Identifier: Apache-2.0
// What is probably not meant so in YARA rules: rules one by one, their strings, their conditions.

#include "base/own.h"
#include "detect/yara/condition.h"
#include "detect/yara/lint.h"

enum { STRINGS_MAX = 10000, SHORT_BYTES = 4 };

const char *const yara_lint_names[LINTS] = {
#define LINT(name, sentence) #name,
#include "detect/yara/lint.def"
#undef LINT
};

struct lint {
	struct tokens tokens;
	struct arena *arena;
	void (*each)(void *context, const struct yara_finding *finding);
	void *context;
	struct text rule; /* at hand */
	struct text *names; /* of its strings */
	size_t name_n;
	struct token first_whole; /* where all of a file is asked for; end: nowhere */
	struct token last; /* place of the last note of a condition: it may be read twice */
};

static void tell(struct lint *l, enum yara_lint_kind kind, const struct token *place,
	struct text sentence)
{
	struct yara_finding finding = {l->rule, place->line, place->column, kind, sentence};

	l->each(l->context, &finding);
}

static bool is_again(struct lint *l, const struct token *place)
{
	bool again = l->last.line == place->line && l->last.column == place->column;

	l->last = *place;
	return again;
}

static void on_loop(void *context, const struct token *place, struct text over)
{
	struct lint *l = context;

	if (!is_again(l, place))
		tell(l, LINT_loop, place, arena_format(l->arena, "a loop up to %.*s looks at each "
			"place of every file; write a number, or a string instead",
			(int)over.n, over.at));
}

static void on_empty_set(void *context, const struct token *place)
{
	struct lint *l = context;

	if (!is_again(l, place))
		tell(l, LINT_empty_set, place, arena_format(l->arena, "'%.*s' stands for no "
			"string of this rule; name one, or leave it out", (int)place->text.n,
			place->text.at));
}

static void on_whole_file(void *context, const struct token *place)
{
	struct lint *l = context;

	if (l->first_whole.kind == TOKEN_end)
		l->first_whole = *place;
}

/* Passes over a block in braces that nobody looks into. */
static void block_pass(struct lint *l)
{
	for (unsigned depth = 1; depth && l->tokens.now.kind != TOKEN_end;) {
		depth += token_is(&l->tokens.now, "{");
		depth -= token_is(&l->tokens.now, "}");
		token_next(&l->tokens);
	}
}

/* Bytes of a text between its quotes, as YARA counts them. */
static size_t text_bytes(struct text text)
{
	size_t n = 0;

	for (size_t i = 1; i + 1 < text.n; i++, n++)
		if (text.at[i] == '\\')
			i += text.at[i + 1] == 'x' ? 3 : 1;
	return n;
}

static void text_check(struct lint *l, const struct token *name, const struct token *value)
{
	size_t n = text_bytes(value->text);

	if (n < SHORT_BYTES)
		tell(l, LINT_short_text, value, arena_format(l->arena, "%.*s has %zu byte%s and "
			"is found everywhere; write at least %d, or ask for it at a place "
			"(uint16 ...)",
			(int)name->text.n, name->text.at, n, n == 1 ? "" : "s", SHORT_BYTES));
}

/* name = value modifiers: up to the next name, or the end of the section. */
static void string_read(struct lint *l)
{
	struct token name = l->tokens.now, value;

	if (l->name_n < STRINGS_MAX)
		l->names[l->name_n++] = name.text;
	token_next(&l->tokens);
	if (!token_take(&l->tokens, "="))
		return;
	value = l->tokens.now;
	if (value.kind == TOKEN_text) {
		text_check(l, &name, &value);
		token_next(&l->tokens);
	} else if (token_is(&value, "/")) {
		token_regex(&l->tokens); /* libyara says itself which are slow */
	} else if (token_is(&value, "{")) {
		token_hex(&l->tokens);
	}
	while (l->tokens.now.kind == TOKEN_word && !token_is(&l->tokens.now, "condition")) {
		token_next(&l->tokens);
		if (token_take(&l->tokens, "("))
			while (l->tokens.now.kind != TOKEN_end && !token_take(&l->tokens, ")"))
				token_next(&l->tokens);
	}
}

/*
 * Tells what can never be true: the whole condition at the deepest place that it cannot do
 * without, else each alternative by itself.
 */
static void never_tell(struct lint *l, const struct node *node, bool whole)
{
	struct text why;
	struct token place;

	if (!yara_condition_may_hold(node, l->arena, &why, &place)) {
		tell(l, LINT_never, &place, arena_format(l->arena, "%s can never be true: %.*s",
			whole ? "the condition" : "this alternative", (int)why.n, why.at));
		return;
	}
	if (node->kind != NODE_and && node->kind != NODE_or)
		return;
	for (const struct node *child = node->first; child; child = child->next)
		never_tell(l, child, false);
}

static void condition_read(struct lint *l)
{
	const struct string_names names = {l->names, l->name_n};
	const struct condition_notes notes = {on_loop, on_empty_set, on_whole_file, l};
	struct token place = l->tokens.now;
	struct node *node;

	l->first_whole = (struct token){0};
	l->last = (struct token){0};
	node = yara_condition_read(&l->tokens, &names, &notes, l->arena);
	if (!node) {
		block_pass(l);
		return;
	}
	if (yara_condition_always(node))
		tell(l, LINT_always, &place, TEXT("the condition is true of every file; ask for "
			"something"));
	never_tell(l, node, true);
	if (l->first_whole.kind != TOKEN_end && !yara_condition_bounds_size(node))
		tell(l, LINT_whole_file, &l->first_whole, arena_format(l->arena, "'%.*s' reads "
			"the whole file, however large; ask for 'filesize < ...' too",
			(int)l->first_whole.text.n, l->first_whole.text.at));
	token_take(&l->tokens, "}");
}

static void rule_read(struct lint *l)
{
	l->rule = l->tokens.now.text;
	l->name_n = 0;
	while (l->tokens.now.kind != TOKEN_end && !token_take(&l->tokens, "{"))
		token_next(&l->tokens);
	while (l->tokens.now.kind != TOKEN_end) {
		if (token_take(&l->tokens, "condition") && token_take(&l->tokens, ":")) {
			condition_read(l);
			return;
		}
		if (token_take(&l->tokens, "strings") && token_take(&l->tokens, ":"))
			while (l->tokens.now.kind == TOKEN_string_name)
				string_read(l);
		else if (token_take(&l->tokens, "}"))
			return;
		else
			token_next(&l->tokens);
	}
}

void yara_lint(struct text source, struct arena *arena,
	void (*each)(void *context, const struct yara_finding *finding), void *context)
{
	struct lint l = {.arena = arena, .each = each, .context = context};

	l.names = arena_alloc(arena, STRINGS_MAX * sizeof *l.names);
	tokens_init(&l.tokens, source);
	while (l.tokens.now.kind != TOKEN_end) {
		if (token_take(&l.tokens, "rule"))
			rule_read(&l);
		else
			token_next(&l.tokens);
	}
}
