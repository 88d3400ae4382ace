/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One YAML document as a tree that knows the line and column of everything, so that a mistake can
 * be shown where it is. Read with libyaml; bounded: 64 levels, 1,000,000 nodes after aliases are
 * followed.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/number.h"
#include "base/text.h"

enum yaml_kind { YAML_scalar, YAML_list, YAML_map };

struct yaml {
	enum yaml_kind kind;
	struct text text; /* of a scalar; never NULL there */
	bool quoted; /* in quotes or a block: a text, whatever it looks like */
	unsigned line, column; /* from 1 */
	unsigned size; /* nodes, with all below */
	size_t count; /* items of a list, pairs of a map */
	struct yaml *first, *last; /* items; of a map key, value, key, value ... */
	struct yaml *next;
};

/* The pairs of a map; the value of a key is `key->next`. */
#define yaml_each_pair(key, map) for ((key) = (map)->first; (key); (key) = (key)->next->next)
#define yaml_each(item, list) for ((item) = (list)->first; (item); (item) = (item)->next)

/* Where YAML itself is broken. */
struct yaml_mistake {
	unsigned line, column;
	char sentence[256];
};

/*
 * Reads one document, whose first line is line `line` of its file. 1: *root is it, in the arena;
 * 0: there is nothing but comments; -1: it is broken.
 */
int yaml_read(struct text text, unsigned line, struct arena *arena, struct yaml **root,
	struct yaml_mistake *mistake);

/* The value of a key, NULL if the map does not have it (or is no map). */
struct yaml *yaml_get(const struct yaml *map, const char *key);

/* What a scalar is, by the core schema of YAML 1.2. */
enum yaml_type { YAML_null, YAML_flag, YAML_number, YAML_text };
enum yaml_type yaml_type(const struct yaml *scalar);
