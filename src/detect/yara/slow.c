// SPDX-License-Identifier: Apache-2.0
// What makes rules slow: strings without an atom of four bytes, loops as long as the file says.

#include "base/printable.h"
#include "detect/yara/atom.h"
#include "detect/yara/lint_private.h"

/* SHORT_WIDE: with nocase each letter of an atom doubles it, with wide it holds only two. CHAINED:
 * YARA searches what stands before and behind a longer jump by itself. */
enum { SHORT_WIDE = 6, CHAINED = 200, LOOP_LONG = 65536 };

static void text_find(struct lint *lint, const struct yara_pattern *p)
{
	unsigned length = measure_text(p->value.text).longest;

	if (p->modifiers & YARA_base64)
		return;
	if (length < ATOM)
		lint_find(lint, &p->value, YARA_LINT_short_string,
			"string '%.*s' has %u of the 4 bytes that a search needs; make it longer, "
			"or compare a number at a fixed place", TEXT_PRINT(p->name.text), length);
	else if (length < SHORT_WIDE && p->modifiers & YARA_nocase && p->modifiers & YARA_wide)
		lint_find(lint, &p->value, YARA_LINT_short_wide,
			"string '%.*s' is short for nocase and wide; make it longer, or take one "
			"of them out", TEXT_PRINT(p->name.text));
}

static void regex_find(struct lint *lint, const struct yara_pattern *p)
{
	struct measure m = measure_regex(p->value.text);

	if (m.lost)
		return;
	if (m.open)
		lint_find(lint, &p->value, YARA_LINT_regex_open,
			"'%.*s' begins with what fits anything; leave that out, a string is found "
			"anywhere", TEXT_PRINT(p->name.text));
	if (m.greedy)
		lint_find(lint, &p->value, YARA_LINT_regex_greedy,
			"'%.*s' has an unbounded '.*' or '.+'; give it a bound such as .{0,64}",
			TEXT_PRINT(p->name.text));
	if (m.longest < ATOM)
		lint_find(lint, &p->value, YARA_LINT_regex_atom,
			"'%.*s' is sure of %u bytes in a row, and a search needs 4; begin it with "
			"more that is fixed", TEXT_PRINT(p->name.text), m.longest);
}

static void hex_find(struct lint *lint, const struct yara_pattern *p)
{
	struct measure m = measure_hex(p->value.text);

	if (m.lost)
		return;
	if (m.open)
		lint_find(lint, &p->value, YARA_LINT_hex_lead,
			"'%.*s' begins with a jump or a wildcard; begin it with the first fixed "
			"byte", TEXT_PRINT(p->name.text));
	if (m.jump == JUMP_UNBOUNDED)
		lint_find(lint, &p->value, YARA_LINT_hex_jump,
			"'%.*s' has a jump without an end; bound it, or make two strings and "
			"compare their offsets", TEXT_PRINT(p->name.text));
	else if (m.jump > CHAINED)
		lint_find(lint, &p->value, YARA_LINT_hex_jump,
			"'%.*s' jumps over up to %u bytes; make two strings and compare their "
			"offsets", TEXT_PRINT(p->name.text), m.jump);
	if (m.wild > m.fixed)
		lint_find(lint, &p->value, YARA_LINT_hex_wild,
			"'%.*s' has more wildcards than fixed bytes; add bytes, or use a jump",
			TEXT_PRINT(p->name.text));
	else if (m.longest < ATOM)
		lint_find(lint, &p->value, YARA_LINT_hex_atom,
			"'%.*s' is sure of %u bytes in a row, and a search needs 4; add bytes",
			TEXT_PRINT(p->name.text), m.longest);
}

void lint_strings(struct lint *lint)
{
	for (const struct yara_pattern *p = lint->rule->strings; p; p = p->next)
		if (p->value.kind == YARA_text)
			text_find(lint, p);
		else if (p->value.kind == YARA_regex)
			regex_find(lint, p);
		else
			hex_find(lint, p);
}

static bool asks_size(const struct yara_node *node)
{
	if (node->kind == NODE_filesize)
		return true;
	for (const struct yara_node *operand = node->first; operand; operand = operand->next)
		if (asks_size(operand))
			return true;
	return false;
}

static void loop_find(struct lint *lint, const struct yara_node *node)
{
	const struct yara_node *from = node->from, *to = node->to;
	int64_t times;

	if (to->kind == NODE_count)
		lint_find(lint, &node->token, YARA_LINT_loop_long,
			"the loop runs as often as %.*s says; bound it, or write 'for any of' "
			"with the string", TEXT_PRINT(to->text));
	else if (asks_size(to))
		lint_find(lint, &node->token, YARA_LINT_loop_long,
			"the loop goes through the whole file; search for a string, or bound it "
			"by a number");
	else if (from->kind == NODE_number && to->kind == NODE_number &&
		!__builtin_sub_overflow(to->number, from->number, &times) && times > LOOP_LONG)
		lint_find(lint, &node->token, YARA_LINT_loop_long,
			"the loop runs more than %d times; search for a string instead",
			LOOP_LONG);
}

void lint_loops(struct lint *lint, const struct yara_node *node)
{
	if (node->kind == NODE_for_in && node->to)
		loop_find(lint, node);
	for (const struct yara_node *operand = node->first; operand; operand = operand->next)
		lint_loops(lint, operand);
}
