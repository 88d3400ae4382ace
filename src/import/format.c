// SPDX-License-Identifier: Apache-2.0
// The formats, and which of them a file has.

#include "base/own.h"
#include "import/format.h"

#define FORMAT(name) extern const struct format format_##name;
#include "import/format.def"
#undef FORMAT

const struct format *const formats[] = {
#define FORMAT(name) &format_##name,
#include "import/format.def"
#undef FORMAT
};
const unsigned format_count = array_size(formats);

const struct format *format_of(struct text head, bool whole)
{
	const struct format *best = NULL;
	int most = 0;

	for (unsigned i = 0; i < format_count; i++) {
		int likeness = formats[i]->likeness(head, whole);

		if (likeness > most) {
			most = likeness;
			best = formats[i];
		}
	}
	return best;
}
