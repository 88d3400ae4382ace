// SPDX-License-Identifier: Apache-2.0
// Isolation: the object is loaded, filled, attached and pinned; a later process finds it again by
// its pins.

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/memory.h"
#include "base/own.h"
#include "sensor/isolate.h"
#include "sensor/isolate.skel.h"
#include "sensor/kernelfs.h"

static const char bpffs[] = "/sys/fs/bpf", pins[] = "/sys/fs/bpf/saker";
enum { BPF_MAGIC = (int)0xcafe4a11, PROGRAMS = 6, PATH = 512 };

struct isolate {
	struct isolate_bpf *bpf; /* NULL: found by its pins */
	struct bpf_link *links[PROGRAMS];
	int counts, peers;
};

static bool number_read(struct text text, long most, long *number)
{
	int64_t value;

	if (!text.n || !text_number(text, &value) || value < 0 || value > most)
		return false;
	*number = (long)value;
	return true;
}

/* What stands behind the last `separator`, taken off; no text if there is none. */
static struct text behind(struct text *text, char separator)
{
	for (size_t i = text->n; i-- > 0;)
		if (text->at[i] == separator) {
			struct text rest = {text->at + i + 1, text->n - i - 1};

			text->n = i;
			return rest;
		}
	return (struct text){0};
}

static bool address_take(struct text text, struct isolate_allowed *allowed, long *most)
{
	char buffer[64];

	if (!text.n || text.n >= sizeof buffer)
		return false;
	memcpy(buffer, text.at, text.n);
	buffer[text.n] = 0;
	if (inet_pton(AF_INET, buffer, allowed->key.bytes) == 1) {
		allowed->key.family = AF_INET;
		*most = 32;
		return true;
	}
	allowed->key.family = AF_INET6;
	*most = 128;
	return inet_pton(AF_INET6, buffer, allowed->key.bytes) == 1;
}

int isolate_read(struct text text, struct isolate_allowed *allowed, struct error *err)
{
	struct text rest = text, port = {0}, bits = {0};
	bool bracket = text.n && text.at[0] == '[', colon = memchr(text.at, '.', text.n);
	long most = 0, number = 0;

	*allowed = (struct isolate_allowed){.port = 0};
	if (bracket) {
		const char *end = memchr(text.at, ']', text.n);

		if (!end)
			return fail(err, "'%.*s' has a '[' without a ']'", (int)text.n, text.at);
		rest = (struct text){text.at + 1, (size_t)(end - text.at) - 1};
		port = (struct text){end + 1, text.n - rest.n - 2};
		if (port.n && port.at[0] == ':')
			port = (struct text){port.at + 1, port.n - 1};
		else if (!port.n)
			port = (struct text){0};
		else
			return fail(err, "behind ']' in '%.*s' stands no ':' and port",
				(int)text.n, text.at);
	} else if (colon && memchr(text.at, ':', text.n)) {
		port = behind(&rest, ':');
	}
	bits = behind(&rest, '/');
	if (!address_take(rest, allowed, &most))
		return fail(err,
			"'%.*s' is no address or network; write 192.0.2.1, 192.0.2.0/24, "
			"192.0.2.1:443, 2001:db8::/32 or [2001:db8::1]:443",
			(int)text.n, text.at);
	number = most;
	if (bits.at && !number_read(bits, most, &number))
		return fail(err, "'%.*s' is no length of a network; it is 0 to %ld", (int)bits.n,
			bits.at, most);
	allowed->key.bits = ISOLATE_FAMILY + (u32)number;
	number = 0;
	if (port.at && (!number_read(port, 65535, &number) || !number))
		return fail(err, "'%.*s' is no port; it is 1 to 65535", (int)port.n, port.at);
	allowed->port = (u16)number;
	return 0;
}

/* The folder of its pins, named by a hash of the cgroup's. */
static void pin_folder(const char *cgroup, char *path, size_t size)
{
	snprintf(path, size, "%s/isolation-%016llx", pins,
		(unsigned long long)text_hash(text_of(cgroup ? cgroup : "")));
}

static int bpffs_mount(struct error *err)
{
	struct statfs fs;

	if (!statfs(bpffs, &fs) && (int)fs.f_type == BPF_MAGIC)
		return 0;
	if (mount("bpf", bpffs, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700"))
		return fail(err,
			"cannot mount the BPF file system at %s, which keeps the isolation: %m",
			bpffs);
	return 0;
}

static int allowed_fill(struct isolate *isolate, const struct isolate_options *options,
	struct error *err)
{
	int map = bpf_map__fd(isolate->bpf->maps.allowed);

	for (size_t i = 0; i < options->count; i++) {
		const struct isolate_allowed *allowed = &options->allowed[i];
		struct isolate_ports ports = {.n = 0};
		bool known = !bpf_map_lookup_elem(map, &allowed->key, &ports);

		if (!allowed->port)
			ports.n = 0;
		else if (known && !ports.n)
			continue; /* all of its ports are allowed already */
		else if (ports.n == ISOLATE_PORTS_MAX)
			return fail(err, "more than %d ports of one address", ISOLATE_PORTS_MAX);
		else
			ports.at[ports.n++] = allowed->port;
		if (bpf_map_update_elem(map, &allowed->key, &ports, BPF_ANY))
			return fail(err, "cannot allow an address: %m");
	}
	return 0;
}

static int programs_attach(struct isolate *isolate, const char *folder, struct error *err)
{
	until_return(fd_close) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct bpf_program *program;
	size_t n = 0;

	if (fd < 0)
		return fail(err, "cannot open the control group '%s': %m", folder);
	bpf_object__for_each_program(program, isolate->bpf->obj) {
		isolate->links[n] = bpf_program__attach_cgroup(program, fd);
		if (!isolate->links[n++])
			return fail(err, "cannot attach to the control group '%s': %m", folder);
	}
	return 0;
}

static int all_pin(struct isolate *isolate, const char *cgroup, struct error *err)
{
	char folder[PATH], path[PATH + 32];

	if (bpffs_mount(err) < 0)
		return -1;
	pin_folder(cgroup, folder, sizeof folder);
	if ((mkdir(pins, 0700) && errno != EEXIST) || mkdir(folder, 0700))
		return fail(err, "cannot keep the isolation in '%s': %m", folder);
	for (size_t i = 0; i < PROGRAMS; i++) {
		snprintf(path, sizeof path, "%s/link%zu", folder, i);
		if (bpf_link__pin(isolate->links[i], path))
			return fail(err, "cannot keep the isolation in '%s': %m", path);
	}
	snprintf(path, sizeof path, "%s/counts", folder);
	if (bpf_obj_pin(isolate->counts, path))
		return fail(err, "cannot keep the isolation in '%s': %m", path);
	snprintf(path, sizeof path, "%s/peers", folder);
	if (bpf_obj_pin(isolate->peers, path))
		return fail(err, "cannot keep the isolation in '%s': %m", path);
	return 0;
}

struct isolate *isolate_begin(const struct isolate_options *options, struct error *err)
{
	until_return(isolate_close) struct isolate *isolate = NULL;
	char root[1024], folder[PATH];

	pin_folder(options->cgroup, folder, sizeof folder);
	if (!options->dry && !access(folder, F_OK))
		return fail_null(err, "it is isolated already; `saker release` ends that");
	if (options->cgroup)
		snprintf(root, sizeof root, "%s", options->cgroup);
	else if (cgroup_root(root, sizeof root, err) < 0)
		return NULL;
	isolate = memory_new(sizeof *isolate);
	isolate->counts = isolate->peers = -1;
	isolate->bpf = isolate_bpf__open();
	if (!isolate->bpf)
		return fail_null(err, "cannot open the programs of the isolation: %m");
	isolate->bpf->rodata->dry = options->dry;
	if (isolate_bpf__load(isolate->bpf))
		return fail_null(err, "the kernel refuses the programs of the isolation: %m");
	isolate->counts = bpf_map__fd(isolate->bpf->maps.counts);
	isolate->peers = bpf_map__fd(isolate->bpf->maps.peers);
	if (allowed_fill(isolate, options, err) < 0 || programs_attach(isolate, root, err) < 0)
		return NULL;
	if (!options->dry && all_pin(isolate, options->cgroup, err) < 0) {
		struct error ignored;

		isolate_end(options->cgroup, &ignored);
		return NULL;
	}
	return give(isolate);
}

struct isolate *isolate_find(const char *cgroup, struct error *err)
{
	char folder[PATH], path[PATH + 32];
	struct isolate *isolate;
	int counts, peers;

	pin_folder(cgroup, folder, sizeof folder);
	snprintf(path, sizeof path, "%s/counts", folder);
	counts = bpf_obj_get(path);
	snprintf(path, sizeof path, "%s/peers", folder);
	peers = bpf_obj_get(path);
	if (counts < 0 || peers < 0) {
		fd_close(&counts);
		fd_close(&peers);
		return fail_null(err, "it is not isolated");
	}
	isolate = memory_new(sizeof *isolate);
	isolate->counts = counts;
	isolate->peers = peers;
	return isolate;
}

void isolate_counts(const struct isolate *isolate, u64 counts[ISOLATE_REASONS])
{
	for (u32 i = 0; i < ISOLATE_REASONS; i++) {
		counts[i] = 0;
		bpf_map_lookup_elem(isolate->counts, &i, &counts[i]);
	}
}

static int by_number(const void *a, const void *b)
{
	const struct isolate_refused *left = a, *right = b;

	return left->n == right->n ? 0 : left->n < right->n ? 1 : -1;
}

size_t isolate_peers(const struct isolate *isolate, struct isolate_refused *most, size_t max)
{
	until_return(memory_free) struct isolate_refused *all = memory_new(1024 * sizeof *all);
	struct isolate_peer *before = NULL, key;
	size_t n = 0;

	while (n < 1024 && !bpf_map_get_next_key(isolate->peers, before, &key)) {
		all[n].peer = key;
		if (!bpf_map_lookup_elem(isolate->peers, &key, &all[n].n))
			n++;
		before = &key;
	}
	qsort(all, n, sizeof *all, by_number);
	n = n < max ? n : max;
	memcpy(most, all, n * sizeof *all);
	return n;
}

void isolate_close(struct isolate **isolate)
{
	struct isolate *i = *isolate;

	if (!i)
		return;
	for (size_t n = 0; n < PROGRAMS; n++)
		bpf_link__destroy(i->links[n]); /* a pin keeps what it needs */
	if (i->bpf) {
		isolate_bpf__destroy(i->bpf);
	} else {
		fd_close(&i->counts);
		fd_close(&i->peers);
	}
	memory_free(isolate);
}

int isolate_end(const char *cgroup, struct error *err)
{
	char folder[PATH], path[PATH + 32];

	pin_folder(cgroup, folder, sizeof folder);
	if (access(folder, F_OK))
		return fail(err, "it is not isolated");
	for (size_t i = 0; i < PROGRAMS; i++) {
		snprintf(path, sizeof path, "%s/link%zu", folder, i);
		unlink(path);
	}
	snprintf(path, sizeof path, "%s/counts", folder);
	unlink(path);
	snprintf(path, sizeof path, "%s/peers", folder);
	unlink(path);
	return rmdir(folder) ? fail(err, "cannot take away '%s': %m", folder) : 0;
}

int isolate_restore(const char *file, struct error *err)
{
	until_return(memory_free) struct isolate_allowed *allowed =
		memory_new(ISOLATE_ALLOWED_MAX * sizeof *allowed);
	struct isolate_options options = {.allowed = allowed};
	struct isolate *isolate;
	FILE *in = fopen(file, "re");
	char line[256];
	int result = 0;

	if (!in)
		return 0;
	isolate = isolate_find(NULL, NULL);
	while (!isolate && !result && options.count < ISOLATE_ALLOWED_MAX &&
		fgets(line, sizeof line, in)) {
		line[strcspn(line, "\n")] = 0;
		if (*line && *line != '#')
			result = isolate_read(text_of(line), &allowed[options.count++], err);
	}
	fclose(in);
	if (!isolate && !result) {
		isolate = isolate_begin(&options, err);
		result = isolate ? 1 : -1;
	}
	isolate_close(&isolate);
	return result < 0 ? fail_in(err, "%s: ", file) : result;
}
