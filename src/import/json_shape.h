/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What programs write as JSON of their own, known by its keys: the journal (`journalctl -o json`)
 * and access logs of web servers. Their records get the source and the names that rules use.
 */
#pragma once

#include "event/record.h"

struct json_shape;
struct json_shape *json_shape_new(struct record_names *names);
void json_shape_free(struct json_shape **shape);

/* Adds to a record what is known of its shape; leaves it as it is where nothing is. */
void json_shape_know(struct json_shape *shape, struct record *record);
