/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where records go: the partition for what they say of their source. The answers are remembered,
 * since few kinds of records come again and again.
 */
#pragma once

#include "detect/sigma/partitions.h"
#include "detect/sigma/row.h"

enum { ROUTES = 1024, ROUTE_KEY = 192, ROUTE_RENAMES = 4 };

/* One answer. */
struct route {
	uint64_t hash; /* 0: none yet */
	const struct partition *partition; /* NULL: no rule can match */
	bool by_value; /* it depends on a value besides: it is found out each time */
	bool is_known; /* some table or the record itself says what it is */
	uint32_t to[ROUTE_RENAMES], from[ROUTE_RENAMES]; /* fields to be filled from others */
	unsigned rename_count;
	uint16_t key_n;
	char key[ROUTE_KEY];
};

struct routes {
	struct partitions *partitions;
	const struct fields *names;
	struct logsource assumed; /* of records of unknown source */
	bool assumes;
	uint32_t event_id; /* field number of EventID, 0: no rule asks it */
	uint64_t *sources; /* being collected */
	struct route at[ROUTES];
};

void routes_init(struct routes *routes, struct partitions *partitions,
	const struct fields *names);
void routes_clear(struct routes *routes);

/*
 * The route of a record whose fields are in the row; what has other names there is filled in.
 */
const struct route *routes_find(struct routes *routes, const struct record *record,
	struct row *row);
