// SPDX-License-Identifier: Apache-2.0
// Findings into a store.

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "cli/scan/keep.h"
#include "import/format.h"
#include "store/store.h"

enum { AT_ONCE = 1000, LEVEL_MAX = 32 };

/* In front of each detection on its way; then its level, its id and its JSON. */
struct head {
	event_time time;
	uint32_t level_n, id_n, json_n;
};

struct keep {
	FILE *out; /* to the child */
	int answer; /* its sentence, if something went wrong */
	pid_t child;
	bool broken;
	uint64_t sequence;
	event_time now;
	struct arena arena;
	struct json_writer json;
};

static bool piece_read(FILE *in, struct arena *arena, size_t n, struct text *text)
{
	char *at = arena_alloc(arena, n + 1);

	*text = (struct text){at, n};
	return fread(at, 1, n, in) == n;
}

/* The next detection; false at the end. */
static bool record_read(FILE *in, struct arena *arena, struct store_record *record)
{
	struct head head;

	if (fread(&head, sizeof head, 1, in) != 1)
		return false;
	*record = (struct store_record){.kind = EVENT_detection, .time = head.time};
	return piece_read(in, arena, head.level_n, &record->level) &&
		piece_read(in, arena, head.id_n, &record->id) &&
		piece_read(in, arena, head.json_n, &record->json);
}

static int records_keep(FILE *in, const char *folder, struct error *err)
{
	until_return(store_close) struct store *store = store_open(folder, STORE_write, err);
	until_return(memory_free) struct store_record *records =
		memory_new(AT_ONCE * sizeof *records);
	until_return(arena_clear) struct arena arena = {0};
	size_t n = 0;

	if (!store)
		return -1;
	for (;;) {
		bool more = record_read(in, &arena, records + n);

		n += more;
		if (n == AT_ONCE || (!more && n)) {
			if (store_append(store, records, n, err))
				return -1;
			n = 0;
			arena_reset(&arena);
		}
		if (!more)
			return 0;
	}
}

static void child_run(int in, int answer, const char *folder)
{
	until_return(file_close) FILE *stream = fdopen(in, "r");
	struct error err = {0};

	if (stream && records_keep(stream, folder, &err) && write(answer, err.text,
		strlen(err.text)) < 0)
		_exit(2);
	_exit(0);
}

struct keep *keep_open(const char *folder, struct error *err)
{
	struct keep *keep = memory_new(sizeof *keep);
	struct timespec now;
	int to[2], from[2];

	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		return fail_null(err, "cannot start to keep what is found: %m");
	clock_gettime(CLOCK_REALTIME, &now);
	keep->now = now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
	fflush(NULL);
	keep->child = fork();
	if (!keep->child) {
		close(to[1]);
		close(from[0]);
		signal(SIGINT, SIG_IGN);
		child_run(to[0], from[1], folder);
	}
	close(to[0]);
	close(from[1]);
	if (keep->child < 0)
		return fail_null(err, "cannot start to keep what is found: %m");
	signal(SIGPIPE, SIG_IGN);
	keep->out = fdopen(to[1], "w");
	keep->answer = from[0];
	return keep;
}

static void process_tell(struct event *event, const struct finding *finding, struct arena *arena)
{
	struct process *process = process_new(arena);

	process->executable = finding->told[GLANCE_Image];
	process->command_line = finding->told[GLANCE_CommandLine];
	process->user = finding->told[GLANCE_User];
	if (finding->told[GLANCE_ParentImage].n) {
		struct process *parent = process_new(arena);

		parent->executable = finding->told[GLANCE_ParentImage];
		process->parent = parent;
	}
	event->process = process;
}

static struct detection *detection_of(const struct finding *finding, size_t i,
	struct arena *arena)
{
	const struct rule *rule = finding->rules[i];
	struct detection *detection = detection_new(arena);

	detection->rule_id = rule->id;
	detection->rule_name = rule->title;
	detection->rule_file = rule->file;
	detection->level = rule->level.n ? rule->level : TEXT("medium");
	detection->description = finding->notes[i].sentence.n ? finding->notes[i].sentence
							      : rule->description;
	detection->tags = rule->tags;
	detection->techniques = rule->techniques;
	detection->tactics = rule->tactics;
	detection->asked = TEXT("none");
	detection->result = TEXT("detected");
	detection->log_file = text_of(finding->file->name);
	detection->log_record = (int64_t)finding->number;
	detection->log_host = finding->host;
	if (finding->exceptions[i])
		detection->exception = finding->exceptions[i]->name;
	return detection;
}

static void detection_send(struct keep *keep, const struct finding *finding, size_t i)
{
	struct event *event = event_new(&keep->arena, EVENT_detection);
	struct detection *detection = detection_of(finding, i, &keep->arena);
	struct head head;

	event->time = finding->time == NUMBER_NONE ? keep->now : finding->time;
	event->source = "log";
	detection->id = detection_id(&keep->arena, event->time, keep->sequence++);
	event->detection = detection;
	process_tell(event, finding, &keep->arena);
	if (finding->told[GLANCE_TargetFilename].n) {
		event->file = file_new(&keep->arena);
		event->file->path = finding->told[GLANCE_TargetFilename];
	}
	json_writer_reset(&keep->json);
	event_write(event, &keep->json);
	head = (struct head){event->time, (uint32_t)detection->level.n,
		(uint32_t)detection->id.n, (uint32_t)keep->json.n};
	if (detection->level.n > LEVEL_MAX || keep->json.n > STORE_JSON_MAX)
		return;
	if (fwrite(&head, sizeof head, 1, keep->out) != 1 ||
	    fwrite(detection->level.at, 1, head.level_n, keep->out) != head.level_n ||
	    fwrite(detection->id.at, 1, head.id_n, keep->out) != head.id_n ||
	    fwrite(keep->json.at, 1, head.json_n, keep->out) != head.json_n)
		keep->broken = true;
}

void keep_finding(struct keep *keep, const struct finding *finding)
{
	arena_reset(&keep->arena);
	for (size_t i = 0; i < finding->n && !keep->broken; i++)
		detection_send(keep, finding, i);
}

int keep_close(struct keep **keep, struct error *err)
{
	struct keep *k = *keep;
	char sentence[sizeof err->text];
	ssize_t n;
	bool broken;

	if (!k)
		return 0;
	broken = fclose(k->out) != 0 || k->broken;
	n = read(k->answer, sentence, sizeof sentence - 1);
	close(k->answer);
	waitpid(k->child, NULL, 0);
	arena_clear(&k->arena);
	json_writer_clear(&k->json);
	memory_free(keep);
	if (n > 0)
		return fail(err, "%.*s", (int)n, sentence);
	return broken ? fail(err, "what was found could not be kept") : 0;
}
