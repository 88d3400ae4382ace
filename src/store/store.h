/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where events stay: one folder with an SQLite database (WAL). One process writes; others read at
 * the same time.
 *
 *	struct store *store = store_open("/var/lib/saker", STORE_write, &err);
 *	store_append(store, records, n, &err);	// one transaction
 *	store_close(&store);
 *
 * What is promised: an append that returned 0 is there after a kill -9 of the writer; after a loss
 * of power the last appends without a detection may be missing (synchronous=NORMAL), but an append
 * with a detection has been synced together with all before it (FULL). The file itself survives
 * both.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "event/row.h"

struct store;

enum store_mode { STORE_read, STORE_write };

/* One event, as it is kept. */
struct store_record {
	enum event_kind kind;
	event_time time;
	struct entity entity, parent; /* of its process; zero where it has none */
	struct text level; /* of a detection; no text otherwise */
	struct text id; /* of a detection */
	/* one of them: event_write, or row_write of this very program; at most STORE_JSON_MAX */
	struct text json, row;
	uint64_t sequence; /* number that its run gave to it, see store_continue; 0: none */
};

enum { STORE_JSON_MAX = 4 << 20, STORE_ID_PREFIX = 6 };

/*
 * Opens the folder; STORE_write makes it (mode 0700) and the database where they are missing, and
 * is refused while another process writes. NULL with a sentence that says what and the remedy: no
 * such folder, not writable, no space, not a database, made by a newer saker. A reader needs the
 * right to read the folder and its files, none to write.
 */
struct store *store_open(const char *folder, enum store_mode mode, struct error *err);
void store_close(struct store **store);

/*
 * Keeps all records in one transaction, or none: -1 with a sentence (the disk is full, the file
 * system read-only).
 */
int store_append(struct store *store, const struct store_record *records, size_t n,
	struct error *err);

/*
 * Says that the records to come are numbered by the run `run` (any number that no other run of
 * saker has), upwards. From now on a record whose number is not greater than the last one kept of
 * this run is left out without a word: so a sender that got no answer because the writer died may
 * send again, and nothing is kept twice.
 */
void store_continue(struct store *store, uint64_t run);

/*
 * Deletes the oldest events until the database holds at most `bytes_max` bytes and nothing older
 * than `oldest`. Detections, what saker said of itself (gaps, notices) and the processes that
 * detections name, with their ancestors, are kept; only when these alone are more than `bytes_max`
 * the oldest of them go too. store_numbers tells how many went.
 */
int store_retain(struct store *store, int64_t bytes_max, event_time oldest, struct error *err);

/*
 * Small named values (status, settings) that other processes may read. Names that begin with
 * "store." are ours, and "host" is the name of the host, put when the store is opened for writing.
 */
int store_put(struct store *store, const char *name, struct text value, struct error *err);
struct text store_get(struct store *store, const char *name, struct arena *arena);

/*
 * The chain of hashes over what is kept, in three parts: sealed blocks of events, detections, and
 * what saker said of itself. Who can write to the store can also make a new chain: note the heads
 * elsewhere.
 */
enum { STORE_CHAIN = 32, STORE_CHAINS = 3 };

struct store_proof {
	const char *what;
	int64_t chained, unchained; /* rows; from before there was a chain */
	int64_t broken; /* that do not fit to what stands before them */
	event_time first_broken; /* when the first of them begins */
	unsigned char head[STORE_CHAIN];
};

/* Follows all three. -1 with a sentence if they cannot be read. */
int store_verify(struct store *store, struct store_proof proofs[STORE_CHAINS], struct error *err);

/* Before the process gives up its rights: OpenSSL reads files of its own. */
void store_chain_warm(void);

/* What to read. Zero: everything. */
struct store_query {
	event_time from, to; /* both included; 0: open */
	struct entity entity; /* only events of this process */
	bool detections; /* only detections */
	bool notices; /* only what saker says of itself: start, stop, gaps, capabilities, notices,
			 preventions */
	struct text id; /* only the detection with this id (or id prefix of at least 6 digits, if
			   it is the only one) */
	/*
	 * ASCII letters in lower case, digits and punctuation that need no escape in JSON: a plain
	 * event that does not hold them, whatever their case, need not be given
	 */
	struct text holds;
	size_t limit; /* 0: no limit */
	bool newest_first;
};

/*
 * Calls `each` with the JSON of every event that fits, in order of time, until it returns false.
 * `detections` and `notices` together give both. -1 with a sentence: the id is the beginning of
 * several; or some block of the database is damaged, in which case all the others were given.
 */
int store_read(struct store *store, const struct store_query *query,
	bool (*each)(void *context, struct text json), void *context, struct error *err);

/*
 * The same for whoever reads many: an event as it lies there. What it points to lives for the
 * call.
 */
struct store_item {
	struct text json; /* no text: it is a row */
	struct text row;
	struct row_reader *reader;
};
int store_read_items(struct store *store, const struct store_query *query,
	bool (*each)(void *context, const struct store_item *item), void *context,
	struct error *err);

/*
 * The newest lifecycle event (exec, else running, else fork) of that process as JSON; no text if
 * it is not known.
 */
struct text store_process(struct store *store, struct entity entity, struct arena *arena);

/*
 * The process's nearest relative upwards, as its record said (previous image, else parent); none
 * if not known.
 */
struct entity store_parent(struct store *store, struct entity entity);

/* Calls `each` with the entity of every known child, oldest first. */
int store_children(struct store *store, struct entity entity,
	bool (*each)(void *context, struct entity child), void *context, struct error *err);

/*
 * What the store holds between two times (both included, 0: open), and what it had to let go since
 * it was made.
 */
struct store_numbers {
	int64_t events; /* all of them, detections and notices included */
	int64_t detections, notices;
	event_time first, last; /* of everything there is, whatever the times asked for;
				   NUMBER_NONE if there is nothing */
	int64_t dropped, dropped_detections; /* by retention; the first counts plain events */
	event_time dropped_to; /* the newest time among `dropped`; NUMBER_NONE if nothing was */
	int64_t bytes; /* of the database, free pages not counted */
};
int store_numbers(struct store *store, event_time from, event_time to,
	struct store_numbers *numbers, struct error *err);
