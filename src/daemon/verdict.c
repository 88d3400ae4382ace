// SPDX-License-Identifier: Apache-2.0
// A held program gets its answer: the process as it would be after the exec is put before the
// rules.

#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/copy.h"
#include "daemon/engine.h"
#include "detect/exception.h"

enum { HASHED_MAX = 64 << 20, SECOND = 1000000000 };

static struct text text_in(struct arena *arena, const char *bytes, size_t size)
{
	return arena_copy(arena, (struct text){bytes, strnlen(bytes, size)});
}

/* What /proc/PID/fd shows of a descriptor, in the words of the sensor. */
static struct text stdio_word(const char *link, size_t size)
{
	static const struct {
		const char *start;
		struct text word;
	} words[] = {
		{"/dev/null", {"null", 4}},
		{"/dev/pts/", {"tty", 3}},
		{"/dev/tty", {"tty", 3}},
		{"/dev/console", {"tty", 3}},
		{"/dev/", {"device", 6}},
		{"pipe:", {"pipe", 4}},
		{"socket:", {"socket", 6}},
		{"/", {"file", 4}},
	};
	struct text text = {link, strnlen(link, size)};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (text_starts(text, text_of(words[i].start)))
			return words[i].word;
	return text.n ? TEXT("other") : TEXT("closed");
}

static void args_fill(struct arena *arena, struct process *process,
	const struct message_hold *hold, struct text args)
{
	struct text *list = arena_alloc(arena, (args.n + 1) * sizeof *list);
	char *line = arena_alloc(arena, args.n + 1);
	size_t n = 0, at = 0;

	memcpy(line, args.at, args.n);
	for (size_t i = 0; i < args.n; i++) {
		if (line[i])
			continue;
		list[n++] = (struct text){line + at, i - at};
		at = i + 1;
		line[i] = ' ';
	}
	process->args = (struct text_list){list, n};
	process->args_count = (int64_t)n;
	process->args_length = (int64_t)args.n;
	process->args_cut = hold->args_cut;
	process->command_line = (struct text){line, args.n ? args.n - 1 : 0};
}

static void file_fill(struct process *process, const struct stat *file)
{
	process->inode = (int64_t)file->st_ino;
	process->device = (int64_t)file->st_dev;
	process->size = file->st_size;
	process->mode = file->st_mode;
	process->file_uid = file->st_uid;
	process->nlink = (int64_t)file->st_nlink;
	process->mtime = file->st_mtim.tv_sec * SECOND + file->st_mtim.tv_nsec;
	process->ctime = file->st_ctim.tv_sec * SECOND + file->st_ctim.tv_nsec;
	process->deleted = !file->st_nlink;
	process->memfd = process->tmpfs = process->setuid = false;
}

static bool hash(int fd, uint64_t size, unsigned char digest[STAMP_FINDING])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL);
	char buffer[65536];
	ssize_t n = 0;

	for (uint64_t at = 0;
		good && at < size && (n = pread(fd, buffer, sizeof buffer, (off_t)at)) > 0;
		at += (uint64_t)n)
		good = EVP_DigestUpdate(context, buffer, (size_t)n);
	good = good && n >= 0 && EVP_DigestFinal_ex(context, digest, NULL);
	EVP_MD_CTX_free(context);
	return good;
}

static struct text hash_text(struct engine *engine, int fd, const struct stat *file)
{
	struct stamp stamp = stamp_of(file);
	const struct message_hashed *found = findings_get(&engine->findings, &stamp);
	const unsigned char *known = found ? found->sha256 : stamp_find(&engine->hashes, &stamp);
	unsigned char digest[STAMP_FINDING];

	if (!known) {
		if (file->st_size > HASHED_MAX || !hash(fd, (uint64_t)file->st_size, digest))
			return (struct text){NULL, 0};
		stamp_keep(&engine->hashes, &stamp, digest, engine_now());
		known = digest;
	}
	return arena_hex(&engine->arena, known, STAMP_FINDING);
}

/*
 * The process that waits, as it would be if it went on. What it was before is what it comes from.
 */
static struct process *process_to_be(struct engine *engine, const struct process *now,
	const struct message_hold *hold, struct text args, int fd, const struct stat *file)
{
	struct process *process = process_copy(&engine->arena, now);
	struct arena *arena = &engine->arena;

	if (now->entity.low & 0x3fff) /* its program was started by an exec of its own */
		process->previous = now;
	process->executable = text_in(arena, hold->path, sizeof hold->path);
	process->name = text_basename(process->executable);
	process->invoked = process->script = process->interpreter = (struct text){NULL, 0};
	if (hold->known & HOLD_args)
		args_fill(arena, process, hold, args);
	if (hold->known & HOLD_cwd)
		process->working_directory = text_in(arena, hold->cwd, sizeof hold->cwd);
	if (hold->known & HOLD_ids) {
		if (process->uid != hold->euid)
			process->user = (struct text){NULL, 0};
		process->uid = hold->euid;
		process->real_uid = hold->uid;
		process->saved_uid = hold->suid;
		process->gid = hold->egid;
	}
	process->stdin_kind = stdio_word(hold->stdio[0], sizeof hold->stdio[0]);
	process->stdout_kind = stdio_word(hold->stdio[1], sizeof hold->stdio[1]);
	process->stderr_kind = stdio_word(hold->stdio[2], sizeof hold->stdio[2]);
	file_fill(process, file);
	process->sha256 =
		engine->hashes_wanted ? hash_text(engine, fd, file) : (struct text){NULL, 0};
	return process;
}

static void answer(struct engine *engine, uint64_t id, bool allow, bool cache)
{
	struct message_verdict verdict = {.id = id, .allow = allow, .cache = cache};

	channel_send(engine->parent, MESSAGE_verdict, &verdict, sizeof verdict);
	channel_flush(engine->parent, NULL);
	engine->numbers->holds++;
	engine->numbers->hold_denied += !allow;
}

/*
 * Without the arguments only those rules can be judged that ask for nothing that the kernel does
 * not know either.
 */
static bool counts(
	const struct engine *engine, const struct message_hold *hold, const struct rule *rule)
{
	if (rule->action == ACTION_none)
		return false;
	return hold->known & HOLD_args ||
		(rule->number < engine->plan.rule_count && !engine->plan.why_not[rule->number]);
}

static void judge(struct engine *engine, const struct message_hold *hold, struct text args, int fd,
	const struct process *now, const struct stat *file)
{
	struct event *event = event_new(&engine->arena, EVENT_process_exec);
	const struct rule *hits[HITS_MAX], *denied[HITS_MAX];
	size_t n, count = 0;

	event->time = engine_now();
	event->truncated = hold->args_cut;
	event->process = process_to_be(engine, now, hold, args, fd, file);
	n = rules_match(engine->rules, event, hits, HITS_MAX);
	for (size_t i = 0; i < n && i < HITS_MAX; i++)
		if (counts(engine, hold, hits[i]) &&
			!engine_spares(engine, event->process, hits[i]) &&
			!rules_match_exception(engine->rules, hits[i], event->time))
			denied[count++] = hits[i];
	/* the answer first: someone waits for it */
	answer(engine, hold->id, !count, false);
	for (size_t i = 0; i < count; i++) {
		struct detection *detection =
			engine_detection(engine, &engine->arena, event, denied[i]);
		struct event carrier = *event;

		/* the exec did not happen, so it has no event of its own */
		detection->event_sequence = NUMBER_NONE;
		detection->rung = TEXT("hold");
		detection->result = TEXT("prevented");
		engine_tell(engine, &carrier, detection);
	}
}

void engine_hold(struct engine *engine, const struct message_hold *hold, struct text args, int fd)
{
	const struct process *now = feed_process(engine->feed, hold->pid);
	struct stat file;

	if (!now) { /* forked since the last look into the rings */
		engine_read(engine);
		now = feed_process(engine->feed, hold->pid);
	}
	if (!engine->denying || !now || fstat(fd, &file)) {
		/* no rule asks for anything: that holds for this file until the rules change */
		answer(engine, hold->id, true, !engine->denying);
		return;
	}
	judge(engine, hold, args, fd, now, &file);
	arena_reset(&engine->arena);
}
