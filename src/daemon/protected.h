/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that are never stopped unless a rule names them: see protected.def. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

extern const char *const protected_programs[];
extern const size_t protected_count;

bool protected_is(struct text executable);
