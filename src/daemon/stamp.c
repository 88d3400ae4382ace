// SPDX-License-Identifier: Apache-2.0
// What a file was when something was found out about it.

#include <string.h>

#include "base/text.h"
#include "daemon/stamp.h"

enum { SECOND = 1000000000 };

struct stamp stamp_of(const struct stat *file)
{
	return (struct stamp){
		.device = file->st_dev,
		.inode = file->st_ino,
		.size = (uint64_t)file->st_size,
		.mtime = file->st_mtim.tv_sec * SECOND + file->st_mtim.tv_nsec,
		.ctime = file->st_ctim.tv_sec * SECOND + file->st_ctim.tv_nsec,
	};
}

static unsigned slot(const struct stamp *stamp)
{
	return text_hash((struct text){(const char *)stamp, sizeof *stamp}) % STAMPS;
}

const unsigned char *stamp_find(const struct stamp_cache *cache, const struct stamp *stamp)
{
	const struct stamp_entry *entry = &cache->at[slot(stamp)];

	return memcmp(&entry->stamp, stamp, sizeof *stamp) ? NULL : entry->finding;
}

void stamp_keep(
	struct stamp_cache *cache, const struct stamp *stamp, const void *finding, int64_t now)
{
	struct stamp_entry *entry = &cache->at[slot(stamp)];

	if (now - stamp->ctime < SECOND || now - stamp->mtime < SECOND)
		return;
	entry->stamp = *stamp;
	memcpy(entry->finding, finding, STAMP_FINDING);
}
