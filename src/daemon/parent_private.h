/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parent has in its hands, for the files that make it up: parent.c (start, loop, end),
 * crew.c (its children), holds.c (held programs), report.c (what the user is told).
 */
#pragma once

#include "daemon/hold.h"
#include "daemon/message.h"
#include "daemon/numbers.h"
#include "daemon/opener.h"
#include "daemon/parent.h"
#include "daemon/spawn.h"
#include "daemon/watched.h"

enum { SELVES_MAX = 128, LOOKS_MAX = 64, QUESTIONS_MAX = 256, SCAN_FOLDERS_MAX = 256 };

/* A held program whose arguments the witness is reading. */
struct look {
	struct message_hold *hold; /* NULL: free */
	int64_t due; /* ms */
};

/* A file that the guard looks through, or the engine judges. */
struct question {
	uint64_t id; /* 0: free; a slot is id % QUESTIONS_MAX */
	uint64_t hold; /* who waits, 0: nobody */
	int64_t asked; /* ms */
	bool judged; /* the guard has answered */
	struct message_file *file;
};

/* What happened often: told once a second. */
struct repeated {
	int64_t count;
	pid_t tid; /* of the last */
	char path[256];
};

struct parent {
	const struct parent_options *options;
	struct post post;
	struct watched watched;
	struct sensor *sensor;
	struct hold *hold; /* NULL: none is used */
	char hold_why[256]; /* why not, if it was asked for */
	struct look looks[LOOKS_MAX];
	struct child engine, store, witness, scan, guard, watchdog;
	struct opener *opener;
	struct hold *gate; /* of files in protected places; NULL: none is used */
	bool gate_waits; /* somebody may have to wait there */
	char gate_why[256]; /* why there is none */
	int yara; /* descriptor of the rules for the guard */
	struct message_guard guarding; /* what the guard made of them */
	bool guard_ready;
	struct question questions[QUESTIONS_MAX];
	uint64_t question_next;
	int64_t beat; /* ms: when the watchdog was last told that all is well */
	unsigned writes_out; /* questions that nobody waits for */
	struct repeated gate_refused, gate_late, gate_failed;
	uint64_t unsifted, unsifted_told; /* files that were written and not looked through */
	int heart; /* socket of the heartbeat, -1: none */
	int64_t heart_due; /* ms */
	uint64_t heart_number;
	char host[256];
	const char *log_path; /* of logins; NULL: there is none */
	int log; /* its descriptor */
	int64_t log_at; /* bytes of it that were sent */
	bool journal_wanted; /* the log of logins is the journal */
	const char *journal_folder;
	gid_t journal_group; /* whose members may read it, -1: there is none */
	pid_t journal_pid; /* of its reader, 0: it does not run */
	int journal; /* what the reader writes, -1 */
	int64_t journal_due; /* ms: when it may be started again */
	char journal_piece[LOG_PIECE]; /* a line that has not ended yet */
	size_t journal_piece_length;
	unsigned scans_out; /* files that the scan process has and has not answered */
	int64_t scans_at; /* ms: when it got the first of them, or answered last */
	struct numbers *numbers;
	int numbers_fd, content, lock, signals;
	char store_real[4096]; /* its folder, absolute */
	char rules_from[4096]; /* where the rules were found */

	struct message_self selves[SELVES_MAX]; /* for an engine that is not there yet */
	size_t self_count;
	struct message_ready ready; /* what the engine made of the content */
	bool engine_ready, store_ready, watching, stopping, done;
	char refusal[512]; /* why the store could not be opened */

	uint64_t engine_first; /* number of the first event of the engine that runs, or ran last */
	struct numbers engine_began; /* the numbers as they were then */
	struct message_stored gone; /* what the store said of an engine that is gone */
	bool gone_came, gone_wanted;
	int64_t gone_until; /* ms: how long the next engine waits for that */
	uint64_t beats; /* last seen, and when they last changed */
	int64_t beats_at;

	int64_t began, second; /* ms; when the next second begins */
	unsigned cross_seconds;
	uint64_t cpu_ended; /* ms of processor time of children that ended */
	uint64_t rss_most; /* bytes of all processes together, at most */
};

/* crew.c */
int crew_start_store(struct parent *parent, struct error *err);
void crew_start_due(struct parent *parent);
void crew_reap(struct parent *parent);
/* Hands a message about saker itself to the engine, or keeps it until there is one. */
void crew_self(struct parent *parent, const struct message_self *self);
void crew_say(struct parent *parent, int kind, const char *about, const char *state,
	const char *format, ...) __attribute__((format(printf, 5, 6)));
void crew_gap(struct parent *parent, const char *cause, uint64_t count, const char *message);
/* Says that saker watches, once all that must be there for that is. */
void crew_opening(struct parent *parent);
/* Reads and sends what waits on all channels. */
void crew_talk(struct parent *parent);
/* Stops all in order: the engine empties the rings, then the store commits. */
void crew_stop(struct parent *parent);

/* scans.c */
void scans_order(struct parent *parent, const struct message_hash *order, size_t n);
void scans_opened(struct parent *parent);
void scans_done(struct parent *parent, const struct message_hashed *found);
void scans_tick(struct parent *parent);

/* heartbeat.c */
int heartbeat_open(struct parent *parent, struct error *err);
void heartbeat_tick(struct parent *parent);

/* logs.c */
void logs_open(struct parent *parent);
void logs_tick(struct parent *parent);
/* How many bytes are whole lines; one that is longer than a piece is cut. */
size_t logs_whole(const char *piece, size_t n);

/* journal.c */
void journal_open(struct parent *parent, const char *folder); /* "": that of this host */
void journal_read(struct parent *parent);
/* Whether that was its reader. */
bool journal_ended(struct parent *parent, pid_t pid);
void journal_clear(struct parent *parent);

/*
 * guards.c; guards_open fails where the setting is wrong, and says why nothing can be guarded in
 * `gate_why`.
 */
int guards_open(struct parent *parent, struct error *err);
bool guards_wanted(const struct parent *parent);
bool guards_start(struct parent *parent, struct error *err);
void guards_ready(struct parent *parent, const struct message_guard *ready);
void guards_sifted(struct parent *parent, const struct message_sifted *sifted);
void guards_verdict(struct parent *parent, const struct message_verdict *verdict);
/* Nobody can be asked any more: all who wait go on. */
void guards_release(struct parent *parent);
void guards_tick(struct parent *parent);
void guards_clear(struct parent *parent);

/* holds.c */
/* Whether someone may have to wait for this process, so that it must be watched over. */
bool holds_any(const struct parent *parent);
bool holds_own(void *context, pid_t tid);
void holds_open(struct parent *parent);
void holds_beat(struct parent *parent);
void holds_idle(struct parent *parent);
void holds_tick(struct parent *parent);
void holds_seen(struct parent *parent, const struct message_seen *seen, struct text args);
void holds_clear(struct parent *parent);

/* report.c */
void report_opening(const struct parent *parent);
void report_status(struct parent *parent);
void report_summary(struct parent *parent);
uint64_t report_dropped(const struct parent *parent);
