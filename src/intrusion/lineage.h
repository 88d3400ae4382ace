/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a process comes from: itself, its earlier image or its parent, and so on to the top, as
 * far as the store knows or the event itself tells.
 *
 *	until_return(kin_free) struct kin *kin = kin_new(store);
 *	struct lineage lineage;
 *	lineage_find(&lineage, kin, event->process);
 *	for (size_t i = 0; i < lineage.n; i++) ... lineage.at[i] ...	// 0 is the process itself
 */
#pragma once

#include "store/store.h"

/* Processes that were looked up in a store. What is given lives as long as this. */
struct kin;

struct kin *kin_new(struct store *store);
void kin_free(struct kin **kin);

/* What the store knows of a process; NULL if nothing. */
const struct process *kin_find(struct kin *kin, struct entity entity);

enum { LINEAGE_MAX = 64 };

struct lineage {
	const struct process *at[LINEAGE_MAX];
	size_t n;
	bool cut; /* there are more above */
};

/*
 * `process` may be NULL, which gives an empty one. Never runs in a circle, whatever the store
 * says.
 */
void lineage_find(struct lineage *lineage, struct kin *kin, const struct process *process);

/* The short names from the top down: "systemd > apache2 > sh". */
struct text lineage_words(const struct lineage *lineage, struct arena *arena);
