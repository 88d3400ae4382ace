/* SPDX-License-Identifier: Apache-2.0 */
/* From kinds of events to the kinds of records that they are made of. */
#pragma once

#include <stdint.h>

/*
 * Bits of enum wire_kind for bits of enum event_kind (in two words). The life of processes is
 * always among them, and so is what the kernel refused.
 */
uint64_t wanted_records(const uint64_t asked[2]);
