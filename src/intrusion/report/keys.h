/* SPDX-License-Identifier: Apache-2.0 */
/* Keys with values for the JSON of the reports; what is not known is left out. */
#pragma once

#include "event/event.h"

void key_text(struct json_writer *json, const char *key, struct text value);
void key_number(struct json_writer *json, const char *key, int64_t value);
void key_bool(struct json_writer *json, const char *key, bool value);
void key_list(struct json_writer *json, const char *key, struct text_list value);
void key_time(struct json_writer *json, const char *key, event_time value);
void key_entity(struct json_writer *json, const char *key, struct entity value);

/* Entity, pid, program, arguments, user. */
void keys_process(struct json_writer *json, const struct process *process);
