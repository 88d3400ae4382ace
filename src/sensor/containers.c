// SPDX-License-Identifier: Apache-2.0
// A small open table of containers, by their id. One host runs a few hundred at most: above the
// bound a container is not told of, and its processes are events all the same.

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/own.h"
#include "sensor/containers.h"

enum { RUNNING_MAX = 4096, ID_MAX = 64 };

struct running {
	char id[ID_MAX + 1];
	size_t processes;
};

struct containers {
	struct running *at;
	size_t n, size;
};

struct containers *containers_new(void)
{
	return memory_new(sizeof(struct containers));
}

void containers_free(struct containers **containers)
{
	if (!*containers)
		return;
	free((*containers)->at);
	memory_free(containers);
}

static struct running *find(const struct containers *containers, struct text id)
{
	for (size_t i = 0; i < containers->n; i++)
		if (text_is(id, containers->at[i].id))
			return containers->at + i;
	return NULL;
}

static struct running *add(struct containers *containers, struct text id)
{
	struct running *running;

	if (containers->n == RUNNING_MAX || id.n > ID_MAX)
		return NULL;
	if (containers->n == containers->size) {
		containers->size = containers->size ? 2 * containers->size : 16;
		containers->at = memory_resize(
			containers->at, containers->size, sizeof *containers->at);
	}
	running = containers->at + containers->n++;
	*running = (struct running){.processes = 1};
	memcpy(running->id, id.at, id.n);
	return running;
}

enum container_step containers_enter(struct containers *containers, struct text id,
	struct text before)
{
	struct running *running;

	if (text_equal(id, before))
		return CONTAINER_none;
	containers_leave(containers, before);
	running = id.n ? find(containers, id) : NULL;
	if (running) {
		running->processes++;
		return CONTAINER_entered;
	}
	return id.n && add(containers, id) ? CONTAINER_began : CONTAINER_none;
}

void containers_count(struct containers *containers, struct text id)
{
	struct running *running = id.n ? find(containers, id) : NULL;

	if (running)
		running->processes++;
	else if (id.n)
		add(containers, id);
}

enum container_step containers_leave(struct containers *containers, struct text id)
{
	struct running *running = id.n ? find(containers, id) : NULL;

	if (!running || --running->processes)
		return CONTAINER_none;
	*running = containers->at[--containers->n];
	return CONTAINER_ended;
}

size_t containers_running(const struct containers *containers)
{
	return containers->n;
}
