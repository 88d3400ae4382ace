// SPDX-License-Identifier: Apache-2.0
// The formats by their names.

#include <string.h>

#include "base/own.h"
#include "intrusion/report/report.h"

static const struct {
	const char *name;
	void (*write)(const struct timeline *timeline, FILE *out);
} formats[REPORT_FORMATS] = {
#define FORMAT(name, sentence) { #name, report_##name },
#include "intrusion/report/format.def"
#undef FORMAT
};

enum report_format report_format(const char *name)
{
	unsigned i = 0;

	while (i < REPORT_FORMATS && strcmp(name, formats[i].name))
		i++;
	return (enum report_format)i;
}

const char *report_formats(void)
{
	static char names[256];

	names[0] = 0;
	for (size_t i = 0; i < REPORT_FORMATS; i++) {
		strcat(names, !i ? "" : i + 1 < REPORT_FORMATS ? ", " : " or ");
		strcat(names, formats[i].name);
	}
	return names;
}

void report_write(const struct timeline *timeline, enum report_format format, FILE *out)
{
	formats[format].write(timeline, out);
}
