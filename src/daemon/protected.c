// SPDX-License-Identifier: Apache-2.0
// Programs that are never stopped unless a rule names them: a host that loses them can no longer
// be helped.

#include "base/own.h"
#include "daemon/protected.h"

const char *const protected_programs[] = {
#define PROGRAM(path) path,
#include "daemon/protected.def"
#undef PROGRAM
};

const size_t protected_count = array_size(protected_programs);

bool protected_is(struct text executable)
{
	for (size_t i = 0; i < protected_count; i++)
		if (text_is(executable, protected_programs[i]))
			return true;
	return false;
}
