// SPDX-License-Identifier: Apache-2.0
// A stream with whatever it is packed in taken off. Layers lie on one another: each reads what the
// one below gives.

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "import/unpack.h"

enum { LAYERS_MAX = 5, HEAD = 512, PIECE = 1 << 16, NAME_MAX_BYTES = 2048, ENTRIES_MAX = 1000000 };

/* What comes out of so few bytes is made to fill disks. */
#define SWOLLEN_BYTES (UINT64_C(4) << 30)
enum { SWOLLEN_TIMES = 1500 };

struct layer {
	struct unpack *unpack;
	unsigned depth; /* 0: the descriptor itself */
	struct archive *archive; /* NULL: the bytes pass as they are */
	bool has_file, ended; /* one of the archive is at hand; there are no more */
	size_t name_n; /* of the full name, before that of a file in the archive */
	char head[HEAD]; /* first bytes of this layer's file, looked at already */
	size_t head_at, head_n;
	char piece[PIECE]; /* what the archive was given last */
};

struct unpack {
	int fd;
	char *name;
	struct layer *layers[LAYERS_MAX + 1];
	unsigned n; /* the uppermost is layers[n - 1] */
	bool begun, finished;
	uint64_t taken, given;
	unsigned entries;
	char full_name[NAME_MAX_BYTES];
};

struct unpack *unpack_new(int fd, const char *name)
{
	struct unpack *unpack = memory_new(sizeof *unpack);

	unpack->fd = fd;
	unpack->name = memory_string(name);
	return unpack;
}

static void layer_drop(struct unpack *unpack)
{
	struct layer *layer = unpack->layers[--unpack->n];

	if (layer->archive)
		archive_read_free(layer->archive);
	free(layer);
	unpack->layers[unpack->n] = NULL;
}

void unpack_free(struct unpack **unpack)
{
	struct unpack *u = *unpack;

	if (!u)
		return;
	while (u->n)
		layer_drop(u);
	free(u->name);
	memory_free(unpack);
}

bool unpack_is_plain(const struct unpack *unpack)
{
	return unpack->n == 1 && !unpack->layers[0]->archive;
}

uint64_t unpack_taken(const struct unpack *unpack)
{
	return unpack->taken;
}

static int64_t descriptor_read(struct unpack *unpack, void *to, size_t n, struct error *err)
{
	ssize_t got;

	do
		got = read(unpack->fd, to, n);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return fail(err, "cannot read: %m");
	unpack->taken += (uint64_t)got;
	return got;
}

/* What libarchive says, as a sentence. */
static int archive_fail(struct archive *archive, struct error *err)
{
	const char *why = archive_error_string(archive);

	return fail(err, "cannot unpack it: %s", why ? why : "it is damaged");
}

/* The bytes of the file of a layer: what was looked at first, then from its archive. */
static int64_t layer_read(struct layer *layer, void *to, size_t n, struct error *err)
{
	size_t left = layer->head_n - layer->head_at;
	la_ssize_t got;

	if (left) {
		n = n < left ? n : left;
		memcpy(to, layer->head + layer->head_at, n);
		layer->head_at += n;
		return (int64_t)n;
	}
	if (!layer->archive)
		return descriptor_read(layer->unpack, to, n, err);
	got = archive_read_data(layer->archive, to, n);
	if (got < 0)
		return archive_fail(layer->archive, err);
	layer->unpack->given += (uint64_t)got;
	if (layer->unpack->given > SWOLLEN_BYTES &&
	    layer->unpack->given / SWOLLEN_TIMES > layer->unpack->taken)
		return fail(err, "it unpacks to more than %d times its size; the rest is left out",
			SWOLLEN_TIMES);
	return got;
}

/* For libarchive: what the layer below gives. */
static la_ssize_t below_read(struct archive *archive, void *context, const void **bytes)
{
	struct layer *layer = context;
	struct error err;
	int64_t got = layer_read(layer->unpack->layers[layer->depth - 1], layer->piece,
		sizeof layer->piece, &err);

	*bytes = layer->piece;
	if (got < 0)
		archive_set_error(archive, EIO, "%s", err.text);
	return got;
}

/* Reads the first bytes of a layer's file, which are given again afterwards. */
static int head_read(struct layer *layer, struct error *err)
{
	char head[HEAD];
	size_t n = 0;

	layer->head_at = layer->head_n = 0;
	while (n < HEAD) {
		int64_t got = layer_read(layer, head + n, HEAD - n, err);

		if (got < 0)
			return -1;
		if (!got)
			break;
		n += (size_t)got;
	}
	memcpy(layer->head, head, n);
	layer->head_n = n;
	return 0;
}

static bool head_is_packed(const struct layer *layer)
{
	static const struct {
		size_t at;
		struct text magic;
	} marks[] = {
		{0, {"\x1f\x8b", 2}}, {0, {"\x28\xb5\x2f\xfd", 4}}, {0, {"\xfd" "7zXZ\0", 6}},
		{0, {"BZh", 3}}, {0, {"\x04\x22\x4d\x18", 4}}, {0, {"PK\3\4", 4}},
		{257, {"ustar", 5}},
	};

	for (size_t i = 0; i < array_size(marks); i++)
		if (layer->head_n >= marks[i].at + marks[i].magic.n &&
		    !memcmp(layer->head + marks[i].at, marks[i].magic.at, marks[i].magic.n))
			return true;
	return false;
}

static struct layer *layer_add(struct unpack *unpack)
{
	struct layer *layer = memory_new(sizeof *layer);

	layer->unpack = unpack;
	layer->depth = unpack->n;
	unpack->layers[unpack->n++] = layer;
	return layer;
}

/* An archive over the file of the uppermost layer. */
static int archive_open(struct unpack *unpack, struct error *err)
{
	struct layer *layer = layer_add(unpack);
	struct archive *archive = layer->archive = archive_read_new();

	if (!archive)
		return fail(err, "there is no memory to unpack it");
	layer->name_n = strlen(unpack->full_name);
	archive_read_support_filter_gzip(archive);
	archive_read_support_filter_zstd(archive);
	archive_read_support_filter_xz(archive);
	archive_read_support_filter_bzip2(archive);
	archive_read_support_filter_lz4(archive);
	archive_read_support_format_tar(archive);
	archive_read_support_format_zip_streamable(archive);
	archive_read_support_format_raw(archive);
	archive_read_support_format_empty(archive);
	if (archive_read_open(archive, layer, NULL, below_read, NULL) != ARCHIVE_OK)
		return archive_fail(archive, err);
	return 0;
}

/* The next regular file of an archive: 1, 0 if there is none. */
static int entry_next(struct layer *layer, int64_t *modified, struct error *err)
{
	struct unpack *unpack = layer->unpack;
	struct archive_entry *entry;

	while (!layer->ended) {
		int got = archive_read_next_header(layer->archive, &entry);
		const char *path;
		bool in_tree;

		unpack->full_name[layer->name_n] = 0;
		layer->ended = got == ARCHIVE_EOF;
		if (layer->ended)
			break;
		if (got < ARCHIVE_WARN)
			return archive_fail(layer->archive, err);
		if (++unpack->entries > ENTRIES_MAX)
			return fail(err, "it holds more than %d files; the rest is left out",
				ENTRIES_MAX);
		in_tree = archive_format(layer->archive) != ARCHIVE_FORMAT_RAW;
		if (in_tree && archive_entry_filetype(entry) != AE_IFREG)
			continue;
		*modified = archive_entry_mtime_is_set(entry) ? archive_entry_mtime(entry) : -1;
		path = archive_entry_pathname(entry);
		if (in_tree && path)
			snprintf(unpack->full_name + layer->name_n,
				sizeof unpack->full_name - layer->name_n, ":%s", path);
		return 1;
	}
	return 0;
}

/* Takes off what the file of the uppermost layer is packed in, as often as it is. */
static int file_open(struct unpack *unpack, int64_t *modified, struct error *err)
{
	for (;;) {
		struct layer *layer = unpack->layers[unpack->n - 1];
		int got;

		if (head_read(layer, err))
			return -1;
		if (unpack->n > LAYERS_MAX || !head_is_packed(layer))
			return 1;
		if (archive_open(unpack, err))
			return -1;
		layer = unpack->layers[unpack->n - 1];
		got = entry_next(layer, modified, err);
		if (got <= 0)
			return got;
	}
}

/* A broken archive inside of another is left behind, a broken outermost one ends all. */
static int file_failed(struct unpack *unpack)
{
	if (unpack->n > 2)
		layer_drop(unpack);
	else
		unpack->finished = true;
	return -1;
}

int unpack_next(struct unpack *unpack, const char **name, int64_t *modified, struct error *err)
{
	int got = 0;

	if (unpack->finished)
		return 0;
	*modified = -1;
	if (!unpack->begun) {
		unpack->begun = true;
		snprintf(unpack->full_name, sizeof unpack->full_name, "%s", unpack->name);
		layer_add(unpack);
		got = file_open(unpack, modified, err);
	}
	while (!got && unpack->n > 1) {
		got = entry_next(unpack->layers[unpack->n - 1], modified, err);
		if (got > 0)
			got = file_open(unpack, modified, err);
		else if (!got)
			layer_drop(unpack);
	}
	*name = unpack->full_name;
	if (got < 0)
		return file_failed(unpack);
	unpack->finished = !got;
	return got;
}

int64_t unpack_read(struct unpack *unpack, void *to, size_t n, struct error *err)
{
	return layer_read(unpack->layers[unpack->n - 1], to, n, err);
}
