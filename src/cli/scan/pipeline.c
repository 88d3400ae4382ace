// SPDX-License-Identifier: Apache-2.0
// Logs through rules, on all cores.

#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "cli/ordered.h"
#include "cli/scan/indicators.h"
#include "cli/scan/pipeline.h"

enum { JOBS_PER_THREAD = 3, FORMATS_MAX = 32, INDICATORS_MAX = 8 /* of one record */ };

/* Something that was left out of a block. */
struct note {
	struct note *next;
	struct text where, why;
	uint64_t records;
};

/* A block on its way, and what became of it. */
struct job {
	struct block_buffer buffer;
	struct block block;
	struct log_file file;
	const struct format *format;
	struct arena arena; /* of all below, and of the file's name */
	struct finding *first, **last;
	struct member *members, **last_member;
	struct note *notes, **last_note;
	uint64_t events;
	uint64_t *expected; /* detections, by exception */
};

/* One thread's tools. */
struct worker {
	struct pipeline *pipeline;
	struct matcher *matcher;
	void *readers[FORMATS_MAX];
	const struct rule **hits;
	const struct exception **exceptions; /* of each */
	struct json_writer scratch;
	struct job *job;
	struct text host; /* of the record at hand */
};

struct pipeline {
	const struct pipeline_order *order;
	const struct pipeline_sink *sink;
	struct worker *workers;
	struct job *jobs;
	size_t size;
	struct ordered *ordered;
	uint64_t events;
};

/* Which exception of the set it is. */
static size_t exception_number(const struct rules *rules, const struct exception *exception)
{
	size_t i = 0;

	while (rules_exception(rules, i) != exception)
		i++;
	return i;
}

/* Counts the expected ones among the hits, and leaves them out unless they are wanted. */
static size_t expected_leave(struct worker *worker, const struct record *record, size_t n)
{
	const struct pipeline_order *order = worker->pipeline->order;
	size_t left = 0;

	for (size_t i = 0; i < n; i++) {
		const struct exception *exception = matcher_exception(worker->matcher,
			worker->hits[i], NUMBER_NONE);

		if (exception)
			worker->job->expected[exception_number(order->rules, exception)]++;
		if (exception && !order->with_expected)
			continue;
		worker->exceptions[left] = exception;
		worker->hits[left++] = worker->hits[i];
	}
	return left;
}

static void member_take(void *context, const struct correlation_hit *hit)
{
	const struct worker *worker = context;
	struct job *job = worker->job;
	struct member *member = arena_new(&job->arena, struct member);

	member->hit = *hit;
	member->hit.key = arena_copy(&job->arena, hit->key);
	member->hit.value = arena_copy(&job->arena, hit->value);
	member->host = arena_copy(&job->arena, worker->host);
	*job->last_member = member;
	job->last_member = &member->next;
}

/* Passes on what counts in correlations, and leaves out what is not told by itself. */
static size_t members_leave(struct worker *worker, const struct record *record, size_t n)
{
	const struct rules *rules = worker->pipeline->order->rules;
	size_t left = 0;

	worker->host = record->host;
	for (size_t i = 0; i < n; i++) {
		if (rule_is_member(worker->hits[i]) && !worker->exceptions[i])
			correlation_hits(worker->matcher, worker->hits[i], record_time(record),
				record->number, member_take, worker);
		if (!rule_is_told(rules, worker->hits[i]))
			continue;
		worker->exceptions[left] = worker->exceptions[i];
		worker->hits[left++] = worker->hits[i];
	}
	return left;
}

/* Indicators that the record has come behind the rules. */
static size_t indicators_add(struct worker *worker, const struct record *record, size_t n,
	struct record_hit *known)
{
	const struct pipeline_order *order = worker->pipeline->order;
	size_t count = indicators_scan_record(order->indicators, record, order->now, known,
		INDICATORS_MAX);

	for (size_t i = 0; i < count; i++) {
		worker->hits[n + i] = indicator_rule(known[i].hit.type);
		worker->exceptions[n + i] = NULL;
	}
	return count;
}

static void record_take(void *context, struct record *record)
{
	struct worker *worker = context;
	struct job *job = worker->job;
	const struct pipeline *pipeline = worker->pipeline;
	const struct pipeline_order *order = pipeline->order;
	size_t max = rules_count(order->rules), listed = 0;
	struct record_hit known[INDICATORS_MAX];
	size_t n = matcher_record(worker->matcher, record, worker->hits, max);

	job->events++;
	if (n)
		n = expected_leave(worker, record, n);
	if (n && pipeline->sink->member)
		n = members_leave(worker, record, n);
	if (order->indicators)
		listed = indicators_add(worker, record, n, known);
	if (!(n + listed))
		return;
	*job->last = finding_new(&job->arena, record, worker->hits, worker->exceptions,
		n + listed, order->with_json, &worker->scratch);
	for (size_t i = 0; i < listed; i++)
		finding_note_hit(&job->arena, (*job->last)->notes + n + i, known + i);
	(*job->last)->file = &job->file;
	job->last = &(*job->last)->next;
}

static void note_take(void *context, struct text where, struct text why, uint64_t records)
{
	struct worker *worker = context;
	struct job *job = worker->job;
	struct note *note = arena_new(&job->arena, struct note);

	note->where = arena_copy(&job->arena, where);
	note->why = arena_copy(&job->arena, why);
	note->records = records;
	*job->last_note = note;
	job->last_note = &note->next;
}

static unsigned format_number(const struct format *format)
{
	unsigned i = 0;

	while (formats[i] != format)
		i++;
	return i;
}

static void job_do(void *context, unsigned thread, size_t place)
{
	struct pipeline *pipeline = context;
	struct worker *worker = pipeline->workers + thread;
	struct job *job = pipeline->jobs + place;
	const struct record_sink sink = {record_take, note_take, worker};
	void **reader;

	if (!job->format)
		return; /* what is to be said at the end of a file */
	reader = worker->readers + format_number(job->format);
	if (!*reader)
		*reader = job->format->new();
	worker->job = job;
	job->format->read(*reader, &job->block, &sink);
}

/* What came of a job is passed on. */
static void job_take(void *context, size_t place)
{
	struct pipeline *pipeline = context;
	struct job *job = pipeline->jobs + place;
	const struct pipeline_sink *sink = pipeline->sink;

	pipeline->events += job->events;
	if (job->format)
		sink->read(sink->context, &job->file, job->format, job->events);
	for (const struct finding *f = job->first; f; f = f->next)
		sink->finding(sink->context, f);
	for (const struct member *member = job->members; member; member = member->next)
		sink->member(sink->context, &job->file, member);
	for (size_t i = 0; i < rules_exceptions(pipeline->order->rules); i++)
		if (job->expected[i])
			sink->expected(sink->context, i, job->expected[i]);
	for (const struct note *note = job->notes; note; note = note->next)
		sink->skipped(sink->context, job->file.name, note->where, note->why,
			note->records);
	if (sink->progress)
		sink->progress(sink->context, source_done(pipeline->order->source),
			source_total(pipeline->order->source), pipeline->events);
}

static struct job *job_free(struct pipeline *pipeline)
{
	struct job *job = pipeline->jobs + ordered_place(pipeline->ordered);

	arena_reset(&job->arena);
	job->first = NULL;
	job->last = &job->first;
	job->members = NULL;
	job->last_member = &job->members;
	job->notes = NULL;
	job->last_note = &job->notes;
	job->events = 0;
	memset(job->expected, 0,
		rules_exceptions(pipeline->order->rules) * sizeof *job->expected);
	return job;
}

static void failure_tell(struct pipeline *pipeline, const struct log_file *file,
	const struct error *err)
{
	struct error full = *err;

	fail_in(&full, "'%s': ", file->name);
	pipeline->sink->failed(pipeline->sink->context, full.text);
}

static void file_name(struct job *job, const struct log_file *file)
{
	job->file = *file;
	job->file.name = arena_copy(&job->arena, text_of(file->name)).at;
}

/* Something about a file as a whole, told in its turn. */
static void file_note(struct pipeline *pipeline, const struct log_file *file, const char *why,
	uint64_t records)
{
	struct job *job = job_free(pipeline);
	struct note *note = arena_new(&job->arena, struct note);

	file_name(job, file);
	job->format = NULL;
	note->why = arena_copy(&job->arena, text_of(why));
	note->records = records;
	*job->last_note = note;
	ordered_give(pipeline->ordered);
}

/* The file at hand, block by block. */
static void file_run(struct pipeline *pipeline, struct blocks *blocks,
	const struct log_file *file, const struct format *format)
{
	uint64_t too_long = 0;
	struct error err;
	int got = 0;

	while (!*pipeline->order->stop) {
		struct job *job = job_free(pipeline);

		got = blocks_next(blocks, &job->buffer, &job->block, &too_long, &err);
		if (got <= 0)
			break;
		file_name(job, file);
		job->block.file = &job->file;
		job->format = format;
		ordered_give(pipeline->ordered);
	}
	if (too_long)
		file_note(pipeline, file, "a record is longer than 16 MiB", too_long);
	if (got < 0)
		failure_tell(pipeline, file, &err);
	if (blocks_grew(blocks))
		file_note(pipeline, file, "it grew while it was read; what came since is left out",
			0);
}

static void files_run(struct pipeline *pipeline)
{
	const struct pipeline_order *order = pipeline->order;
	const struct pipeline_sink *sink = pipeline->sink;
	until_return(blocks_free) struct blocks *blocks = blocks_new(order->source, order->slack);
	struct log_file file;
	struct error err;
	int got;

	while (!*order->stop && (got = source_next(order->source, &file, &err))) {
		const struct format *format;

		if (got < 0) {
			sink->failed(sink->context, err.text);
			continue;
		}
		got = blocks_begin(blocks, &file, order->format, &format, &err);
		if (got > 0)
			file_run(pipeline, blocks, &file, format);
		else if (got < 0)
			failure_tell(pipeline, &file, &err);
		else
			sink->unknown(sink->context, &file, source_is_named(order->source));
	}
}

static void worker_begin(struct pipeline *pipeline, struct worker *worker)
{
	worker->pipeline = pipeline;
	worker->matcher = matcher_new(pipeline->order->rules);
	worker->hits = memory_new(
		(rules_count(pipeline->order->rules) + INDICATORS_MAX) * sizeof *worker->hits);
	worker->exceptions = memory_new(
		(rules_count(pipeline->order->rules) + INDICATORS_MAX) *
			sizeof *worker->exceptions);
}

static void worker_end(struct worker *worker)
{
	for (unsigned i = 0; i < format_count; i++)
		if (worker->readers[i])
			formats[i]->free(worker->readers + i);
	matcher_free(&worker->matcher);
	free(worker->hits);
	free(worker->exceptions);
	json_writer_clear(&worker->scratch);
}

uint64_t pipeline_run(const struct pipeline_order *order, const struct pipeline_sink *sink)
{
	struct pipeline pipeline = {
		.order = order,
		.sink = sink,
		.size = order->threads == 1 ? 1 : (size_t)order->threads * JOBS_PER_THREAD,
	};
	uint64_t unrouted = 0;

	finding_init();
	indicator_rules_init(order->rules);
	pipeline.jobs = memory_new(pipeline.size * sizeof *pipeline.jobs);
	for (size_t i = 0; i < pipeline.size; i++)
		pipeline.jobs[i].expected = memory_new(
			(rules_exceptions(order->rules) + 1) * sizeof(uint64_t));
	pipeline.workers = memory_new(order->threads * sizeof *pipeline.workers);
	for (unsigned i = 0; i < order->threads; i++)
		worker_begin(&pipeline, pipeline.workers + i);
	pipeline.ordered = ordered_begin(&(struct ordered_way){order->threads, pipeline.size,
		job_do, job_take, &pipeline});
	if (order->confine)
		order->confine();
	files_run(&pipeline);
	ordered_end(&pipeline.ordered);
	for (unsigned i = 0; i < order->threads; i++) {
		unrouted += matcher_unrouted(pipeline.workers[i].matcher);
		worker_end(pipeline.workers + i);
	}
	for (size_t i = 0; i < pipeline.size; i++) {
		block_buffer_clear(&pipeline.jobs[i].buffer);
		arena_clear(&pipeline.jobs[i].arena);
		free(pipeline.jobs[i].expected);
	}
	free(pipeline.jobs);
	free(pipeline.workers);
	return unrouted;
}
