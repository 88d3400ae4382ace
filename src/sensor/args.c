// SPDX-License-Identifier: Apache-2.0
// Arguments and environment of an exec.

/*
 * The old interface of SHA-256 reads no configuration file, which the process that calls it could
 * not open.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "base/own.h"
#include "sensor/args.h"
#include "sensor/bpf/wire.h"

static const struct text between = {" ... ", 5};

/*
 * Copies texts ended by NUL to `to`, blanks in the place of the NULs but the last, and lists
 * them. Returns the end.
 */
static char *texts_join(struct text bytes, char *to, struct text *list, size_t *n)
{
	const char *at = bytes.at, *end = at + bytes.n;

	while (at < end) {
		const char *nul = memchr(at, 0, (size_t)(end - at));
		size_t length = (size_t)((nul ? nul : end) - at);

		memcpy(to, at, length);
		if (*n < ARGS_LIST_MAX)
			list[(*n)++] = (struct text){to, length};
		to += length;
		at += length + 1;
		if (at < end)
			*to++ = ' ';
	}
	return to;
}

static struct text hash_of(struct arena *arena, struct text bytes)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char hash[SHA256_DIGEST_LENGTH];
	char *text = arena_alloc(arena, 2 * sizeof hash);
	SHA256_CTX sha;

	SHA256_Init(&sha);
	SHA256_Update(&sha, bytes.at, bytes.n);
	SHA256_Final(hash, &sha);
	for (size_t i = 0; i < sizeof hash; i++) {
		text[2 * i] = digits[hash[i] >> 4];
		text[2 * i + 1] = digits[hash[i] & 15];
	}
	return (struct text){text, 2 * sizeof hash};
}

static size_t count_texts(struct text bytes)
{
	size_t n = 1;

	for (size_t i = 0; i + 1 < bytes.n && n < ARGS_LIST_MAX; i++)
		n += !bytes.at[i];
	return n + 1; /* the tail begins a new one */
}

void args_read(struct arena *arena, struct text bytes, uint64_t length, struct process *process)
{
	struct text head = bytes, *list;
	char *line, *to;
	size_t n = 0;

	process->args_length = (int64_t)(length > bytes.n ? length : bytes.n);
	process->args_cut = length > bytes.n;
	if (!bytes.n)
		return;
	if (process->args_cut) {
		process->args_hash = hash_of(arena, bytes);
		if (bytes.n == WIRE_ARGS_MAX)
			head.n = WIRE_ARGS_MAX - WIRE_ARGS_TAIL;
	}
	to = line = arena_alloc(arena, bytes.n + between.n);
	list = arena_alloc(arena, count_texts(bytes) * sizeof *list);
	to = texts_join(head, to, list, &n);
	if (head.n < bytes.n) {
		to = mempcpy(to, between.at, between.n);
		to = texts_join((struct text){bytes.at + head.n, bytes.n - head.n}, to, list, &n);
	}
	process->command_line = (struct text){line, (size_t)(to - line)};
	process->args = (struct text_list){list, n};
}

enum part { WHOLE, START, END };

static const struct {
	enum part part;
	struct text name;
} chosen[] = {
	{START, {"LD_", 3}},
	{WHOLE, {"PATH", 4}},
	{WHOLE, {"HISTFILE", 8}},
	{WHOLE, {"HISTSIZE", 8}},
	{WHOLE, {"SSH_CONNECTION", 14}},
	{WHOLE, {"BASH_ENV", 8}},
	{WHOLE, {"KUBECONFIG", 10}},
	{START, {"PYTHON", 6}},
	{START, {"PERL5", 5}},
	{START, {"GIT_", 4}},
	{END, {"_PROXY", 6}},
	{END, {"_proxy", 6}},
};

static bool name_matches(struct text name, enum part part, struct text wanted)
{
	switch (part) {
	case WHOLE: return text_equal(name, wanted);
	case START: return text_starts(name, wanted);
	case END: return text_ends(name, wanted);
	}
	return false;
}

static bool is_chosen(struct text name)
{
	for (size_t i = 0; i < array_size(chosen); i++)
		if (name_matches(name, chosen[i].part, chosen[i].name))
			return true;
	return false;
}

void env_read(struct arena *arena, struct text bytes, struct process *process)
{
	struct text found[ENV_LIST_MAX], *list;
	const char *at = bytes.at, *end;
	size_t n = 0;

	if (!bytes.n)
		return;
	end = at + bytes.n;
	while (at < end && n < ENV_LIST_MAX) {
		const char *nul = memchr(at, 0, (size_t)(end - at));
		size_t length = (size_t)((nul ? nul : end) - at);
		const char *equals = memchr(at, '=', length);

		if (equals && is_chosen((struct text){at, (size_t)(equals - at)}))
			found[n++] = (struct text){at, length};
		at += length + 1;
	}
	if (!n)
		return;
	list = arena_alloc(arena, n * sizeof *list);
	memcpy(list, found, n * sizeof *list);
	process->env = (struct text_list){list, n};
}
