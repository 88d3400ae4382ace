// SPDX-License-Identifier: Apache-2.0
// What the kernel is told: programs and places to know, clauses and addresses to refuse, and when
// to begin.

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/memory.h"
#include "base/own.h"
#include "sensor/kernelfs.h"
#include "sensor/load_private.h"
#include "sensor/wanted.h"

int sensor_image(struct sensor *sensor, const struct wire_image_key *key, u64 bits,
	struct error *err)
{
	int map = bpf_map__fd(sensor->bpf->maps.image);
	u64 all = 0;

	bpf_map_lookup_elem(map, key, &all);
	all |= bits;
	return bpf_map_update_elem(map, key, &all, BPF_ANY)
		       ? fail(err, "cannot note a program for the kernel: %m")
		       : 0;
}

static struct place *place_find(struct sensor *sensor, const char *prefix)
{
	for (size_t i = 0; i < sensor->place_count; i++)
		if (!strcmp(sensor->places[i].prefix, prefix))
			return &sensor->places[i];
	if (sensor->place_count == PLACES_MAX)
		return NULL;
	sensor->places[sensor->place_count].prefix = memory_string(prefix);
	return &sensor->places[sensor->place_count++];
}

/* The kernel finds only the longest prefix, so that one repeats what the shorter ones say. */
static int place_write(struct sensor *sensor, const struct place *place)
{
	struct wire_place_key key = {0};
	struct wire_place value = {0};

	for (size_t i = 0; i < sensor->place_count; i++) {
		const struct place *other = &sensor->places[i];

		if (!strncmp(place->prefix, other->prefix, strlen(other->prefix))) {
			value.image_bits |= other->bits;
			value.flags |= other->flags;
		}
	}
	key.bits = (u32)strlen(place->prefix) * 8;
	memcpy(key.path, place->prefix, strlen(place->prefix));
	return bpf_map_update_elem(bpf_map__fd(sensor->bpf->maps.place), &key, &value, BPF_ANY);
}

int sensor_place(struct sensor *sensor, const char *prefix, u64 bits, u32 flags, struct error *err)
{
	struct place *place;

	if (prefix[0] != '/' || strlen(prefix) > PLACE_PATH_MAX)
		return fail(err, "'%s' is no absolute path of at most %d bytes", prefix,
			PLACE_PATH_MAX);
	place = place_find(sensor, prefix);
	if (!place)
		return fail(err, "more than %d places to watch or to judge by", PLACES_MAX);
	place->bits |= bits;
	place->flags |= flags;
	for (size_t i = 0; i < sensor->place_count; i++)
		if (!strncmp(sensor->places[i].prefix, prefix, strlen(prefix)) &&
		    place_write(sensor, &sensor->places[i]))
			return fail(err, "cannot note the place '%s' for the kernel: %m", prefix);
	if (bits || flags & PLACE_scope)
		sensor->bpf->bss->prefix_wanted = 1;
	return 0;
}

int sensor_clause(struct sensor *sensor, unsigned index, const struct wire_clause *clause,
	struct error *err)
{
	u32 key = index;

	if (index >= CLAUSES_MAX)
		return fail(err, "more than %d clauses for the kernel", CLAUSES_MAX);
	if (bpf_map_update_elem(bpf_map__fd(sensor->bpf->maps.clauses), &key, clause, BPF_ANY))
		return fail(err, "cannot hand a clause to the kernel: %m");
	if (index >= sensor->bpf->bss->clause_count)
		sensor->bpf->bss->clause_count = index + 1;
	if (clause->in_use)
		sensor->bpf->bss->acts_wanted |= clause->acts;
	if (clause->in_use && clause->hash_asked)
		sensor->bpf->bss->hash_wanted = 1;
	return 0;
}

int connect_attach(struct sensor *sensor, const char *folder, struct bpf_link **links,
	struct error *err)
{
	struct bpf_program *all[CONNECT_PROGRAMS] = {sensor->bpf->progs.deny_connect4,
		sensor->bpf->progs.deny_connect6, sensor->bpf->progs.deny_sendmsg4,
		sensor->bpf->progs.deny_sendmsg6};
	until_return(fd_close) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return fail(err, "cannot open the cgroup '%s': %m", folder);
	for (int i = 0; i < CONNECT_PROGRAMS; i++) {
		struct bpf_link *link = bpf_program__attach_cgroup(all[i], fd);

		if (!link)
			return fail(err, "cannot attach to the cgroup '%s': %m", folder);
		if (links)
			links[i] = link;
		else
			sensor->links[sensor->link_count++] = link;
	}
	return 0;
}

/* The connect rung touches a cgroup only once there is an address to refuse. */
static int connect_begin(struct sensor *sensor, struct error *err)
{
	char root[1024];

	if (sensor->connect_attached)
		return 0;
	if (strcmp(capability_get(sensor, "rung_connect")->state, "works"))
		return fail(err, "connections cannot be refused: %s",
			capability_get(sensor, "rung_connect")->message);
	if (sensor->options.scope == SCOPE_cgroup)
		snprintf(root, sizeof root, "%s", sensor->options.scope_path);
	else if (cgroup_root(root, sizeof root, err) < 0)
		return -1;
	sensor->connect_attached = true;
	return connect_attach(sensor, root, NULL, err);
}

int sensor_deny_address(struct sensor *sensor, const struct wire_address_key *key, u32 rule,
	struct error *err)
{
	if (bpf_map_update_elem(bpf_map__fd(sensor->bpf->maps.deny_address), key, &rule, BPF_ANY))
		return fail(err, "cannot note an address for the kernel: %m");
	return sensor->options.prevent ? connect_begin(sensor, err) : 0;
}

void sensor_allow_address(struct sensor *sensor, const struct wire_address_key *key)
{
	bpf_map_delete_elem(bpf_map__fd(sensor->bpf->maps.deny_address), key);
}

void sensor_wanted(struct sensor *sensor, const uint64_t kinds[2])
{
	sensor->bpf->data->wanted = wanted_records(kinds);
}

void sensor_arm(struct sensor *sensor, bool armed)
{
	sensor->bpf->bss->armed = armed && sensor->options.prevent;
	sensor->bpf->bss->protect =
		armed && sensor->options.prevent && sensor->options.protect;
}
