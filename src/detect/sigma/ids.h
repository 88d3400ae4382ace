/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which event ids a rule can match at all, found in what it asks of the field EventID, so that it
 * is not asked about the others. Never stricter than the rule itself.
 */
#pragma once

#include "detect/sigma/expression.h"
#include "detect/sigma/field.h"

struct id_list {
	const int64_t *at;
	uint32_t n; /* 0: any id */
};

struct id_list ids_of(const struct expression *expression, const struct predicates *predicates,
	const struct fields *names, struct arena *arena);
