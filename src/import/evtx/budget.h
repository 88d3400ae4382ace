/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much work one chunk may still cause. Templates can be used by many records, and values by
 * many places of a template, so that a hostile chunk of 64 KiB could ask for much more than its
 * size. The fullest chunk of the public samples takes an eighteenth of this.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum {
	BUDGET_CHUNK = 1 << 22, /* about one per byte that is written */
	BUDGET_STEP = 16, /* a field, an element, a template */
};

struct budget {
	size_t left;
};

#define BUDGET_GONE "its chunk asks for more work than a sound one can"

static inline bool budget_take(struct budget *budget, size_t amount)
{
	if (budget->left < amount) {
		budget->left = 0;
		return false;
	}
	budget->left -= amount;
	return true;
}
