// SPDX-License-Identifier: Apache-2.0
// Fuzzing of the format 'auditd'.

#include "import/format_fuzz.h"

FORMAT_FUZZ(auditd)
