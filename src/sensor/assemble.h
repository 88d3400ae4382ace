/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Assembly: what a record says, as the objects of an event. Texts stay in the record where they
 * can, else they lie in the arena. A record whose lengths do not fit into its bytes gives false
 * or NULL.
 */
#pragma once

#include "event/event.h"
#include "sensor/bpf/wire.h"
#include "sensor/users.h"

struct assembly {
	struct arena *arena;
	const struct users *users;
	int64_t boot_time;
};

/* The facts of a program: everything but identity and family. `exec` gets the fixed part. */
bool assemble_exec(const struct assembly *assembly, struct text record, struct wire_exec *exec,
	struct process *process);

/* What was asked of the kernel; `act` gets the whole record. */
struct call *assemble_act(const struct assembly *assembly, struct text record,
	struct wire_act *act);

struct network *assemble_close(const struct assembly *assembly, struct text record);

/* NULL also where the bytes are no message of DNS: then `is_whole` is set. */
struct dns *assemble_dns(const struct assembly *assembly, struct text record,
	struct network **network, bool *is_answer, bool *is_cut, bool *is_whole);

struct file *assemble_file(const struct assembly *assembly, struct text record);

/* `network` gets the fixed part. Also for the beginning of a struct wire_payload. */
struct network *assemble_network(const struct assembly *assembly, struct text record,
	struct wire_network *network);

/* NULL also where a payload has the shape, but is not the message: then `is_whole` is set. */
struct network *assemble_payload(const struct assembly *assembly, struct text record,
	bool *is_whole);
