/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Orders of the engine, carried out by the parent, who believes none of their values: a process
 * is ended only if it is still the one that was meant and is none of saker's own; what goes into
 * the kernel's maps must have values that the kernel side knows.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "daemon/message.h"
#include "sensor/load.h"

/*
 * SIGKILL to the process with that pid and that start. 0 or an errno: ESRCH if it is gone or the
 * pid is someone else's now, EPERM for pid 1, this process, its children, and its ancestors.
 */
int order_kill(const struct message_kill *order);

/*
 * Hands image bits, a folder, a clause or an address to the sensor. -1 with a sentence if a value
 * is out of range.
 */
int order_image(struct sensor *sensor, const struct message_image *order, struct error *err);
int order_place(struct sensor *sensor, const struct message_place *order, struct error *err);
int order_clause(struct sensor *sensor, const struct message_clause *order, struct error *err);
int order_address(struct sensor *sensor, const struct message_address *order, struct error *err);
