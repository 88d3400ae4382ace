// SPDX-License-Identifier: Apache-2.0
// The order of the chunks of a log that began anew at its front when it was full.

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "import/evtx/bytes.h"
#include "import/evtx/chunk.h"
#include "import/evtx/evtx.h"

enum {
	CHUNKS_MAX = 1 << 20, /* 64 GiB, sixteen times what Windows can write */
	HEADER_BYTES = 4096,
	FIRST_ID = CHUNK_HEAD + 8, /* of the first record of a chunk */
};

struct spot {
	uint64_t offset, id;
};

static int spot_compare(const void *left, const void *right)
{
	const struct spot *a = left, *b = right;

	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

/* The id of the first record; what is no chunk, or holds none, comes last. */
static uint64_t id_read(int fd, uint64_t offset)
{
	char head[FIRST_ID + 8];

	if (pread(fd, head, sizeof head, (off_t)offset) != sizeof head ||
	    memcmp(head, CHUNK_SIGNATURE.at, CHUNK_SIGNATURE.n) ||
	    bytes_32(head + CHUNK_HEAD) != RECORD_MAGIC)
		return UINT64_MAX;
	return bytes_64(head + FIRST_ID);
}

int evtx_order(int fd, uint64_t **offsets, size_t *n)
{
	until_return(memory_free) struct spot *spots = NULL;
	char signature[8] = {0};
	uint64_t from = 0;
	bool ordered = true;
	struct stat file;
	size_t count;

	if (fstat(fd, &file) || file.st_size < 0 ||
	    pread(fd, signature, sizeof signature, 0) < 0)
		return -1;
	if (!memcmp(signature, "ElfFile", sizeof signature))
		from = HEADER_BYTES;
	*offsets = NULL;
	*n = 0;
	if ((uint64_t)file.st_size <= from)
		return 0;
	count = ((uint64_t)file.st_size - from + CHUNK_BYTES - 1) / CHUNK_BYTES;
	if (count > CHUNKS_MAX)
		return -1;
	spots = memory_resize(NULL, count, sizeof *spots);
	for (size_t i = 0; i < count; i++) {
		spots[i].offset = from + i * CHUNK_BYTES;
		spots[i].id = id_read(fd, spots[i].offset);
		ordered &= !i || spots[i - 1].id <= spots[i].id;
	}
	if (ordered)
		return 0;
	qsort(spots, count, sizeof *spots, spot_compare);
	*offsets = memory_resize(NULL, count, sizeof **offsets);
	for (size_t i = 0; i < count; i++)
		(*offsets)[i] = spots[i].offset;
	*n = count;
	return 0;
}
