// SPDX-License-Identifier: Apache-2.0
// Comparisons with what a number cannot be, and sets that hold less than is asked for.

#include <inttypes.h>

#include "base/memory.h"
#include "base/own.h"
#include "base/printable.h"
#include "detect/yara/lint_private.h"
#include "detect/yara/number.h"
#include "detect/yara/set.h"

enum { WORK_MAX = 1000000 };

/* The value that is meant where a digit too many was printed, of the heads of files that are
 * often asked for; NULL if none comes to mind. */
static const char *meant_told(int64_t number, unsigned bits)
{
	static const struct {
		int64_t number;
		unsigned bits;
		const char *told;
	} heads[] = {
		{0x464c457f, 32, "0x464c457f if the head of an ELF program"},
		{0x7f454c46, 32, "0x7f454c46 if the head of an ELF program"},
		{0x5a4d, 16, "0x5a4d if the head of a Windows program"},
		{0x4d5a, 16, "0x4d5a if the head of a Windows program"},
		{0x00004550, 32, "0x00004550 if the head of a PE program"},
		{0x04034b50, 32, "0x04034b50 if the head of a ZIP archive"},
		{0x46445025, 32, "0x46445025 if the head of a PDF document"},
		{0xe011cfd0, 32, "0xe011cfd0 if the head of an OLE document"},
		{0xfeedface, 32, "0xfeedface if the head of a Mach-O program"},
		{0xfeedfacf, 32, "0xfeedfacf if the head of a Mach-O program"},
		{0xcafebabe, 32, "0xcafebabe if the head of a Java class"},
	};

	for (size_t i = 0; i < array_size(heads); i++)
		for (unsigned digit = 0; heads[i].bits == bits && digit <= bits; digit += 4) {
			int64_t low = number & ((INT64_C(1) << digit) - 1);
			int64_t high = number >> digit >> 4 << digit;

			if ((high | low) == heads[i].number)
				return heads[i].told;
		}
	return NULL;
}

static void never_fits_tell(struct lint *lint, const struct yara_node *node,
	const struct question *q)
{
	const struct yara_node *number = node->first->kind == NODE_number ? node->first->next
									  : node->first;
	const struct interval *natural = q->number.natural.at;
	const char *meant = NULL;
	bool equal = q->operator[0] == '=';

	if (number->kind != NODE_integer || !equal) {
		lint_find(lint, &node->token, YARA_LINT_too_large,
			"%.*s %s %.*s never holds, as it is %.*s; ask for a value it can have",
			TEXT_PRINT(q->number.spelling), q->operator, TEXT_PRINT(q->told),
			TEXT_PRINT(values_told(&q->number.natural, number->kind == NODE_integer &&
				!number->is_signed, lint->arena)));
		return;
	}
	if (q->constant > 0)
		meant = meant_told(q->constant, number->bits);
	if (meant)
		lint_find(lint, &node->token, YARA_LINT_too_large,
			"no %u-bit value equals %.*s, which has a digit too many; write %s is "
			"meant", number->bits, TEXT_PRINT(q->told), meant);
	else if (number->is_signed && q->constant > natural->high &&
		q->constant <= natural->high * 2 + 1)
		lint_find(lint, &node->token, YARA_LINT_too_large,
			"no signed %u-bit value equals %.*s; write u%.*s", number->bits,
			TEXT_PRINT(q->told), TEXT_PRINT(number->text));
	else
		lint_find(lint, &node->token, YARA_LINT_too_large,
			"no %u-bit value equals %.*s; look for a wrong digit, or ask a function "
			"that fits", number->bits, TEXT_PRINT(q->told));
}

/* Comparisons with what a number cannot be, or always is. */
static void range_find(struct lint *lint, const struct yara_node *node)
{
	struct question q;
	struct values values;

	if (node->kind != NODE_compare ||
		!question_of(lint->rule, node, lint->arena, &q) || !q.number.whole)
		return;
	values = question_values(&q);
	if (number_is_never(&q.number, &values))
		never_fits_tell(lint, node, &q);
	else if (values_within(&q.number.natural, &values))
		lint_find(lint, &node->token, YARA_LINT_needless,
			"%.*s %s %.*s holds whatever the value is, as it is %.*s; take it out, or "
			"correct the value", TEXT_PRINT(q.number.spelling), q.operator,
			TEXT_PRINT(q.told), TEXT_PRINT(values_told(&q.number.natural,
				q.number.hexadecimal, lint->arena)));
}

static void set_find(struct lint *lint, const struct yara_node *node)
{
	until_return(memory_free) const struct yara_pattern **strings = NULL;
	int64_t work = WORK_MAX;
	size_t n;

	if ((node->kind != NODE_of && node->kind != NODE_for_of) ||
		node->quantity != QUANTITY_number)
		return;
	strings = memory_resize(NULL, SET_MAX, sizeof *strings);
	n = set_strings(lint->rule, node, strings, &work);
	if (n && set_needed(node, n) > n)
		lint_find(lint, &node->token, YARA_LINT_set_small,
			"%" PRIu64 " strings are asked for of a set of %zu; ask for fewer, or for "
			"'all of'", set_needed(node, n), n);
}

void lint_ranges(struct lint *lint, const struct yara_node *node)
{
	range_find(lint, node);
	set_find(lint, node);
	for (const struct yara_node *operand = node->first; operand; operand = operand->next)
		lint_ranges(lint, operand);
}
