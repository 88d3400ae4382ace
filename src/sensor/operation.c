// SPDX-License-Identifier: Apache-2.0
// Numbers of calls, and their names.

#include "base/own.h"
#include "base/text.h"
#include "sensor/operation.h"

static const struct operation {
	uint16_t kind;
	uint32_t number;
	const char *name;
} operations[] = {
#define OPERATION(kind, number, name) {WIRE_##kind, number, name},
#include "sensor/operation.def"
#undef OPERATION
};

static const char *name_find(uint16_t kind, uint32_t number)
{
	for (size_t i = 0; i < array_size(operations); i++)
		if (operations[i].kind == kind && operations[i].number == number)
			return operations[i].name;
	return NULL;
}

static struct text bit_names(struct arena *arena, uint16_t kind, uint64_t mask)
{
	struct text all = {0};

	for (uint32_t bit = 0; bit < 64; bit++) {
		const char *name = mask >> bit & 1 ? name_find(kind, bit) : NULL;

		if (name)
			all = arena_format(arena, "%.*s%s%s", (int)all.n, all.at ? all.at : "",
				all.n ? "|" : "", name);
	}
	return all;
}

struct text capability_names(struct arena *arena, uint64_t mask)
{
	return bit_names(arena, WIRE_capability_use, mask);
}

struct text operation_name(struct arena *arena, const struct wire_act *act)
{
	const char *name;

	switch (act->head.kind) {
	case WIRE_namespace: return bit_names(arena, WIRE_namespace, act->flags);
	case WIRE_capabilities: return capability_names(arena, act->new_ & ~act->old);
	case WIRE_memory_access:
	case WIRE_memory_write:
		if (act->call != WIRE_CALL_ptrace)
			return (struct text){0};
		break;
	case WIRE_memory_execute:
	case WIRE_capability_use:
	case WIRE_signal:
	case WIRE_bpf:
	case WIRE_trace:
	case WIRE_clock:
	case WIRE_reboot:
	case WIRE_cgroup: break;
	default: return (struct text){0};
	}
	name = name_find(act->head.kind, act->operation);
	return name ? text_of(name) : arena_format(arena, "%u", act->operation);
}
