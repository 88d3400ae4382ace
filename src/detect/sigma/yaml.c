// SPDX-License-Identifier: Apache-2.0
// YAML into a tree with lines and columns.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

#include "base/own.h"
#include "detect/sigma/yaml.h"

enum { DEPTH_MAX = 64, NODES_MAX = 1000000, ANCHORS_MAX = 1000 };

struct anchor {
	struct anchor *next;
	struct text name;
	struct yaml *node; /* its size is 0 until it is closed */
};

struct builder {
	struct arena *arena;
	struct yaml *open[DEPTH_MAX];
	struct yaml *root;
	struct anchor *anchors;
	struct yaml_mistake *mistake;
	size_t nodes;
	unsigned depth, line, anchor_count;
};

static int broken(struct builder *b, const yaml_mark_t *mark, const char *sentence)
{
	b->mistake->line = b->line + (unsigned)mark->line;
	b->mistake->column = (unsigned)mark->column + 1;
	snprintf(b->mistake->sentence, sizeof b->mistake->sentence, "%s", sentence);
	return -1;
}

static struct yaml *node_new(struct builder *b, enum yaml_kind kind, const yaml_event_t *event)
{
	struct yaml *node = arena_new(b->arena, struct yaml);

	node->kind = kind;
	node->line = b->line + (unsigned)event->start_mark.line;
	node->column = (unsigned)event->start_mark.column + 1;
	node->size = 1;
	return node;
}

static int node_hang(struct builder *b, struct yaml *node, const yaml_event_t *event)
{
	struct yaml *above = b->depth ? b->open[b->depth - 1] : NULL;

	b->nodes += node->size;
	if (b->nodes > NODES_MAX)
		return broken(b, &event->start_mark,
			"the document has more than 1000000 values once its aliases are followed");
	if (!above) {
		b->root = node;
		return 0;
	}
	if (above->last)
		above->last->next = node;
	else
		above->first = node;
	above->last = node;
	above->count++;
	return 0;
}

static int anchor_add(struct builder *b, const yaml_char_t *name, struct yaml *node,
	const yaml_event_t *event)
{
	struct anchor *anchor;

	if (!name)
		return 0;
	if (++b->anchor_count > ANCHORS_MAX)
		return broken(b, &event->start_mark, "the document has more than 1000 anchors");
	anchor = arena_new(b->arena, struct anchor);
	anchor->name = arena_copy(b->arena, text_of((const char *)name));
	anchor->node = node;
	anchor->next = b->anchors;
	b->anchors = anchor;
	return 0;
}

static bool is_open(const struct builder *b, const struct yaml *node)
{
	for (unsigned i = 0; i < b->depth; i++)
		if (b->open[i] == node)
			return true;
	return false;
}

static int alias_hang(struct builder *b, const yaml_event_t *event)
{
	struct text name = text_of((const char *)event->data.alias.anchor);

	for (struct anchor *anchor = b->anchors; anchor; anchor = anchor->next) {
		struct yaml *copy;

		if (!text_equal(anchor->name, name))
			continue;
		if (is_open(b, anchor->node))
			return broken(b, &event->start_mark, "an alias stands inside of what it "
				"names");
		copy = node_new(b, anchor->node->kind, event);
		copy->text = anchor->node->text;
		copy->quoted = anchor->node->quoted;
		copy->size = anchor->node->size;
		copy->count = anchor->node->count;
		copy->first = anchor->node->first;
		copy->last = anchor->node->last;
		return node_hang(b, copy, event);
	}
	return broken(b, &event->start_mark, "an alias names an anchor that does not exist");
}

static int scalar_hang(struct builder *b, const yaml_event_t *event)
{
	struct yaml *node = node_new(b, YAML_scalar, event);

	node->text = arena_copy(b->arena, (struct text){(const char *)event->data.scalar.value,
		event->data.scalar.length});
	node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	if (anchor_add(b, event->data.scalar.anchor, node, event))
		return -1;
	return node_hang(b, node, event);
}

static int container_open(struct builder *b, enum yaml_kind kind, const yaml_char_t *anchor,
	const yaml_event_t *event)
{
	struct yaml *node = node_new(b, kind, event);

	if (b->depth == DEPTH_MAX)
		return broken(b, &event->start_mark, "the document is nested more than 64 deep");
	if (anchor_add(b, anchor, node, event) || node_hang(b, node, event))
		return -1;
	b->open[b->depth++] = node;
	return 0;
}

static void container_close(struct builder *b)
{
	struct yaml *node = b->open[--b->depth];

	for (struct yaml *item = node->first; item; item = item->next)
		node->size += item->size;
	if (node->kind == YAML_map)
		node->count /= 2;
}

static int event_take(struct builder *b, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_ALIAS_EVENT:
		return alias_hang(b, event);
	case YAML_SCALAR_EVENT:
		return scalar_hang(b, event);
	case YAML_SEQUENCE_START_EVENT:
		return container_open(b, YAML_list, event->data.sequence_start.anchor, event);
	case YAML_MAPPING_START_EVENT:
		return container_open(b, YAML_map, event->data.mapping_start.anchor, event);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		container_close(b);
		return 0;
	default:
		return 0;
	}
}

static unsigned lines_before(struct text text, size_t offset)
{
	unsigned lines = 0;

	for (size_t i = 0; i < offset && i < text.n; i++)
		lines += text.at[i] == '\n';
	return lines;
}

/* Whether a tab stands among the blanks that begin a line. */
static bool tab_indents(struct text text, size_t line)
{
	size_t i = 0;

	for (; line && i < text.n; i++)
		line -= text.at[i] == '\n';
	while (i < text.n && text.at[i] == ' ')
		i++;
	return i < text.n && text.at[i] == '\t';
}

/* What libyaml refuses, in our words. */
static int parser_broken(struct builder *b, struct text text, const yaml_parser_t *parser)
{
	yaml_mark_t mark = parser->problem_mark;
	const char *problem = parser->problem ? parser->problem : "it cannot be read";
	char sentence[sizeof b->mistake->sentence];

	if (parser->error == YAML_READER_ERROR) {
		mark.line = lines_before(text, parser->problem_offset);
		mark.column = 0;
		snprintf(sentence, sizeof sentence, "this is not YAML text: %s (byte %zu)",
			problem,
			parser->problem_offset);
	} else if (tab_indents(text, mark.line)) {
		snprintf(sentence, sizeof sentence, "a tab is used to indent; write blanks");
	} else if (parser->context) {
		snprintf(sentence, sizeof sentence, "this is not YAML: %s, %s (quote a text that "
			"holds ': ', ' #' or begins with one of *&!%%@`{[)", parser->context,
			problem);
	} else {
		snprintf(sentence, sizeof sentence, "this is not YAML: %s (quote a text that "
			"holds ': ', ' #' or begins with one of *&!%%@`{[)", problem);
	}
	return broken(b, &mark, sentence);
}

static int events_take(struct builder *b, struct text text, yaml_parser_t *parser)
{
	for (;;) {
		yaml_event_t event;
		bool last;
		int taken;

		if (!yaml_parser_parse(parser, &event))
			return parser_broken(b, text, parser);
		last = event.type == YAML_STREAM_END_EVENT ||
			event.type == YAML_DOCUMENT_END_EVENT;
		taken = event_take(b, &event);
		yaml_event_delete(&event);
		if (taken)
			return -1;
		if (last)
			return b->root != NULL;
	}
}

struct yaml *yaml_get(const struct yaml *map, const char *name)
{
	struct yaml *key;

	if (!map || map->kind != YAML_map)
		return NULL;
	yaml_each_pair(key, map)
		if (key->kind == YAML_scalar && text_is(key->text, name))
			return key->next;
	return NULL;
}

static bool is_one_of(struct text text, const char *const *words)
{
	for (; *words; words++)
		if (text_is(text, *words))
			return true;
	return false;
}

enum yaml_type yaml_type(const struct yaml *scalar)
{
	static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
	static const char *const flags[] = {"true", "True", "TRUE", "false", "False", "FALSE",
		NULL};
	bool whole;

	if (scalar->quoted)
		return YAML_text;
	if (is_one_of(scalar->text, nulls))
		return YAML_null;
	if (is_one_of(scalar->text, flags))
		return YAML_flag;
	if (number_is_decimal(scalar->text, &whole) || number_is_hexadecimal(scalar->text))
		return YAML_number;
	return YAML_text;
}

int yaml_read(struct text text, unsigned line, struct arena *arena, struct yaml **root,
	struct yaml_mistake *mistake)
{
	struct builder b = {.arena = arena, .mistake = mistake, .line = line};
	yaml_parser_t parser;
	int result;

	if (!yaml_parser_initialize(&parser)) {
		yaml_mark_t start = {0};

		return broken(&b, &start, "there is no memory to read it");
	}
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text.at, text.n);
	result = events_take(&b, text, &parser);
	yaml_parser_delete(&parser);
	if (result <= 0)
		return result;
	*root = b.root;
	return b.root->kind != YAML_scalar || yaml_type(b.root) != YAML_null;
}
