// SPDX-License-Identifier: Apache-2.0
// Routing of events to rules.

#include <stdlib.h>
#include <strings.h>

#include "base/memory.h"
#include "base/own.h"
#include "detect/sigma/route.h"

enum { IDS_MAX = 8 };

static const struct windows_source {
	struct text category, service, channel, field, value;
	uint16_t ids[IDS_MAX]; /* up to the first 0; none: all */
} windows_sources[] = {
#define SOURCE(category, service, channel, field, value, ...)                                     \
	{TEXT(category), TEXT(service), TEXT(channel), TEXT(field), TEXT(value), {__VA_ARGS__}},
#define RENAME(...)
#include "detect/sigma/logsource.def"
#undef SOURCE
#undef RENAME
};

static const struct windows_rename {
	struct text channel;
	uint16_t id;
	struct text to, from;
} windows_renames[] = {
#define SOURCE(...)
#define RENAME(channel, id, to, from) {TEXT(channel), id, TEXT(to), TEXT(from)},
#include "detect/sigma/logsource.def"
#undef SOURCE
#undef RENAME
};

static bool same(struct text a, struct text b)
{
	return a.n == b.n && (!a.n || !strncasecmp(a.at, b.at, a.n));
}

void sources_clear(struct sources *sources)
{
	free(sources->at);
	arena_clear(&sources->arena);
	*sources = (struct sources){0};
}

uint32_t sources_intern(struct sources *sources, const struct logsource *source)
{
	for (uint32_t i = 0; i < sources->n; i++)
		if (same(sources->at[i].product, source->product) &&
		    same(sources->at[i].category, source->category) &&
		    same(sources->at[i].service, source->service))
			return i;
	if (sources->n == SOURCES_MAX)
		return UINT32_MAX;
	if (sources->n == sources->size) {
		sources->size = sources->size ? sources->size * 2 : 64;
		sources->at = memory_resize(sources->at, sources->size, sizeof *sources->at);
	}
	sources->at[sources->n] = (struct logsource){
		.product = arena_copy(&sources->arena, source->product),
		.category = arena_copy(&sources->arena, source->category),
		.service = arena_copy(&sources->arena, source->service),
	};
	return sources->n++;
}

/* What a rule does not say fits every event; what it says, the event must say too. */
static bool rule_fits(const struct logsource *rule, const struct logsource *event)
{
	return (!rule->product.n || same(rule->product, event->product)) &&
		(!rule->category.n || same(rule->category, event->category)) &&
		(!rule->service.n || same(rule->service, event->service));
}

static void set_add(uint64_t *set, uint32_t i)
{
	set[i / 64] |= UINT64_C(1) << i % 64;
}

void route_stated(const struct sources *sources, const struct logsource *event, uint64_t *set)
{
	for (uint32_t i = 0; i < sources->n; i++)
		if (rule_fits(sources->at + i, event))
			set_add(set, i);
}

static struct logsource kind_source(enum event_kind kind)
{
	return (struct logsource){
		.product = TEXT("linux"),
		.category = text_of(kinds[kind].category),
	};
}

void route_kind(const struct sources *sources, enum event_kind kind, uint64_t *set)
{
	struct logsource source = kind_source(kind);

	if (source.category.n)
		route_stated(sources, &source, set);
}

void route_audit(const struct sources *sources, uint64_t *set)
{
	static const struct logsource audit = {TEXT("linux"), {0}, TEXT("auditd")};

	for (uint32_t i = 0; i < sources->n; i++)
		if (sources->at[i].service.n && rule_fits(sources->at + i, &audit))
			set_add(set, i);
}

static struct logsource windows_source(const struct windows_source *line)
{
	return (struct logsource){
		.product = TEXT("windows"),
		.category = line->category,
		.service = line->service,
	};
}

static bool is_known(const struct logsource *rule)
{
	for (size_t i = 0; i < array_size(windows_sources); i++) {
		struct logsource source = windows_source(windows_sources + i);

		if (rule_fits(rule, &source))
			return true;
	}
	for (unsigned kind = 0; kind < EVENT_KINDS; kind++) {
		struct logsource source = kind_source(kind);

		if (source.category.n && rule_fits(rule, &source))
			return true;
	}
	return false;
}

void route_unknown(const struct sources *sources, uint64_t *set)
{
	for (uint32_t i = 0; i < sources->n; i++)
		if (!is_known(sources->at + i))
			set_add(set, i);
}

static bool has_id(const struct windows_source *line, int64_t id)
{
	for (unsigned i = 0; i < IDS_MAX && line->ids[i]; i++)
		if (line->ids[i] == id)
			return true;
	return !line->ids[0];
}

void route_windows(const struct sources *sources, struct text channel, int64_t id,
	bool (*has)(void *context, struct text field, struct text value), void *context,
	uint64_t *set)
{
	struct logsource windows = {.product = TEXT("windows")};

	route_stated(sources, &windows, set);
	for (size_t i = 0; i < array_size(windows_sources); i++) {
		const struct windows_source *line = windows_sources + i;
		struct logsource source = windows_source(line);

		if (has_id(line, id) && same(line->channel, channel) &&
		    (!line->field.n || has(context, line->field, line->value)))
			route_stated(sources, &source, set);
	}
}

void route_renames(struct text channel, int64_t id,
	void (*each)(void *context, struct text to, struct text from), void *context)
{
	for (size_t i = 0; i < array_size(windows_renames); i++) {
		const struct windows_rename *rename = windows_renames + i;

		if ((!rename->id || rename->id == id) && same(rename->channel, channel))
			each(context, rename->to, rename->from);
	}
}

void route_fields(void (*each)(void *context, struct text name), void *context)
{
	for (size_t i = 0; i < array_size(windows_sources); i++)
		if (windows_sources[i].field.n)
			each(context, windows_sources[i].field);
	for (size_t i = 0; i < array_size(windows_renames); i++) {
		each(context, windows_renames[i].to);
		each(context, windows_renames[i].from);
	}
}
