// SPDX-License-Identifier: Apache-2.0
// An event in OCSF: values are hung into a tree by their dotted names, which is then written.

#include <stdio.h>

#include "base/own.h"
#include "event/column.h"
#include "event/ocsf.h"

enum {
	PATH_MAX_ = 160,
	MILLISECOND = 1000000,
	CLASS_process = 1007,
	CLASS_finding = 2004,
	SEVERITY_informational = 1,
};

/* A member of an object; of an array, whose members are named by numbers. */
struct node {
	struct text name;
	struct node *first, *last, *next;
	const void *value; /* of a leaf; NULL: an object */
	enum field_type type;
};

struct writing {
	const struct event *event;
	struct arena *arena;
	struct node top;
	unsigned hashes; /* numbers of the next ones */
};

static struct node *child_get(struct writing *w, struct node *node, struct text name)
{
	struct node *child;

	for (child = node->first; child; child = child->next)
		if (text_equal(child->name, name))
			return child;
	child = arena_new(w->arena, struct node);
	child->name = arena_copy(w->arena, name);
	if (node->last)
		node->last->next = child;
	else
		node->first = child;
	return node->last = child;
}

static void hang(struct writing *w, const char *path, enum field_type type, const void *value)
{
	struct node *node = &w->top;

	while (*path) {
		size_t n = strcspn(path, ".");

		node = child_get(w, node, (struct text){path, n});
		path += n + (path[n] == '.');
	}
	node->type = type;
	node->value = value;
}

static void hang_number(struct writing *w, const char *path, int64_t number)
{
	int64_t *kept = arena_alloc(w->arena, sizeof *kept);

	*kept = number;
	hang(w, path, FIELD_number, kept);
}

static void hang_text(struct writing *w, const char *path, struct text text)
{
	struct text *kept = arena_alloc(w->arena, sizeof *kept);

	*kept = text;
	hang(w, path, FIELD_text, kept);
}

/* Where the objects of a finding, and the process that does something to others, belong. */
static const char *prefix_of(const struct writing *w, const char *path)
{
	static const char *const evidence[] = {"process.", "file.", "src_endpoint.",
		"dst_endpoint.", "query.", "connection_info.", "container.", "api."};
	int class = kinds[w->event->kind].ocsf_class;

	for (size_t i = 0; class == CLASS_finding && i < array_size(evidence); i++)
		if (!strncmp(path, evidence[i], strlen(evidence[i])))
			return "evidences.0.";
	return class != CLASS_process && !strncmp(path, "process.", 8) ? "actor." : "";
}

/* One object for each hash, in an array. */
static void hang_hash(struct writing *w, const char *path, struct text hash)
{
	static const struct {
		size_t digits;
		int64_t id;
		const char *name;
	} algorithms[] = {{32, 1, "MD5"}, {40, 2, "SHA-1"}, {64, 3, "SHA-256"}};
	char full[PATH_MAX_];

	for (size_t i = 0; i < array_size(algorithms); i++) {
		if (hash.n != algorithms[i].digits)
			continue;
		snprintf(full, sizeof full, "%s.%u.algorithm", path, w->hashes);
		hang_text(w, full, text_of(algorithms[i].name));
		snprintf(full, sizeof full, "%s.%u.algorithm_id", path, w->hashes);
		hang_number(w, full, algorithms[i].id);
		snprintf(full, sizeof full, "%s.%u.value", path, w->hashes++);
		hang_text(w, full, hash);
	}
}

/* "attacks.technique.uid": one attack for each. */
static void hang_attacks(struct writing *w, const char *path, const struct text_list *list)
{
	char full[PATH_MAX_];

	for (size_t i = 0; i < list->n; i++) {
		snprintf(full, sizeof full, "attacks.%zu.%s", i, path + strlen("attacks."));
		hang_text(w, full, list->at[i]);
	}
}

static void hang_field(
	struct writing *w, const char *path, enum field_type type, const void *value)
{
	size_t n = strlen(path);

	if (n > 7 && !strcmp(path + n - 7, ".hashes"))
		hang_hash(w, path, *(const struct text *)value);
	else if (type == FIELD_time)
		hang_number(w, path, *(const event_time *)value / MILLISECOND);
	else
		hang(w, path, type, value);
}

static void column_hang(void *context, unsigned column, const void *value)
{
	struct writing *w = context;
	const struct column *about = &columns[column];
	char path[PATH_MAX_];

	if (column < COLUMN_fields)
		return; /* see frame_hang */
	if (!about->field) {
		struct text_list *list = arena_alloc(w->arena, sizeof *list);
		struct text *texts;

		/* the walk's own memory, so that it is copied */
		*list = *(const struct text_list *)value;
		texts = arena_alloc(w->arena, (list->n + 1) * sizeof *texts);
		if (list->n)
			memcpy(texts, list->at, list->n * sizeof *texts);
		list->at = texts;
		snprintf(path, sizeof path, "unmapped.saker.%s", about->name);
		hang(w, path, FIELD_list, list);
		return;
	}
	if (about->type == FIELD_list && !strncmp(about->field->ocsf, "attacks.", 8)) {
		hang_attacks(w, about->field->ocsf, value);
		return;
	}
	if (column < COLUMN_fields + field_count)
		snprintf(path, sizeof path, "%s%s", prefix_of(w, about->field->ocsf),
			about->field->ocsf);
	else if (!strncmp(about->field->ocsf, "process.", 8))
		snprintf(path, sizeof path, "%sprocess.parent_process.%s",
			prefix_of(w, "process."), about->field->ocsf + 8);
	else
		snprintf(path, sizeof path, "unmapped.saker.%s", about->name);
	hang_field(w, path, about->type, value);
}

static int64_t severity_of(const struct event *event)
{
	static const char *const levels[] = {"informational", "low", "medium", "high", "critical"};

	for (size_t i = 0; event->detection && i < array_size(levels); i++)
		if (text_is(event->detection->level, levels[i]))
			return SEVERITY_informational + (int64_t)i;
	return SEVERITY_informational;
}

static void frame_hang(struct writing *w)
{
	const struct event *event = w->event;
	const struct kind *kind = &kinds[event->kind];

	hang_number(w, "class_uid", kind->ocsf_class);
	hang_number(w, "category_uid", kind->ocsf_class / 1000);
	hang_number(w, "activity_id", kind->ocsf_activity);
	hang_number(w, "type_uid", (int64_t)kind->ocsf_class * 100 + kind->ocsf_activity);
	hang_number(w, "severity_id", severity_of(event));
	if (event->time != NUMBER_NONE)
		hang_number(w, "time", event->time / MILLISECOND);
	hang_text(w, "metadata.version", TEXT("1.3.0"));
	hang_text(w, "metadata.product.name", TEXT("saker"));
	hang_text(w, "metadata.product.vendor_name", TEXT("saker project"));
	hang_text(w, "metadata.event_code", text_of(kind->name));
	if (event->sequence != NUMBER_NONE)
		hang_number(w, "metadata.sequence", event->sequence);
	if (event->via)
		hang_text(w, "unmapped.saker.via", text_of(event->via));
	if (event->source)
		hang_text(w, "unmapped.saker.source", text_of(event->source));
}

static void value_write(const struct node *node, struct json_writer *out)
{
	const struct text_list *list = node->value;
	char buffer[FIELD_BUFFER];

	switch (node->type) {
	case FIELD_text: json_string(out, *(const struct text *)node->value); break;
	case FIELD_list:
		json_array_open(out);
		for (size_t i = 0; i < list->n; i++)
			json_string(out, list->at[i]);
		json_array_close(out);
		break;
	case FIELD_flag: json_bool(out, true); break;
	case FIELD_id:
		json_string(out, entity_text(*(const struct entity *)node->value, buffer));
		break;
	case FIELD_address:
		json_string(out, address_text(*(const struct address *)node->value, buffer));
		break;
	default: json_number(out, *(const int64_t *)node->value); break;
	}
}

static bool is_array(const struct node *node)
{
	return node->first && node->first->name.n == 1 && node->first->name.at[0] == '0';
}

/* As deep as the longest name has dots. */
static void node_write(const struct node *node, struct json_writer *out)
{
	bool array = is_array(node);

	if (node->value) {
		value_write(node, out);
		return;
	}
	if (array)
		json_array_open(out);
	else
		json_object_open(out);
	for (const struct node *child = node->first; child; child = child->next) {
		if (!array)
			json_key(out, child->name);
		node_write(child, out);
	}
	if (array)
		json_array_close(out);
	else
		json_object_close(out);
}

void ocsf_write(const struct event *event, struct arena *arena, struct json_writer *out)
{
	struct writing w = {.event = event, .arena = arena};

	frame_hang(&w);
	columns_event(event, column_hang, &w);
	node_write(&w.top, out);
}
