// SPDX-License-Identifier: Apache-2.0
// Entity ids: hash of the boot 32 | start 60 | pid 22 | exec generation 14 bits, packed into two
// words.

#include "sensor/entity.h"
#include "sensor/feed.h"

enum { START_LOW = 28, PID_BITS = 22, GENERATION_BITS = 14, START_BITS = 60 };

#define LOW(bits) ((UINT64_C(1) << (bits)) - 1)

uint32_t entity_boot(const unsigned char boot_id[16])
{
	uint64_t hash = text_hash((struct text){(const char *)boot_id, 16});

	return (uint32_t)(hash ^ hash >> 32);
}

static struct entity pack(uint32_t boot, uint64_t start, uint32_t pid, uint32_t generation)
{
	uint64_t who = (pid & LOW(PID_BITS)) << GENERATION_BITS |
		(generation & LOW(GENERATION_BITS));

	start &= LOW(START_BITS);
	return (struct entity){
		.high = (uint64_t)boot << 32 | start >> START_LOW,
		.low = (start & LOW(START_LOW)) << (PID_BITS + GENERATION_BITS) | who,
	};
}

struct entity entity_of(uint32_t boot, const struct wire_process *process)
{
	if (!process->pid)
		return (struct entity){0};
	return pack(boot, process->start, process->pid, process->generation);
}

struct entity entity_of_refused(uint32_t boot, const struct wire_process *caller, uint64_t time)
{
	return pack(boot, time | UINT64_C(1) << (START_BITS - 1), caller->pid, caller->generation);
}

uint64_t entity_start(struct entity entity)
{
	return (entity.high & LOW(32)) << START_LOW | entity.low >> (PID_BITS + GENERATION_BITS);
}
