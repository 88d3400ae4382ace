// SPDX-License-Identifier: Apache-2.0
// Fuzzing of the format 'journal'.

#include "import/format_fuzz.h"

FORMAT_FUZZ(journal)
