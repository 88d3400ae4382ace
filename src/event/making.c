// SPDX-License-Identifier: Apache-2.0
// An event out of values that come one by one.

#include "event/making.h"

enum { ANCESTORS_MAX = 16 };

void *making_object(struct making *in, enum object object)
{
	struct event *event = in->event;

	switch (object) {
	case OBJECT_process:
		if (!in->process)
			event->process = in->process = process_new(in->arena);
		return in->process;
	case OBJECT_file: return event->file ? event->file : (event->file = file_new(in->arena));
	case OBJECT_network:
		return event->network ? event->network : (event->network = network_new(in->arena));
	case OBJECT_dns: return event->dns ? event->dns : (event->dns = dns_new(in->arena));
	case OBJECT_call: return event->call ? event->call : (event->call = call_new(in->arena));
	case OBJECT_target:
		return event->target ? event->target : (event->target = target_new(in->arena));
	case OBJECT_login:
		return event->login ? event->login : (event->login = login_new(in->arena));
	case OBJECT_detection:
		return event->detection ? event->detection
					: (event->detection = detection_new(in->arena));
	case OBJECT_sensor:
		return event->sensor ? event->sensor : (event->sensor = sensor_new(in->arena));
	case OBJECTS: break;
	}
	return NULL;
}

void *making_parent(struct making *in)
{
	if (!in->parent)
		in->parent = process_new(in->arena);
	return in->parent;
}

/* The chain upwards: the parent with what it said of itself, then the others with what the lists
 * say. */
static void ancestors_link(struct making *in)
{
	struct process *below = in->process;
	bool linked = false;

	for (size_t i = 0; below && i < in->executables.n && i < ANCESTORS_MAX; i++) {
		bool is_parent = !linked && in->parent &&
			text_equal(in->parent->executable, in->executables.at[i]);
		struct process *up = is_parent ? in->parent : process_new(in->arena);

		if (!is_parent) {
			if (in->executables.at[i].n)
				up->executable = in->executables.at[i];
			if (i < in->command_lines.n)
				up->command_line = in->command_lines.at[i];
		}
		if (in->parent && !linked && !is_parent)
			below->previous = up; /* an earlier image stands before the parent */
		else
			below->parent = up;
		linked |= is_parent;
		below = up;
	}
	if (in->process && in->parent)
		in->process->parent = in->parent;
}

bool making_end(struct making *in)
{
	if (in->kind_known)
		ancestors_link(in);
	return in->kind_known;
}
