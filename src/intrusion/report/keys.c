// SPDX-License-Identifier: Apache-2.0
// Keys with values for the JSON of the reports.

#include "intrusion/report/keys.h"

void key_text(struct json_writer *json, const char *key, struct text value)
{
	if (!value.n)
		return;
	json_key(json, text_of(key));
	json_string(json, value);
}

void key_number(struct json_writer *json, const char *key, int64_t value)
{
	if (value == NUMBER_NONE)
		return;
	json_key(json, text_of(key));
	json_number(json, value);
}

void key_bool(struct json_writer *json, const char *key, bool value)
{
	json_key(json, text_of(key));
	json_bool(json, value);
}

void key_list(struct json_writer *json, const char *key, struct text_list value)
{
	json_key(json, text_of(key));
	json_array_open(json);
	for (size_t i = 0; i < value.n; i++)
		json_string(json, value.at[i]);
	json_array_close(json);
}

void key_time(struct json_writer *json, const char *key, event_time value)
{
	char buffer[FIELD_BUFFER];

	if (value != NUMBER_NONE)
		key_text(json, key, time_text(value, buffer));
}

void key_entity(struct json_writer *json, const char *key, struct entity value)
{
	char buffer[FIELD_BUFFER];

	if (!entity_is_none(value))
		key_text(json, key, entity_text(value, buffer));
}

void keys_process(struct json_writer *json, const struct process *process)
{
	key_entity(json, "process.entity_id", process->entity);
	key_number(json, "process.pid", process->pid);
	key_text(json, "process.executable", process->executable);
	key_text(json, "process.command_line", process->command_line);
	key_number(json, "process.user.id", process->uid);
	key_text(json, "process.user.name", process->user);
}
