/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the engine has in its hands, for the files that make it up: intake.c (content becomes
 * rules and orders), judge.c (an event becomes detections), correlate.c (several events become
 * one), listed.c (values that are indicators), verdict.c (a held program gets its answer),
 * pending.c (detections that wait for what came of a kill), notice.c (what happens to saker itself
 * becomes events), tell.c (detections are stored, counted and shown).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "daemon/content.h"
#include "daemon/findings.h"
#include "daemon/message.h"
#include "daemon/numbers.h"
#include "daemon/records.h"
#include "daemon/resolved.h"
#include "daemon/rewrites.h"
#include "daemon/stamp.h"
#include "detect/correlation/correlator.h"
#include "detect/plan.h"
#include "detect/rules.h"
#include "event/event.h"
#include "intel/indicators.h"
#include "sensor/feed.h"

enum { HITS_MAX = 32, PENDING_MAX = 256, WAITS_MAX = 64 };

/* Detections of one event that wait until the parent has said what came of the kill. */
struct pending {
	uint64_t kill; /* 0: free */
	int64_t due; /* ms */
	struct arena arena;
	struct event *event; /* a copy, without its detection */
	size_t count;
	struct detection *detections[HITS_MAX];
};

/* Rules that an event was told to match. */
struct told {
	const struct rule *at[HITS_MAX];
	size_t n;
};

/* An event that is kept until the hashes of its file are there. */
struct waiting {
	uint64_t id; /* 0: free */
	int64_t due; /* ms */
	struct stamp stamp;
	struct arena arena;
	struct event *event; /* a copy, which has its number */
	struct wire_verdict verdict;
	bool in_scope;
	struct told told;
};

struct engine {
	struct message_start start;
	struct channel *parent;
	struct records records;
	struct numbers *numbers;
	struct feed *feed;
	struct content *content;
	struct rules *rules;
	struct plan plan;
	struct indicators *indicators;
	struct correlator *correlator; /* NULL: there are no correlations */
	const struct event *at_hand; /* while the correlator has it */
	struct correlator_losses correlator_told; /* what was said of its losses, and when */
	event_time correlator_told_at;
	struct arena arena; /* of the event at hand */
	struct pending pending[PENDING_MAX];
	uint64_t kills; /* ordered so far; the last one's id */
	struct stamp_cache hashes; /* SHA-256 of programs that were held */
	struct resolved resolved; /* addresses of listed names */
	struct findings findings; /* hashes of programs and files */
	struct waiting waiting[WAITS_MAX];
	struct rewrites *rewrites; /* NULL: not watched for */
	uint64_t asked; /* number of the last file that was asked about */
	int64_t asked_second; /* and files that were, in that second */
	unsigned asked_files;
	bool hashes_wanted; /* some rule asks for them */
	uint32_t denying; /* rules that ask for a denial or a kill */
	int lines; /* where lines for the user go, -1 if nowhere */
	int64_t lines_second; /* that second, and lines written in it */
	unsigned lines_count;
	int64_t refusal_shown; /* ms when the user was last told that the store refuses */
	bool refusing, stop;
	uint64_t dropped; /* by the kernel in all, told with the order to stop */
};

/*
 * intake.c: reads all content, compiles, orders what the kernel shall do, and answers
 * content_ready.
 */
int engine_intake(struct engine *engine, const struct message_rights *rights, struct error *err);

/* engine.c: what stands in the rings; see feed_read. */
size_t engine_read(struct engine *engine);

/*
 * correlate.c: before the first event; what a rule that is a member of a correlation has matched;
 * and time goes by.
 */
void engine_correlate_begin(struct engine *engine);
void engine_correlate(struct engine *engine, const struct event *event, const struct rule *rule);
void engine_correlate_pass(struct engine *engine);

/* judge.c: a handler of the feed; `context` is the engine. */
void engine_judge(void *context, const struct sighting *sighting);

/*
 * What the kernel did about the event before it became known here; false if it did nothing, or
 * failed.
 */
bool engine_was_prevented(const struct sighting *sighting, struct detection *detection);

/* The same for an event whose hashes are known by now: what has not matched before. */
void engine_judge_again(struct engine *engine, const struct sighting *sighting,
	const struct told *before);

/*
 * hashes.c: fills in what is known of the event's file; where it must be asked for, the place in
 * which the event is to be kept (hashes_keep) once it is numbered. Then the answer, and the time.
 */
struct waiting *hashes_ask(struct engine *engine, const struct sighting *sighting);
void hashes_keep(struct waiting *waiting, const struct event *event);
void hashes_found(struct engine *engine, const struct message_hashed *found);
void hashes_expire(struct engine *engine, int64_t now); /* INT64_MAX: all */

/* logins.c: whole lines of the log of logins. */
void logins_read(struct engine *engine, struct text lines);

/* listed.c: a detection of an indicator that says all about it but what was done. */
struct detection *engine_listed(
	struct engine *engine, struct indicator_hit hit, struct text id, struct text title);

/* listed.c: hashes alone. */
void engine_judge_hashes(struct engine *engine, const struct sighting *sighting);

/* resolved.c: the addresses of an answer whose name is listed are refused while it holds. */
void resolved_deny(struct engine *engine, const struct event *answer, struct indicator_hit hit);
void resolved_expire(struct engine *engine);

/* listed.c: values of an event that are listed as indicators become detections. */
void engine_judge_listed(struct engine *engine, const struct sighting *sighting);

/*
 * Whether no rung may touch that process for that rule: saker's own tree, pid 1, and protected
 * programs that the rule does not name. `rule` may be NULL.
 */
bool engine_spares(
	const struct engine *engine, const struct process *process, const struct rule *rule);

/* A detection with everything that the rule says; what was done about it is still open. */
struct detection *engine_detection(struct engine *engine, struct arena *arena,
	const struct event *event, const struct rule *rule);

/* verdict.c: answers a hold. */
void engine_hold(struct engine *engine, const struct message_hold *hold, struct text args, int fd);

/*
 * guarded.c: a file in a protected place was opened or written, and looked through; a file is gone
 * or has another name.
 */
void engine_file(struct engine *engine, const struct message_file *file);
void engine_file_gone(struct engine *engine, const struct sighting *sighting);

/* hashes.c: what was found out about an event's file. */
void hashes_fill(struct arena *arena, struct event *event, const struct message_hashed *found);

/* judge.c: orders the end of a process; the number of the order. */
uint64_t engine_kill(struct engine *engine, const struct process *process);

/* pending.c */
void pending_add(struct engine *engine, const struct event *event,
	struct detection *const *detections, size_t count, uint64_t kill);
void pending_killed(struct engine *engine, uint64_t kill, int error);
void pending_expire(struct engine *engine, int64_t now); /* INT64_MAX: all */

/* tell.c: the event gets the detection and goes to the store and the terminal. */
void engine_tell(struct engine *engine, struct event *event, struct detection *detection);
void engine_line(struct engine *engine, struct text line);

/* notice.c: an event about saker itself. */
void engine_self(struct engine *engine, const struct message_self *self);
void engine_notice(struct engine *engine, const char *about, const char *state, const char *format,
	...) __attribute__((format(printf, 4, 5)));
/* Events that did not get here, or not to the store; `class_` NULL where they are of several. */
void engine_gap(struct engine *engine, const char *cause, const char *class_, uint64_t count,
	const char *message);

/* Nanoseconds since 1970. */
event_time engine_now(void);
