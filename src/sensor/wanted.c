// SPDX-License-Identifier: Apache-2.0
// Which records must be made so that certain events can be.

#include <stdbool.h>
#include <stddef.h>

#include "base/own.h"
#include "event/event.h"
#include "sensor/bpf/wire.h"
#include "sensor/wanted.h"

static const struct {
	enum wire_kind record;
	enum event_kind event;
} records[] = {
#define RECORD(record, event, form) {WIRE_##record, EVENT_##event},
#include "sensor/record.def"
#undef RECORD
	/* records that may become yet another event */
	{WIRE_dns, EVENT_dns_answer},
	{WIRE_device, EVENT_memory_write},
	{WIRE_device, EVENT_memory_access},
};

static bool is_asked(const uint64_t asked[2], enum event_kind kind)
{
	return asked[kind / 64] >> kind % 64 & 1;
}

uint64_t wanted_records(const uint64_t asked[2])
{
	uint64_t wanted = UINT64_C(1) << WIRE_fork | UINT64_C(1) << WIRE_exec |
		UINT64_C(1) << WIRE_denied | UINT64_C(1) << WIRE_exit |
		UINT64_C(1) << WIRE_refused;

	for (size_t i = 0; i < array_size(records); i++)
		if (is_asked(asked, records[i].event))
			wanted |= UINT64_C(1) << records[i].record;
	return wanted;
}
