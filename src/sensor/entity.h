/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entity ids: the kernel's half of a process's identity (struct wire_process) together with the
 * boot, in 128 bits as event.h lays them out.
 */
#pragma once

#include "event/event.h"
#include "sensor/bpf/wire.h"

/* 32 bits that stand for a boot: a hash of its boot id. */
uint32_t entity_boot(const unsigned char boot_id[16]);

/*
 * The id of a process; none for pid 0. Bits that do not fit (start 60, pid 22, generation 14) are
 * dropped.
 */
struct entity entity_of(uint32_t boot, const struct wire_process *process);

/*
 * The id of a process that was refused before it began: as the caller's, but in the place of its
 * start stands the time of the attempt (boot ns) with the highest of the 60 bits set. No real
 * process has that bit before its host has run for 18 years, so the id cannot be taken for that
 * of a process, and a verb that names pid and start finds nobody.
 */
struct entity entity_of_refused(uint32_t boot, const struct wire_process *caller, uint64_t time);
