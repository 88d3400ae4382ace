/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names for the numbers that a call was made with, as the manual pages write them: PTRACE_ATTACH,
 * CAP_SYS_MODULE, SIGKILL, BPF_PROG_LOAD, CLONE_NEWNS|CLONE_NEWPID. A number without a name is
 * written as one.
 */
#pragma once

#include "base/arena.h"
#include "sensor/bpf/wire.h"

struct text operation_name(struct arena *arena, const struct wire_act *act);

/* Names of capabilities, joined by '|'. */
struct text capability_names(struct arena *arena, uint64_t mask);
