/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arguments and environment of an exec, from the bytes as they lie in a process's memory: texts
 * ended by NUL.
 */
#pragma once

#include "event/event.h"

enum { ARGS_LIST_MAX = 4096, ENV_LIST_MAX = 256 };

/*
 * Fills command_line (joined by blanks), args (at most ARGS_LIST_MAX, parts of command_line),
 * args_length, args_cut and, where they are cut, args_hash. `length` is what there was of them;
 * if `bytes` is less, it is the first bytes, or, of WIRE_ARGS_MAX bytes, the first and the last
 * WIRE_ARGS_TAIL: then " ... " stands between the two in the command line.
 */
void args_read(struct arena *arena, struct text bytes, uint64_t length, struct process *process);

/*
 * Fills env with the variables that a rule may want to see (docs: `saker fields`); they stay in
 * `bytes`.
 */
void env_read(struct arena *arena, struct text bytes, struct process *process);
