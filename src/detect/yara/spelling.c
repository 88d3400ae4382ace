// SPDX-License-Identifier: Apache-2.0
// One spelling for equal values of a condition.

#include <stdio.h>

#include "detect/yara/condition.h"

/* Writes the spelling behind the `n` bytes that are there; with `out` NULL it only counts. */
static size_t spell(const struct yara_node *node, char *out, size_t n)
{
	const struct yara_node *operand = node->first;
	const char *open = "(", *close = ")";
	char digits[32];
	struct text text = node->text;

#define PUT(piece)                                                                                \
	({                                                                                        \
		struct text piece_ = (piece);                                                     \
		if (out && piece_.n)                                                              \
			memcpy(out + n, piece_.at, piece_.n);                                     \
		n += piece_.n;                                                                    \
	})
	switch (node->kind) {
	case NODE_number:
		snprintf(digits, sizeof digits, "%lld", (long long)node->number);
		text = text_of(digits);
		break;
	case NODE_arithmetic:
		PUT(TEXT("("));
		n = spell(operand, out, n);
		PUT(text);
		n = spell(operand->next, out, n);
		PUT(TEXT(")"));
		return n;
	case NODE_member:
		n = spell(operand, out, n);
		PUT(TEXT("."));
		operand = NULL;
		break;
	case NODE_index:
	case NODE_call:
		n = spell(operand, out, n);
		open = node->kind == NODE_call ? "(" : "[";
		close = node->kind == NODE_call ? ")" : "]";
		text = (struct text){0};
		operand = operand->next;
		break;
	case NODE_offset:
	case NODE_length:
		open = "[";
		close = "]";
		break;
	default:
		break;
	}
	PUT(text);
	if (!operand)
		return n;
	PUT(text_of(open));
	for (; operand; operand = operand->next) {
		n = spell(operand, out, n);
		if (operand->next)
			PUT(TEXT(","));
	}
	PUT(text_of(close));
#undef PUT
	return n;
}

struct text yara_spelling(const struct yara_node *node, struct arena *arena)
{
	size_t n = spell(node, NULL, 0);
	char *out = arena_alloc(arena, n + 1);

	spell(node, out, 0);
	return (struct text){out, n};
}
