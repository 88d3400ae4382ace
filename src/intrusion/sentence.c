// SPDX-License-Identifier: Apache-2.0
// Sentences about events, filled in from the templates of sentence.def.

#include <stdio.h>
#include <string.h>

#include "base/own.h"
#include "base/printable.h"
#include "intrusion/sentence.h"
#include "intrusion/words.h"

enum { COMMAND_MAX = 300, VALUE_MAX = 300, TEXT_MAX = 4096 };

static const struct template
{
	enum event_kind kind;
	const char *text;
}
templates[] = {
#define SENTENCE(kind, template) { EVENT_##kind, template },
#include "intrusion/sentence.def"
#undef SENTENCE
};

/* What a template is filled from. */
struct telling {
	const struct event *event;
	struct arena *arena;
	bool prevented;
};

static struct text shown(const struct telling *telling, struct text text, size_t max)
{
	return text_shorten(telling->arena, text_printable(telling->arena, text), max);
}

static struct text endpoint(const struct telling *telling, struct address address, int64_t port)
{
	char buffer[FIELD_BUFFER];
	struct text text = address_text(address, buffer);
	const char *open = address.family == 6 ? "[" : "", *close = address.family == 6 ? "]" : "";

	if (!address.family)
		return (struct text){ 0 };
	if (port == NUMBER_NONE || !port)
		return arena_copy(telling->arena, text);
	return arena_format(telling->arena, "%s%.*s%s:%lld", open, TEXT_PRINT(text), close,
		(long long)port);
}

/*
 * Source and destination are those of the connection: of an accepted one the peer is the source.
 */
static struct text side(const struct telling *telling, bool peer)
{
	const struct network *network = telling->event->network;

	if (!network)
		return (struct text){ 0 };
	if (peer == text_is(network->direction, "ingress"))
		return endpoint(telling, network->source_ip, network->source_port);
	if (network->destination_ip.family || peer)
		return endpoint(telling, network->destination_ip, network->destination_port);
	return (struct text){ 0 };
}

static struct text word_who(const struct telling *telling)
{
	return process_words(telling->event->process, telling->arena);
}

static struct text word_up(const struct telling *telling)
{
	const struct process *process = telling->event->process;
	const struct process *up = process ? process_up(process) : NULL;

	return up ? process_words(up, telling->arena) : (struct text){ 0 };
}

static struct text word_command(const struct telling *telling)
{
	const struct process *process = telling->event->process;

	if (!process || !process->command_line.n)
		return (struct text){ 0 };
	return process_command(process, COMMAND_MAX, telling->arena);
}

static struct text word_peer(const struct telling *telling)
{
	return side(telling, true);
}

/* A raw socket that is bound has a local address only, whichever side it was noted on. */
static struct text word_here(const struct telling *telling)
{
	const struct network *network = telling->event->network;

	if (network && telling->event->kind != EVENT_network_accept && network->source_ip.family)
		return endpoint(telling, network->source_ip, network->source_port);
	return side(telling, false);
}

static struct text word_mode(const struct telling *telling)
{
	const struct file *file = telling->event->file;

	if (!file || file->mode == NUMBER_NONE)
		return (struct text){ 0 };
	return arena_format(telling->arena, "%04llo", (unsigned long long)file->mode & 07777);
}

static struct text word_failure(const struct telling *telling)
{
	const struct event *event = telling->event;
	int64_t result = event->file ? event->file->result
		: event->call ? event->call->result
		: event->network ? event->network->result
		: NUMBER_NONE;
	char buffer[128];

	if (result == NUMBER_NONE || !result)
		return (struct text){ 0 };
	return arena_format(telling->arena, "%s", strerror_r((int)result, buffer, sizeof buffer));
}

static struct text word_missing(const struct telling *telling)
{
	const struct sensor *sensor = telling->event->sensor;
	struct text class_ = sensor ? shown(telling, sensor->class_, VALUE_MAX) : TEXT("");

	if (!sensor || sensor->count == NUMBER_NONE)
		return TEXT("events are missing, and how many is not known");
	return arena_format(telling->arena, "%.*s%s%.*s %s missing",
		TEXT_PRINT(number_words(sensor->count, telling->arena)), class_.n ? " " : "",
		TEXT_PRINT(arena_format(telling->arena, "%.*s event%s", TEXT_PRINT(class_),
			sensor->count == 1 ? "" : "s")),
		sensor->count == 1 ? "is" : "are");
}

static struct text word_cause(const struct telling *telling)
{
	static const struct {
		const char *cause, *words;
	} causes[] = {
		{ "ring_full", "they came faster than they could be read" },
		{ "recursion", "the kernel was busy with one of the same kind" },
		{ "late", "they came too late to be put in order" },
		{ "cut", "they were cut" },
		{ "store", "the store could not keep them" },
		{ "memory", "there was no memory for them" },
	};
	const struct sensor *sensor = telling->event->sensor;

	if (!sensor)
		return (struct text){ 0 };
	if (sensor->message.n)
		return shown(telling, sensor->message, VALUE_MAX);
	for (size_t i = 0; i < array_size(causes); i++)
		if (text_is(sensor->cause, causes[i].cause))
			return text_of(causes[i].words);
	return sensor->cause.n ? shown(telling, sensor->cause, VALUE_MAX) : (struct text){ 0 };
}

static const struct word {
	const char *name;
	struct text (*value)(const struct telling *telling);
} words[] = {
	{ "who", word_who },
	{ "up", word_up },
	{ "command", word_command },
	{ "peer", word_peer },
	{ "here", word_here },
	{ "mode", word_mode },
	{ "failure", word_failure },
	{ "missing", word_missing },
	{ "cause", word_cause },
};

/* The value of a placeholder; no text if it is not known. */
static struct text value_of(const struct telling *telling, struct text name)
{
	char buffer[FIELD_BUFFER];
	const struct field *field;
	const void *object;
	struct text text;

	for (size_t i = 0; i < array_size(words); i++)
		if (text_is(name, words[i].name))
			return words[i].value(telling);
	field = field_by_json(name);
	object = field ? event_object(telling->event, field->object) : NULL;
	if (!object || !field_known(field, object))
		return (struct text){ 0 };
	text = field_text(field, object, buffer);
	if (text.at == buffer)
		text = arena_copy(telling->arena, text);
	return text.n ? shown(telling, text, VALUE_MAX) : (struct text){ 0 };
}

/* <a|b> at `at`: the part to take; `*end` is set behind the '>'. */
static struct text choice(const char *at, bool second, const char **end)
{
	const char *bar = strchr(at, '|'), *close = strchr(at, '>');

	*end = close + 1;
	return second ? (struct text){ bar + 1, (size_t)(close - bar - 1) }
		      : (struct text){ at + 1, (size_t)(bar - at - 1) };
}

static struct text template_fill(const struct telling *telling, const char *template)
{
	char out[TEXT_MAX];
	size_t n = 0;

	while (*template) {
		const char *end = template + 1;
		struct text part = { template, 1 };

		if (*template == '<') {
			part = choice(template, telling->prevented, &end);
		} else if (*template == '{') {
			end = strchr(template, '}') + 1;
			part = value_of(telling,
				(struct text){ template + 1, (size_t)(end - template - 2) });
			if (!part.at)
				return (struct text){ 0 };
		}
		if (part.n > sizeof out - n)
			break; /* every part is short, so this is never reached by more than a hair
				*/
		memcpy(out + n, part.at, part.n);
		n += part.n;
		template = end;
	}
	return arena_copy(telling->arena, (struct text){ out, n });
}

struct text event_sentence(const struct event *event, struct arena *arena)
{
	struct telling telling = { .event = event, .arena = arena };
	enum event_kind kind = event->kind;

	if (kind == EVENT_detection && event->detection) {
		enum event_kind seen = kind_by_name(event->detection->event_kind);

		kind = seen == EVENT_KINDS ? kind : seen;
		telling.prevented = detection_is_prevented(event->detection);
	}
	for (size_t i = 0; i < array_size(templates); i++) {
		struct text sentence;

		if (templates[i].kind != kind)
			continue;
		sentence = template_fill(&telling, templates[i].text);
		if (sentence.at)
			return sentence;
	}
	return arena_format(arena, "%s", kinds[kind].sentence);
}
