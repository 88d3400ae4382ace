// SPDX-License-Identifier: Apache-2.0
// Fuzzing of the format 'syslog'.

#include "import/format_fuzz.h"

FORMAT_FUZZ(syslog)
