// SPDX-License-Identifier: Apache-2.0
// Sentences about what the world refused.

#include <stdio.h>
#include <string.h>

#include "base/error.h"

int fail(struct error *err, const char *format, ...)
{
	va_list args;

	if (!err)
		return -1;
	va_start(args, format);
	vsnprintf(err->text, sizeof err->text, format, args);
	va_end(args);
	return -1;
}

int fail_in(struct error *err, const char *format, ...)
{
	char was[sizeof err->text];
	va_list args;
	int n;

	if (!err)
		return -1;
	memcpy(was, err->text, sizeof was);
	va_start(args, format);
	n = vsnprintf(err->text, sizeof err->text, format, args);
	va_end(args);
	if (n >= 0 && (size_t)n < sizeof err->text)
		snprintf(err->text + n, sizeof err->text - (size_t)n, "%s", was);
	return -1;
}
