/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of YARA share. */
#pragma once

#include <yara.h>

#include "detect/yara/yara.h"

struct yara_rules {
	YR_RULES *compiled;
	const YR_RULE *first; /* the others lie behind it */
	struct yara_rule *at;
	size_t n;
	struct arena arena;
	bool initialized;
};
