// SPDX-License-Identifier: Apache-2.0
// The strings that `of` speaks about.

#include "detect/yara/set.h"

size_t set_strings(const struct yara_rule *rule, const struct yara_node *node,
	const struct yara_pattern **strings, int64_t *work)
{
	static const struct yara_member all = {.token = {.text = TEXT("$*")}};
	size_t n = 0;

	if (node->rules)
		return 0;
	for (const struct yara_member *m = node->them ? &all : node->set; m; m = m->next) {
		size_t before = n;

		*work -= (int64_t)rule->n;
		if (*work < 0)
			return 0;
		for (const struct yara_pattern *p = rule->strings; p; p = p->next)
			if (yara_member_fits(m->token.text, p->name.text)) {
				if (n == SET_MAX)
					return 0;
				strings[n++] = p;
			}
		if (n == before)
			return 0;
	}
	return n;
}

uint64_t set_needed(const struct yara_node *node, size_t n)
{
	switch (node->quantity) {
	case QUANTITY_all:
		return n;
	case QUANTITY_any:
	case QUANTITY_none:
		return 1;
	case QUANTITY_number:
		if (node->quantity_value->kind == NODE_number && node->quantity_value->number > 0)
			return (uint64_t)node->quantity_value->number;
		return 0;
	default:
		return 0;
	}
}
