// SPDX-License-Identifier: Apache-2.0
// The process tree for a terminal, and as JSON.

#include "base/own.h"
#include "base/printable.h"
#include "intrusion/report/keys.h"
#include "intrusion/report/report.h"
#include "intrusion/report/summary.h"

enum { COMMAND_MAX = 120 };

struct writing {
	FILE *out;
	struct arena arena;
	struct json_writer json;
};

/*
 * The lines that lead from the ancestors to a node, or past it: `end` for what stands at the node
 * itself.
 */
static void rails_write(const struct tree_node *node, bool end, FILE *out)
{
	const struct tree_node *path[TREE_DEPTH_MAX + LINEAGE_MAX + 2];
	size_t n = 0;

	if (!node->depth)
		return;
	for (const struct tree_node *at = node; at->depth && n < array_size(path); at = at->up)
		path[n++] = at;
	while (n > 1)
		fputs(path[--n]->next ? "│  " : "   ", out);
	if (end)
		fputs(node->next ? "├─ " : "└─ ", out);
	else
		fputs(node->next ? "│  " : "   ", out);
}

static void mark_write(struct writing *writing, const struct tree_node *node,
	const struct tree_mark *mark)
{
	const struct detection *detection = mark->event->detection;
	struct arena *arena = &writing->arena;
	struct text attack = list_words(detection->techniques, ", ", arena);

	rails_write(node, false, writing->out);
	fprintf(writing->out, "%s  ● %s: %.*s", node->first ? "│" : " ",
		level_words[level_rank(detection->level)],
		TEXT_PRINT(text_printable(arena, detection->rule_name)));
	if (attack.n)
		fprintf(writing->out, " [%.*s]", TEXT_PRINT(attack));
	if (mark->count > 1)
		fprintf(writing->out, " (%zu times)", mark->count);
	fprintf(writing->out, ": %.*s\n", TEXT_PRINT(prevention_words(detection, arena)));
}

static void node_write(void *writing_, const struct tree_node *node)
{
	struct writing *writing = writing_;
	struct arena *arena = &writing->arena;
	struct text command = process_command(node->process, COMMAND_MAX, arena);

	rails_write(node, true, writing->out);
	fprintf(writing->out, "%.*s%s%.*s%s\n", TEXT_PRINT(process_words(node->process, arena)),
		command.n ? "  " : "", TEXT_PRINT(command), node->asked ? "  <== this one" : "");
	for (const struct tree_mark *mark = node->marks; mark; mark = mark->next)
		mark_write(writing, node, mark);
	if (node->hidden) {
		rails_write(node, false, writing->out);
		fprintf(writing->out, "   (and %zu more below that are not shown)\n",
			node->hidden);
	}
	arena_reset(arena);
}

void report_tree_text(const struct tree *tree, FILE *out)
{
	struct writing writing = { .out = out };

	tree_walk(tree, node_write, &writing);
	if (tree_left_out(tree))
		fprintf(out,
			"(%zu detections have no place in this tree: it is full or they name no "
			"process)\n",
			tree_left_out(tree));
	arena_clear(&writing.arena);
}

static void mark_json(struct json_writer *json, const struct tree_mark *mark)
{
	const struct detection *detection = mark->event->detection;

	json_object_open(json);
	key_text(json, "detection.id", detection->id);
	key_text(json, "rule.id", detection->rule_id);
	key_text(json, "rule.name", detection->rule_name);
	key_text(json, "rule.level", detection->level);
	key_text(json, "prevention.result", detection->result);
	key_text(json, "prevention.rung", detection->rung);
	key_number(json, "count", (int64_t)mark->count);
	json_object_close(json);
}

static void node_json(void *writing_, const struct tree_node *node)
{
	struct writing *writing = writing_;
	struct json_writer *json = &writing->json;
	struct text line;

	json_writer_reset(json);
	json_object_open(json);
	keys_process(json, node->process);
	if (node->depth)
		key_entity(json, "parent.entity_id", node->up->process->entity);
	key_number(json, "depth", node->depth);
	if (node->asked)
		key_bool(json, "asked", true);
	if (node->hidden)
		key_number(json, "hidden", (int64_t)node->hidden);
	json_key(json, TEXT("detections"));
	json_array_open(json);
	for (const struct tree_mark *mark = node->marks; mark; mark = mark->next)
		mark_json(json, mark);
	json_array_close(json);
	json_object_close(json);
	line = json_printable(&writing->arena, (struct text){ json->at, json->n });
	fprintf(writing->out, "%.*s\n", TEXT_PRINT(line));
	arena_reset(&writing->arena);
}

void report_tree_json(const struct tree *tree, FILE *out)
{
	struct writing writing = { .out = out };

	tree_walk(tree, node_json, &writing);
	arena_clear(&writing.arena);
	json_writer_clear(&writing.json);
}
