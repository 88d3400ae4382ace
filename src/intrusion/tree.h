/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tree of processes in which detections are marked: grown either from detections, with the paths
 * that lead to them, or around one process, with its ancestors and its descendants.
 *
 *	until_return(tree_free) struct tree *tree = tree_new(kin);
 *	tree_add(tree, event);	// a detection
 *	tree_walk(tree, visit, context);
 */
#pragma once

#include "intrusion/lineage.h"

enum { TREE_NODES_MAX = 2000, TREE_AROUND_MAX = 500, TREE_DEPTH_MAX = 48 };

/* A detection at a node. */
struct tree_mark {
	struct tree_mark *next;
	const struct event *event;
	size_t count; /* how often the same rule matched here with the same outcome */
};

struct tree_node {
	const struct process *process;
	struct tree_node *up, *next, *first, *last; /* next: its younger sibling */
	struct tree_mark *marks;
	unsigned depth; /* 0 at the top */
	bool asked; /* it is the one that was asked for */
	size_t hidden; /* descendants that are not shown, at least; 0: all are */
};

struct tree;

/* `kin` must outlive the tree. */
struct tree *tree_new(struct kin *kin);
void tree_free(struct tree **tree);

/*
 * Adds a detection: its process, the path that leads to it, and the mark. The event must outlive
 * the tree. False, and it is only counted, if the tree is full.
 */
bool tree_add(struct tree *tree, const struct event *event);
size_t tree_left_out(const struct tree *tree);

/*
 * Grows the tree around the process that `id` names: a detection's id (or the beginning of one) or
 * an entity id. Marks all detections of the processes that are shown. -1 with a sentence if there
 * is no such thing.
 */
int tree_around(struct tree *tree, struct store *store, struct text id, struct error *err);

/*
 * Calls `visit` for every node, parents before their children, siblings in order of their start.
 */
void tree_walk(const struct tree *tree, void (*visit)(void *context, const struct tree_node *node),
	void *context);

/* The oldest top node, NULL in an empty tree; go on through `next`. */
const struct tree_node *tree_top(const struct tree *tree);
