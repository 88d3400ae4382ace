// SPDX-License-Identifier: Apache-2.0
// A compiled set: opened, checked, read row by row.

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "intel/indicator/set.h"
#include "intel/indicator/value.h"

const char *const indicator_names[INDICATOR_TYPES] = {
#define INDICATOR(name, ...) [INDICATOR_##name] = #name,
#include "intel/indicator.def"
#undef INDICATOR
};

const char *const indicator_sentences[INDICATOR_TYPES] = {
#define INDICATOR(name, bytes, sentence) [INDICATOR_##name] = sentence,
#include "intel/indicator.def"
#undef INDICATOR
};

const char *const tlp_names[TLP_unknown + 1] = {
#define TLP(name, shown, ...) [TLP_##name] = shown,
#include "intel/tlp.def"
#undef TLP
	[TLP_unknown] = "",
};

enum { CONFIDENCE_NONE = 255 };

static const int64_t second = 1000000000;

/* Where a section is, if it lies in the set and has so many bytes; else NULL. */
static const void *section_at(const struct indicators *set, const struct image_section *section,
	uint64_t bytes)
{
	if (section->bytes != bytes || section->offset % IMAGE_ALIGN || section->offset > set->n ||
		bytes > set->n - section->offset)
		return NULL;
	return set->at + section->offset;
}

static bool table_take(struct indicators *set, const struct image_table *from,
	enum indicator_type type)
{
	struct set_table *table = &set->tables[type];
	uint64_t rows = from->rows;
	size_t width = indicator_widths[type] ? indicator_widths[type] : sizeof(uint32_t);
	bool keyed = type != INDICATOR_ipv4_range && type != INDICATOR_ipv6_range;

	if (!rows)
		return true;
	if (from->width != width || rows == UINT32_MAX)
		return false;
	*table = (struct set_table){
		.rows = from->rows,
		.blocks = from->blocks,
		.bucket_bits = from->bucket_bits,
		.width = from->width,
		.values = section_at(set, &from->values, rows * width),
		.origins = section_at(set, &from->origins, rows * sizeof(uint32_t)),
		.lines = section_at(set, &from->lines, rows * sizeof(uint32_t)),
	};
	if (from->times.bytes) {
		table->times = section_at(set, &from->times, rows * sizeof *table->times);
		if (!table->times)
			return false;
	}
	if (!table->values || !table->origins || !table->lines)
		return false;
	if (!keyed)
		return true;
	if (!from->blocks || from->bucket_bits > 31)
		return false;
	table->filter = section_at(set, &from->filter, from->blocks * sizeof *table->filter);
	table->directory = section_at(set, &from->directory,
		((UINT64_C(1) << from->bucket_bits) + 1) * sizeof(uint32_t));
	table->tags = section_at(set, &from->tags, rows * sizeof(uint32_t));
	return table->filter && table->directory && table->tags;
}

static bool trie_take(struct indicators *set, const struct image_trie *from,
	enum image_trie_name name)
{
	struct trie *trie = &set->tries[name];
	enum indicator_type type = name == TRIE_ipv4 ? INDICATOR_ipv4_range : INDICATOR_ipv6_range;
	uint64_t rows = set->tables[type].rows;

	*trie = (struct trie){
		.nodes = from->nodes,
		.leaves = from->leaves,
		.ranges = (uint32_t)rows,
		.bits = name == TRIE_ipv4 ? 32 : 128,
		.node = section_at(set, &from->node, from->nodes * sizeof *trie->node),
		.leaf = section_at(set, &from->leaf, from->leaves * sizeof *trie->leaf),
		.parent = section_at(set, &from->parent, rows * sizeof *trie->parent),
		.starts = section_at(set, &from->starts,
			from->leaves ? TRIE_STARTS * sizeof *trie->starts : 0),
	};
	return trie->node && trie->leaf && trie->parent && trie->starts;
}

static bool sections_take(struct indicators *set, const struct image_head *head)
{
	for (int i = 0; i < INDICATOR_TYPES; i++)
		if (!table_take(set, &head->tables[i], (enum indicator_type)i))
			return false;
	for (int i = 0; i < TRIES; i++)
		if (!trie_take(set, &head->tries[i], (enum image_trie_name)i))
			return false;
	set->seed = head->seed;
	set->sum = head->sum;
	set->text_bytes = head->texts.bytes;
	set->texts = section_at(set, &head->texts, set->text_bytes);
	set->origin_count = head->origins.bytes / sizeof *set->origins;
	set->origins =
		section_at(set, &head->origins, set->origin_count * sizeof *set->origins);
	set->host_blocks = head->host_blocks;
	set->hosts =
		section_at(set, &head->hosts, set->host_blocks * sizeof(struct filter_block));
	return set->texts && set->origins && set->hosts &&
		(set->host_blocks || !set->tables[INDICATOR_url].rows);
}

/* What is wrong with it, NULL if nothing. */
static const char *head_take(struct indicators *set)
{
	const struct image_head *head = (const void *)set->at;

	if (set->n < sizeof head->magic || memcmp(head->magic, IMAGE_MAGIC, sizeof head->magic))
		return "is no compiled set of indicators";
	if (set->n < sizeof *head)
		return "is cut; compile it again";
	if (head->version != IMAGE_VERSION || head->head_bytes != sizeof *head)
		return "was compiled by another version of saker; compile it again";
	if (head->head_sum != image_head_sum(head))
		return "is damaged; compile it again";
	if (head->bytes != set->n)
		return "is cut; compile it again";
	return sections_take(set, head) ? NULL : "is damaged; compile it again";
}

struct indicators *indicators_from_memory(void *bytes, size_t n, struct error *err)
{
	until_return(indicators_close) struct indicators *set = memory_new(sizeof *set);
	const char *wrong;

	set->at = bytes;
	set->n = n;
	wrong = head_take(set);
	if (wrong)
		return fail_null(err, "the set %s", wrong);
	return give(set);
}

struct indicators *indicators_open(const char *path, struct error *err)
{
	until_return(indicators_close) struct indicators *set = memory_new(sizeof *set);
	until_return(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat file;
	const char *wrong;
	void *at;

	if (fd < 0 || fstat(fd, &file))
		return fail_null(err, "cannot open '%s': %m", path);
	if (!S_ISREG(file.st_mode) || !file.st_size)
		return fail_null(err, "'%s' is no compiled set of indicators", path);
	at = mmap(NULL, (size_t)file.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (at == MAP_FAILED)
		return fail_null(err, "cannot map '%s': %m", path);
	set->at = at;
	set->n = (size_t)file.st_size;
	set->mapped = true;
	wrong = head_take(set);
	if (wrong)
		return fail_null(err, "'%s' %s", path, wrong);
	/* values lie anywhere: reading ahead would only cost */
	madvise(at, set->n, MADV_RANDOM);
	return give(set);
}

void indicators_close(struct indicators **set)
{
	struct indicators *s = give(*set);

	if (s && s->mapped)
		munmap((void *)s->at, s->n);
	else if (s)
		free((void *)s->at);
	free(s);
}

bool indicators_are_compiled(struct text head)
{
	return text_starts(head, TEXT(IMAGE_MAGIC));
}

bool indicators_file_is_compiled(const char *path)
{
	char head[64];
	until_return(file_close) FILE *f = fopen(path, "re");

	return f && indicators_are_compiled((struct text){head, fread(head, 1, sizeof head, f)});
}

int indicators_verify(const struct indicators *set, struct error *err)
{
	size_t begin = (sizeof(struct image_head) + IMAGE_ALIGN - 1) & ~(size_t)(IMAGE_ALIGN - 1);

	if (set->n < begin || image_sum(set->at + begin, set->n - begin) != set->sum)
		return fail(err, "is damaged; compile it again");
	return 0;
}

size_t indicators_count(const struct indicators *set, enum indicator_type type)
{
	return set->tables[type].rows;
}

size_t indicators_bytes(const struct indicators *set)
{
	return set->n;
}

size_t indicators_expired(const struct indicators *set, enum indicator_type type, int64_t now)
{
	const struct set_table *table = &set->tables[type];
	size_t n = 0;

	if (!table->times || now == INDICATOR_NO_TIME)
		return 0;
	for (uint32_t i = 0; i < table->rows; i++)
		n += table->times[i].expires && table->times[i].expires <= now / second;
	return n;
}

struct text set_text(const struct indicators *set, uint32_t place)
{
	uint16_t n;

	if (!place || (size_t)place + TEXT_LENGTH > set->text_bytes)
		return (struct text){0};
	memcpy(&n, set->texts + place, sizeof n);
	if (n > set->text_bytes - place - TEXT_LENGTH)
		return (struct text){0};
	return (struct text){(const char *)set->texts + place + TEXT_LENGTH, n};
}

struct text set_value(const struct indicators *set, enum indicator_type type, uint32_t row)
{
	const struct set_table *table = &set->tables[type];
	const uint8_t *value = table->values + (size_t)row * table->width;
	uint32_t place;

	if (indicator_widths[type])
		return (struct text){(const char *)value, table->width};
	memcpy(&place, value, sizeof place);
	return set_text(set, place);
}

static int64_t time_from(uint32_t seconds)
{
	return seconds ? seconds * second : INDICATOR_NO_TIME;
}

void indicator_read(const struct indicators *set, struct indicator_hit hit,
	struct indicator *indicator)
{
	const struct set_table *table = &set->tables[hit.type];
	uint32_t number = table->origins[hit.number];
	static const struct image_origin unknown = {
		.confidence = CONFIDENCE_NONE, .tlp = TLP_unknown};
	const struct image_origin *origin =
		number < set->origin_count ? &set->origins[number] : &unknown;
	struct image_times times = table->times ? table->times[hit.number]
						: (struct image_times){0};

	*indicator = (struct indicator){
		.source = set_text(set, origin->source),
		.file = set_text(set, origin->file),
		.line = table->lines[hit.number],
		.label = set_text(set, origin->label),
		.reference = set_text(set, origin->reference),
		.comment = set_text(set, origin->comment),
		.confidence = origin->confidence == CONFIDENCE_NONE ? -1 : origin->confidence,
		.tlp = origin->tlp < TLP_unknown ? (enum tlp)origin->tlp : TLP_unknown,
		.valid_from = time_from(times.from),
		.expires = time_from(times.expires),
	};
}

static struct text hexadecimal(struct text bytes, char *buffer)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < bytes.n; i++) {
		unsigned char byte = (unsigned char)bytes.at[i];

		buffer[2 * i] = digits[byte >> 4];
		buffer[2 * i + 1] = digits[byte & 15];
	}
	return (struct text){buffer, 2 * bytes.n};
}

static struct text address(struct text bytes, char *buffer)
{
	size_t n = bytes.n < 16 ? 4 : 16, length;

	if (!inet_ntop(n == 4 ? AF_INET : AF_INET6, bytes.at, buffer, INDICATOR_TEXT))
		return (struct text){0};
	length = strlen(buffer);
	if (bytes.n > n)
		length += (size_t)snprintf(buffer + length, INDICATOR_TEXT - length, "/%u",
			(unsigned char)bytes.at[n]);
	return (struct text){buffer, length};
}

struct text indicator_value(const struct indicators *set, struct indicator_hit hit, char *buffer)
{
	struct text value = set_value(set, hit.type, hit.number);

	switch (hit.type) {
	case INDICATOR_md5:
	case INDICATOR_sha1:
	case INDICATOR_sha256:
	case INDICATOR_imphash: return hexadecimal(value, buffer);
	case INDICATOR_ipv4:
	case INDICATOR_ipv6:
	case INDICATOR_ipv4_range:
	case INDICATOR_ipv6_range: return address(value, buffer);
	default: return value;
	}
}

const uint8_t *indicator_bytes(const struct indicators *set, struct indicator_hit hit)
{
	return (const uint8_t *)set_value(set, hit.type, hit.number).at;
}
