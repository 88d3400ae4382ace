// SPDX-License-Identifier: Apache-2.0
// Who makes readable files unreadable, one after the other.

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/own.h"
#include "daemon/rewrites.h"

enum {
	SEEN = 16384, /* each file takes two */
	COPIES = 256,
	REWRITERS = 64,
	KNOWN = 32,
	READABLE_MAX = 700, /* hundredths of a bit */
	RISE_MIN = 100,
	SHORT = 128, /* bytes of which nothing can be said */
};

/* A file by its inode, or by its path. */
struct seen {
	uint64_t key; /* 0: free */
	uint64_t path; /* its key */
	uint32_t entropy;
	bool readable;
};

/* A file without order beside one that has some. */
struct copy {
	uint64_t original, path; /* keys of both paths; the first 0: free */
	int64_t time;
	struct entity who[REWRITES_WHO];
	size_t n;
};

struct rewriter {
	struct entity who;
	int64_t since;
	unsigned files;
};

struct rewrites {
	unsigned most;
	struct seen seen[SEEN];
	struct copy copies[COPIES];
	struct rewriter rewriters[REWRITERS];
	struct entity known[KNOWN];
	size_t copy_next, rewriter_next, known_next;
};

struct rewrites *rewrites_new(unsigned most)
{
	struct rewrites *rewrites = memory_new(sizeof *rewrites);

	rewrites->most = most;
	return rewrites;
}

void rewrites_free(struct rewrites **rewrites)
{
	free(give(*rewrites));
}

static uint64_t path_key(struct text path)
{
	return text_hash(path) | 1;
}

static uint64_t inode_key(const struct message_file *file)
{
	uint64_t pair[2] = {file->stamp.device, file->stamp.inode};

	return text_hash((struct text){(const char *)pair, sizeof pair}) | 1;
}

static struct text path_of(const struct message_file *file)
{
	return (struct text){file->path, strnlen(file->path, sizeof file->path)};
}

static const struct seen *seen_find(const struct rewrites *rewrites, uint64_t key)
{
	const struct seen *seen = &rewrites->seen[key % SEEN];

	return seen->key == key ? seen : NULL;
}

/* What packs data says so in its first bytes. */
static bool is_packed(const struct message_hashed *found)
{
	static const struct {
		unsigned at, n;
		const char *bytes;
	} formats[] = {
		{0, 2, "\x1f\x8b"}, /* gzip */
		{0, 4, "PK\3\4"},
		{0, 6, "\xfd" "7zXZ\0"},
		{0, 6, "7z\xbc\xaf\x27\x1c"},
		{0, 4, "\x28\xb5\x2f\xfd"}, /* zstd */
		{0, 4, "\x04\x22\x4d\x18"}, /* lz4 */
		{0, 3, "BZh"},
		{0, 3, "\xff\xd8\xff"}, /* JPEG */
		{0, 4, "\x89PNG"},
		{0, 4, "GIF8"},
		{0, 4, "RIFF"},
		{4, 4, "ftyp"}, /* MP4, HEIC, AVIF */
		{0, 4, "OggS"},
		{0, 3, "ID3"},
		{0, 4, "fLaC"},
		{0, 4, "\x1a\x45\xdf\xa3"}, /* Matroska */
		{0, 4, "wOFF"},
		{0, 4, "wOF2"},
		{0, 4, "%PDF"},
		{0, 4, "Rar!"},
	};

	for (size_t i = 0; i < array_size(formats); i++)
		if (found->head_length >= formats[i].at + formats[i].n &&
			!memcmp(found->head + formats[i].at, formats[i].bytes, formats[i].n))
			return true;
	return false;
}

/* The fewer bytes there are, the less entropy even noise can have. */
static bool is_noise(const struct message_file *file)
{
	const struct message_hashed *found = &file->sifted.found;
	uint64_t n = file->stamp.size;
	uint32_t least = n >= 2048 ? 770 : n >= 1024 ? 750 : n >= 512 ? 715 : n >= 256 ? 665 : 590;

	return found->known && n >= SHORT && found->entropy >= least && !is_packed(found);
}

static bool is_readable(const struct message_file *file)
{
	const struct message_hashed *found = &file->sifted.found;

	return found->known && file->stamp.size >= SHORT && found->entropy < READABLE_MAX &&
		!is_noise(file);
}

void rewrites_seen(struct rewrites *rewrites, const struct message_file *file)
{
	uint64_t keys[] = {inode_key(file), path_key(path_of(file))};

	for (size_t i = 0; i < array_size(keys); i++)
		rewrites->seen[keys[i] % SEEN] = (struct seen){
			keys[i], keys[1], file->sifted.found.entropy, is_readable(file)};
}

static bool is_risen(const struct seen *before, const struct message_file *file)
{
	return before && before->readable &&
		file->sifted.found.entropy >= before->entropy + RISE_MIN;
}

/* A readable file whose name this one's begins with; 0: none is known. */
static uint64_t original_find(const struct rewrites *rewrites, const struct message_file *file)
{
	struct text path = path_of(file);

	for (size_t n = path.n; n > 1 && path.at[n - 1] != '/'; n--) {
		uint64_t key = path_key((struct text){path.at, n - 1});

		if (is_risen(seen_find(rewrites, key), file))
			return key;
	}
	return 0;
}

static struct rewriter *rewriter_get(struct rewrites *rewrites, struct entity who)
{
	struct rewriter *oldest;

	for (size_t i = 0; i < REWRITERS; i++)
		if (entity_equal(rewrites->rewriters[i].who, who))
			return &rewrites->rewriters[i];
	oldest = &rewrites->rewriters[rewrites->rewriter_next++ % REWRITERS];
	*oldest = (struct rewriter){.who = who};
	return oldest;
}

/* What one has done does not count for those above it any more once it is caught itself. */
static void forgive(struct rewrites *rewrites, const struct entity *who, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct rewriter *above = rewriter_get(rewrites, who[i]);

		above->files -= above->files < rewrites->most ? above->files : rewrites->most - 1;
	}
}

static struct entity count(struct rewrites *rewrites, const struct entity *who, size_t n,
	int64_t now)
{
	for (size_t i = 0; i < n; i++) {
		struct rewriter *rewriter = rewriter_get(rewrites, who[i]);

		if (now - rewriter->since > REWRITES_WINDOW)
			*rewriter = (struct rewriter){.who = who[i], .since = now};
		if (++rewriter->files < rewrites->most)
			continue;
		rewriter->files = 0;
		rewrites->known[rewrites->known_next++ % KNOWN] = who[i];
		forgive(rewrites, who + i + 1, n - i - 1);
		return who[i];
	}
	return (struct entity){0, 0};
}

struct entity rewrites_wrote(struct rewrites *rewrites, const struct message_file *file,
	const struct entity *who, size_t n, int64_t now)
{
	uint64_t path = path_key(path_of(file));
	const struct seen *before = seen_find(rewrites, inode_key(file));
	/* in place, whatever its name is now; or another file where it was */
	bool noise = is_noise(file),
	     rewritten = noise &&
		(is_risen(before, file) || is_risen(seen_find(rewrites, path), file));
	/* the inode may be that of a file that is gone */
	bool is_new = !before || before->path != path;
	uint64_t original = noise && !rewritten && is_new ? original_find(rewrites, file) : 0;

	rewrites_seen(rewrites, file);
	if (original) {
		struct copy *copy = &rewrites->copies[rewrites->copy_next++ % COPIES];

		*copy = (struct copy){.original = original, .path = path, .time = now, .n = n};
		memcpy(copy->who, who, n * sizeof *who);
	}
	return rewritten ? count(rewrites, who, n, now) : (struct entity){0, 0};
}

struct entity rewrites_gone(
	struct rewrites *rewrites, struct text path, struct text new_path, int64_t now)
{
	uint64_t key = path_key(path), new_key = new_path.n ? path_key(new_path) : 0;

	for (size_t i = 0; i < COPIES; i++) {
		struct copy copy = rewrites->copies[i];
		bool replaces = copy.path == key && copy.original == new_key;

		if (!copy.original || (copy.original != key && copy.path != key))
			continue;
		rewrites->copies[i].original = 0;
		/* a copy that is gone itself, or lay beside the original for long, was just one */
		if ((copy.path == key && !replaces) || now - copy.time > REWRITES_WINDOW)
			continue;
		return count(rewrites, copy.who, copy.n, now);
	}
	return (struct entity){0, 0};
}

bool rewrites_is_known(const struct rewrites *rewrites, const struct entity *who, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < KNOWN; k++)
			if (!entity_is_none(who[i]) && entity_equal(rewrites->known[k], who[i]))
				return true;
	return false;
}
