// SPDX-License-Identifier: Apache-2.0
// One file, or the memory of one process, through YARA rules.

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "detect/yara/yara_private.h"

enum { STRINGS_MAX = 16, BYTES_SHOWN = 64, PIECE = 4 << 20 };

struct yara_scanner {
	const struct yara_rules *rules;
	YR_SCANNER *scanner;
	bool all_strings, cut; /* a string was found too often: not all places are known */
	/* of the file at hand */
	struct arena *arena;
	struct yara_result *result;
	struct yara_match **last;
};

static int string_order(const void *a, const void *b)
{
	const struct yara_string *x = *(struct yara_string *const *)a;
	const struct yara_string *y = *(struct yara_string *const *)b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* The first places by offset, of all strings of the rule. */
static void strings_take(struct yara_scanner *s, YR_SCAN_CONTEXT *context, YR_RULE *rule,
	struct yara_match *match)
{
	struct yara_string *found[256];
	struct yara_string **last = &match->strings;
	YR_STRING *string;
	size_t n = 0;

	yr_rule_strings_foreach(rule, string)
	{
		const YR_MATCH *at = context->matches[string->idx].head;
		YR_MATCH place; /* libyara's own lie at any address */

		for (; at; at = place.next) {
			struct yara_string *one;
			size_t shown;

			memcpy(&place, at, sizeof place);
			match->string_count++;
			if (n == array_size(found) || place.is_private)
				continue;
			shown = (size_t)place.data_length;
			one = found[n++] = arena_new(s->arena, struct yara_string);
			one->name = arena_copy(s->arena, text_of(string->identifier));
			one->offset = (uint64_t)(place.base + place.offset);
			one->bytes = arena_copy(s->arena, (struct text){
				(const char *)place.data,
				shown < BYTES_SHOWN ? shown : BYTES_SHOWN});
		}
	}
	qsort(found, n, sizeof *found, string_order);
	for (size_t i = 0; i < n && i < STRINGS_MAX; i++) {
		*last = found[i];
		last = &found[i]->next;
	}
}

static int on_message(YR_SCAN_CONTEXT *context, int message, void *data, void *user_data)
{
	struct yara_scanner *s = user_data;
	struct yara_match *match;
	YR_RULE *rule = data;

	if (message == CALLBACK_MSG_TOO_MANY_MATCHES)
		s->cut = true;
	if (message != CALLBACK_MSG_RULE_MATCHING)
		return CALLBACK_CONTINUE;
	match = arena_new(s->arena, struct yara_match);
	match->rule = s->rules->at + (rule - s->rules->first);
	strings_take(s, context, rule, match);
	*s->last = match;
	s->last = &match->next;
	return CALLBACK_CONTINUE;
}

struct yara_scanner *yara_scanner_new(
	const struct yara_rules *rules, unsigned seconds, bool all_strings)
{
	struct yara_scanner *s = memory_new(sizeof *s);

	s->rules = rules;
	s->all_strings = all_strings;
	if (yr_scanner_create(rules->compiled, &s->scanner) != ERROR_SUCCESS) {
		fputs("saker: there is no memory for a scan\n", stderr);
		abort();
	}
	yr_scanner_set_callback(s->scanner, on_message, s);
	yr_scanner_set_timeout(s->scanner, (int)seconds);
	return s;
}

void yara_scanner_free(struct yara_scanner **scanner)
{
	if (!*scanner)
		return;
	yr_scanner_destroy((*scanner)->scanner);
	memory_free(scanner);
}

static void begin(struct yara_scanner *s, struct arena *arena, struct yara_result *result,
	int flags)
{
	*result = (struct yara_result){0};
	s->arena = arena;
	s->result = result;
	s->last = &result->matches;
	s->cut = false;
	yr_scanner_set_flags(s->scanner, SCAN_FLAGS_REPORT_RULES_MATCHING | flags |
		(s->all_strings ? 0 : SCAN_FLAGS_FAST_MODE));
}

/* What libyara's answer means for the one who asked. */
static void end(struct yara_scanner *s, int answer)
{
	struct yara_result *result = s->result;

	switch (answer) {
	case ERROR_SUCCESS:
		if (s->cut)
			result->left_out = "a string was found too often to count all places";
		break;
	case ERROR_SCAN_TIMEOUT:
		result->left_out = "it took too long; not all of it was looked at";
		break;
	case ERROR_COULD_NOT_MAP_FILE:
	case ERROR_COULD_NOT_OPEN_FILE:
		result->left_out = "it cannot be read";
		break;
	default:
		result->left_out = "libyara could not look at all of it";
	}
}

static void variable_set(struct yara_scanner *s, const char *name, struct text value)
{
	char *string = arena_alloc(s->arena, value.n + 1);

	if (value.n)
		memcpy(string, value.at, value.n);
	string[value.n] = 0;
	yr_scanner_define_string_variable(s->scanner, name, string);
}

static void path_tell(struct yara_scanner *s, const char *path)
{
	struct text name = text_of(path), folder = TEXT(""), extension = TEXT("");
	const char *slash = strrchr(path, '/'), *dot;

	if (slash) {
		folder = (struct text){path, (size_t)(slash - path)};
		name = text_of(slash + 1);
	}
	dot = name.n ? strrchr(name.at, '.') : NULL;
	if (dot)
		extension = text_of(dot);
	variable_set(s, "filename", name);
	variable_set(s, "filepath", folder);
	variable_set(s, "extension", extension);
}

void yara_scan_file(struct yara_scanner *s, int fd, const char *path, struct arena *arena,
	struct yara_result *result)
{
	struct stat found;

	begin(s, arena, result, 0);
	if (fstat(fd, &found)) {
		result->left_out = "it cannot be read";
		return;
	}
	if (!found.st_size)
		return;
	path_tell(s, path);
	end(s, yr_scanner_scan_fd(s->scanner, fd));
	result->bytes = (uint64_t)found.st_size;
}

void yara_scan_bytes(struct yara_scanner *s, struct text bytes, struct arena *arena,
	struct yara_result *result)
{
	begin(s, arena, result, 0);
	path_tell(s, "");
	end(s, yr_scanner_scan_mem(s->scanner, (const uint8_t *)bytes.at, bytes.n));
	result->bytes = bytes.n;
}

/* The memory of a process, piece by piece: the readable mappings that are no devices. */
struct memory {
	struct text all_maps, maps; /* lines; those that are left */
	int mem;
	uint64_t at, end; /* of the mapping at hand that is left */
	uint8_t *buffer;
	YR_MEMORY_BLOCK block;
	uint64_t bytes, unreadable;
};

static bool mapping_next(struct memory *memory)
{
	while (memory->maps.n) {
		const char *end = memchr(memory->maps.at, '\n', memory->maps.n);
		size_t n = end ? (size_t)(end - memory->maps.at) + 1 : memory->maps.n;
		char line[256], rights[8];
		uint64_t from, to;

		snprintf(line, sizeof line, "%.*s", (int)n, memory->maps.at);
		memory->maps = (struct text){memory->maps.at + n, memory->maps.n - n};
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s", &from, &to, rights) < 3 ||
		    rights[0] != 'r' || to <= from || strstr(line, "[vvar") ||
		    strstr(line, " /dev/") || strstr(line, "[vsyscall]"))
			continue;
		memory->at = from;
		memory->end = to;
		return true;
	}
	return false;
}

/* The next piece that can be read; NULL at the end. */
static YR_MEMORY_BLOCK *piece_next(YR_MEMORY_BLOCK_ITERATOR *self)
{
	struct memory *memory = self->context;

	self->last_error = ERROR_SUCCESS;
	while (memory->at < memory->end || mapping_next(memory)) {
		uint64_t left = memory->end - memory->at;
		size_t size = left < PIECE ? (size_t)left : PIECE;
		ssize_t got = pread(memory->mem, memory->buffer, size, (off_t)memory->at);

		memory->block.base = memory->at;
		memory->at += size;
		if (got <= 0) {
			memory->unreadable += size;
			continue;
		}
		memory->block.size = (size_t)got;
		memory->bytes += (uint64_t)got;
		return &memory->block;
	}
	return NULL;
}

static YR_MEMORY_BLOCK *piece_first(YR_MEMORY_BLOCK_ITERATOR *self)
{
	struct memory *memory = self->context;

	memory->maps = memory->all_maps;
	memory->at = memory->end = 0;
	return piece_next(self);
}

static const uint8_t *piece_bytes(YR_MEMORY_BLOCK *block)
{
	return ((struct memory *)block->context)->buffer;
}

void yara_scan_process(struct yara_scanner *s, struct text maps, int mem, struct arena *arena,
	struct yara_result *result)
{
	until_return(memory_free) uint8_t *buffer = memory_new(PIECE);
	struct memory memory = {.all_maps = maps, .mem = mem, .buffer = buffer};
	YR_MEMORY_BLOCK_ITERATOR iterator = {&memory, piece_first, piece_next, NULL, 0};

	begin(s, arena, result, SCAN_FLAGS_PROCESS_MEMORY);
	memory.block.context = &memory;
	memory.block.fetch_data = piece_bytes;
	path_tell(s, "");
	end(s, yr_scanner_scan_mem_blocks(s->scanner, &iterator));
	result->bytes = memory.bytes;
	if (!memory.bytes)
		result->left_out = "none of its memory can be read";
}
