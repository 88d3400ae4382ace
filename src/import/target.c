// SPDX-License-Identifier: Apache-2.0
// What was asked of a web server.

#include "import/target.h"

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct text percent_decoded(struct arena *arena, struct text text)
{
	char *out;
	size_t n = 0;

	if (!text.n || !memchr(text.at, '%', text.n))
		return text;
	out = arena_alloc(arena, text.n);
	for (size_t i = 0; i < text.n; i++) {
		int high = text.at[i] == '%' && i + 2 < text.n ? hex(text.at[i + 1]) : -1;
		int low = high >= 0 ? hex(text.at[i + 2]) : -1;

		out[n++] = low >= 0 ? (char)(high << 4 | low) : text.at[i];
		i += low >= 0 ? 2 : 0;
	}
	return (struct text){out, n};
}

static void add(struct record *record, struct record_names *names, const char *name,
	struct text value)
{
	record_add(record, record_names_get(names, PART_data, text_of(name)), VALUE_text, value);
}

/* A value, and what it is decoded where that is something else. */
static void add_both(struct record *record, struct record_names *names, const char *name,
	struct text value)
{
	struct text decoded = percent_decoded(record->arena, value);

	add(record, names, name, value);
	if (decoded.at != value.at)
		add(record, names, name, decoded);
}

void target_add(struct record *record, struct record_names *names, struct text target)
{
	struct text query = target, stem = text_until(&query, '?');

	add_both(record, names, "cs-uri", target);
	add_both(record, names, "cs-uri-stem", stem);
	if (query.n)
		add_both(record, names, "cs-uri-query", query);
	add_both(record, names, "cs-uri-query", target);
}

void request_add(struct record *record, struct record_names *names, struct text request)
{
	struct text rest = request, method = text_until(&rest, ' ');
	struct text version = {0}, target = rest;
	const char *last;

	if (!rest.n) { /* no request at all: "-", or bytes of another protocol */
		add(record, names, "cs-uri", request);
		return;
	}
	last = memrchr(rest.at, ' ', rest.n);
	if (last && rest.n - (size_t)(last - rest.at) > 5 && !memcmp(last + 1, "HTTP", 4)) {
		target.n = (size_t)(last - rest.at);
		version = (struct text){last + 1, rest.n - target.n - 1};
	}
	add(record, names, "cs-method", method);
	target_add(record, names, target);
	if (version.n)
		add(record, names, "cs-version", version);
}
