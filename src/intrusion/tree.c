// SPDX-License-Identifier: Apache-2.0
// A tree of processes in which detections are marked.

#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "base/printable.h"
#include "intrusion/tree.h"

enum { GENERATION = 0x3fff /* the bits of an entity id that count execs */ };

struct tree {
	struct kin *kin;
	struct arena arena;
	struct tree_node top; /* stands above the real tops; has no process */
	size_t nodes, left_out;
};

struct tree *tree_new(struct kin *kin)
{
	struct tree *tree = memory_new(sizeof *tree);

	tree->kin = kin;
	return tree;
}

void tree_free(struct tree **tree)
{
	if (*tree)
		arena_clear(&(*tree)->arena);
	free(*tree);
	*tree = NULL;
}

size_t tree_left_out(const struct tree *tree)
{
	return tree->left_out;
}

const struct tree_node *tree_top(const struct tree *tree)
{
	return tree->top.first;
}

/* A process without identity is only what it is called. */
static bool is_same(const struct process *a, const struct process *b)
{
	if (!entity_is_none(a->entity) || !entity_is_none(b->entity))
		return entity_equal(a->entity, b->entity);
	return text_equal(a->executable, b->executable) &&
	       text_equal(a->command_line, b->command_line);
}

static int start_order(const struct process *a, const struct process *b)
{
	if (a->entity.high != b->entity.high)
		return a->entity.high < b->entity.high ? -1 : 1;
	return a->entity.low < b->entity.low ? -1 : a->entity.low > b->entity.low;
}

static struct tree_node *child_find(struct tree_node *up, const struct process *process)
{
	for (struct tree_node *node = up->first; node; node = node->next)
		if (is_same(node->process, process))
			return node;
	return NULL;
}

static struct tree_node *child_add(struct tree *tree, struct tree_node *up,
	const struct process *process)
{
	struct tree_node *node = arena_new(&tree->arena, struct tree_node), **at = &up->first;

	node->process = process;
	node->up = up;
	node->depth = up == &tree->top ? 0 : up->depth + 1;
	/* mostly it is the youngest */
	if (up->last && start_order(up->last->process, process) <= 0)
		at = &up->last->next;
	while (*at && start_order((*at)->process, process) <= 0)
		at = &(*at)->next;
	node->next = *at;
	*at = node;
	if (!node->next)
		up->last = node;
	tree->nodes++;
	return node;
}

/* The node at the lower end of a lineage, made where it is missing; NULL if the tree is full. */
static struct tree_node *path_add(struct tree *tree, const struct lineage *lineage, size_t max)
{
	struct tree_node *node = &tree->top;

	for (size_t i = lineage->n; i; i--) {
		struct tree_node *below = child_find(node, lineage->at[i - 1]);

		if (!below && tree->nodes >= max)
			return NULL;
		node = below ? below : child_add(tree, node, lineage->at[i - 1]);
	}
	return node == &tree->top ? NULL : node;
}

static bool is_same_mark(const struct detection *a, const struct detection *b)
{
	return text_equal(a->rule_id, b->rule_id) && text_equal(a->result, b->result) &&
	       text_equal(a->rung, b->rung);
}

static void mark_add(struct tree *tree, struct tree_node *node, const struct event *event)
{
	struct tree_mark **at = &node->marks;

	for (; *at; at = &(*at)->next) {
		if (!is_same_mark((*at)->event->detection, event->detection))
			continue;
		(*at)->count++;
		return;
	}
	*at = arena_new(&tree->arena, struct tree_mark);
	(*at)->event = event;
	(*at)->count = 1;
}

bool tree_add(struct tree *tree, const struct event *event)
{
	struct lineage lineage;
	struct tree_node *node;

	lineage_find(&lineage, tree->kin, event->process);
	node = path_add(tree, &lineage, TREE_NODES_MAX);
	if (!node) {
		tree->left_out++;
		return false;
	}
	mark_add(tree, node, event);
	return true;
}

static const struct tree_node *after(const struct tree *tree, const struct tree_node *node)
{
	if (node->first)
		return node->first;
	while (node != &tree->top && !node->next)
		node = node->up;
	return node == &tree->top ? NULL : node->next;
}

void tree_walk(const struct tree *tree, void (*visit)(void *context, const struct tree_node *node),
	void *context)
{
	const struct tree_node *node = tree->top.first;

	for (; node; node = after(tree, node))
		visit(context, node);
}

/* The children of one process, as the store lists them. */
struct brood {
	struct entity at[TREE_AROUND_MAX];
	size_t n, more;
};

static bool brood_add(void *brood_, struct entity child)
{
	struct brood *brood = brood_;

	if (brood->n < array_size(brood->at))
		brood->at[brood->n++] = child;
	else
		brood->more++;
	return true;
}

static bool one_is_enough(void *found_, struct entity child)
{
	bool *found = found_;

	*found = true;
	return false;
}

/*
 * A copy that started a program at once is the same process as that program, and is shown only as
 * it.
 */
static bool is_passing(struct store *store, const struct brood *brood, size_t i)
{
	struct entity a = brood->at[i],
		      b = i + 1 < brood->n ? brood->at[i + 1] : (struct entity){ 0 };
	bool found = false;

	if (a.low & GENERATION || a.high != b.high || (a.low ^ b.low) > GENERATION)
		return false;
	store_children(store, a, one_is_enough, &found, NULL);
	return !found;
}

static int descend(struct tree *tree, struct store *store, struct tree_node *node,
	struct error *err)
{
	until_return(memory_free) struct brood *brood = memory_new(sizeof *brood);

	if (store_children(store, node->process->entity, brood_add, brood, err))
		return -1;
	node->hidden = brood->more;
	for (size_t i = 0; i < brood->n; i++) {
		const struct process *process = kin_find(tree->kin, brood->at[i]);

		if (!process || is_passing(store, brood, i))
			continue;
		if (tree->nodes >= TREE_AROUND_MAX || node->depth >= TREE_DEPTH_MAX)
			node->hidden++;
		else if (!child_find(node, process))
			child_add(tree, node, process);
	}
	return 0;
}

/* All descendants, nearest first, so that a full tree has lost the farthest. */
static int descendants_add(struct tree *tree, struct store *store, struct tree_node *from,
	struct error *err)
{
	struct tree_node **queue = arena_alloc(&tree->arena, TREE_AROUND_MAX * sizeof *queue);
	size_t n = 0;

	queue[n++] = from;
	for (size_t i = 0; i < n; i++) {
		if (descend(tree, store, queue[i], err))
			return -1;
		for (struct tree_node *child = queue[i]->first; child && n < TREE_AROUND_MAX;
			child = child->next)
			queue[n++] = child;
	}
	return 0;
}

struct marking {
	struct tree *tree;
	struct arena scratch;
	const struct event *only; /* the first detection that was read */
};

static struct tree_node *node_find(struct tree *tree, struct entity entity)
{
	const struct tree_node *node = tree->top.first;

	for (; node; node = after(tree, node))
		if (entity_equal(node->process->entity, entity))
			return (struct tree_node *)(uintptr_t)node;
	return NULL;
}

static bool mark_read(void *marking_, struct text json)
{
	struct marking *marking = marking_;
	struct arena *arena = &marking->tree->arena;
	struct event *event = event_read(json, &marking->scratch, NULL);
	struct tree_node *node = NULL;

	if (event && event->detection && event->process && !entity_is_none(event->process->entity))
		node = node_find(marking->tree, event->process->entity);
	/* most detections are not of this tree: only the others stay */
	if (node)
		mark_add(marking->tree, node, event_read(arena_copy(arena, json), arena, NULL));
	arena_reset(&marking->scratch);
	return true;
}

static bool first_read(void *marking_, struct text json)
{
	struct marking *marking = marking_;
	struct arena *arena = &marking->tree->arena;

	marking->only = event_read(arena_copy(arena, json), arena, NULL);
	return false;
}

/* The process that the id names. */
static const struct process *named(struct tree *tree, struct store *store, struct text id,
	struct error *err)
{
	struct store_query query = { .id = id };
	struct marking marking = { .tree = tree };
	const struct process *process;
	struct entity entity;

	if (entity_read(id, &entity)) {
		process = kin_find(tree->kin, entity);
		return process ? process
			       : fail_null(err, "no process has the id '%.*s'", TEXT_PRINT(id));
	}
	if (store_read(store, &query, first_read, &marking, err))
		return NULL;
	if (!marking.only)
		return fail_null(err,
			"no detection has the id '%.*s'; `saker detections` lists them",
			TEXT_PRINT(text_printable(&tree->arena, id)));
	if (!marking.only->process)
		return fail_null(err, "the detection '%.*s' names no process", TEXT_PRINT(id));
	return marking.only->process;
}

int tree_around(struct tree *tree, struct store *store, struct text id, struct error *err)
{
	struct store_query detections = { .detections = true };
	struct marking marking = { .tree = tree };
	const struct process *process = named(tree, store, id, err);
	struct lineage lineage;
	struct tree_node *node;
	int refused;

	if (!process)
		return -1;
	lineage_find(&lineage, tree->kin, process);
	node = path_add(tree, &lineage, TREE_AROUND_MAX);
	node->asked = true;
	if (!entity_is_none(process->entity) && descendants_add(tree, store, node, err))
		return -1;
	refused = store_read(store, &detections, mark_read, &marking, err);
	arena_clear(&marking.scratch);
	return refused;
}
