/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages between the processes of saker: typed, of checked length, only between those that
 * message.def permits, batched (one system call carries many), with descriptors where they are
 * needed.
 *
 *	struct channel *channel = channel_new(fd, ROLE_engine, ROLE_parent);
 *	channel_send(channel, MESSAGE_kill, &order, sizeof order);	// into the batch
 *	channel_flush(channel, &err);
 *	channel_receive(channel, on_message, context, &err);	// when fd is readable
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "daemon/stamp.h"

enum role {
#define ROLE(name, ...) ROLE_##name,
#include "daemon/role.def"
#undef ROLE
	ROLES
};

extern const char *const role_names[ROLES], *const role_sentences[ROLES];

enum { MESSAGE_FDS = 8, HOLD_ARGS_MAX = 32768 };

/* What a process could not give up, and what it did: sent with the first answer of each. */
struct message_rights {
	int32_t landlock; /* version that is in force, 0: none */
	char missing[252]; /* a sentence, "" if everything was given up */
};

/* Its descriptors, in this order. */
enum { START_ring0, START_content = 3, START_lines, START_numbers, START_FDS };

struct message_start {
	unsigned char boot_id[16];
	int64_t boot_time;
	uint8_t prevent; /* --prevent */
	uint8_t colour; /* lines may be coloured */
	uint8_t quiet; /* print no lines */
	uint8_t by_rules; /* only what rules ask for is wanted of the kernel */
	uint8_t restarted; /* this engine follows one that died */
	uint8_t guards; /* who opens a file in a protected place waits */
	uint8_t pad[2];
	uint32_t rewrites_max, pad_; /* files in a minute, 0: any number */
	uint32_t parent_pid; /* its tree is never touched */
};

struct message_ready {
	uint32_t rules, problems, refused; /* loaded; mistakes in all; rules that were refused */
	uint32_t denying; /* rules that ask for a denial */
	uint32_t kernel_rules; /* of these, those that the kernel decides */
	uint32_t addresses, indicator_problems;
	char first_problem[256]; /* "file:line: sentence" */
	uint64_t kinds[2]; /* of events that somebody asks for: see sensor_wanted */
	struct message_rights rights;
};

struct message_self {
	uint32_t kind; /* enum event_kind, one of saker's own but no detection */
	int32_t pid, signal, status;
	int64_t count;
	char about[32], state[16], via[64], cause[16], message[256];
};

/*
 * Who waits with an exec, and what for. Read by the parent from the kernel's own texts; nothing
 * in it was parsed.
 */
struct message_hold {
	uint64_t id;
	uint32_t pid, tid;
	uint32_t uid, euid, suid, gid, egid;
	uint32_t known; /* HOLD_* */
	uint32_t args_length; /* bytes that follow */
	uint32_t args_cut; /* there are more */
	char path[4096], cwd[4096];
	char stdio[3][64]; /* descriptors 0 to 2 as /proc/PID/fd says; "" if closed */
};
enum { HOLD_args = 1, HOLD_ids = 2, HOLD_cwd = 4 };

/* What a file was (see stamp.h). */
struct message_hash {
	uint64_t id;
	struct stamp stamp;
	uint32_t pid, pad; /* whose program it is; 0: of nobody */
	char path[4096];
};

struct message_scan {
	uint64_t id, size;
};

enum { SCAN_HEAD = 16, LOG_PIECE = 16384 };
struct message_hashed {
	uint64_t id;
	uint32_t known, entropy; /* in hundredths of a bit for each byte */
	unsigned char sha256[32], sha1[20], md5[16], head[SCAN_HEAD];
	uint32_t head_length;
};

/* What a file in a protected place is looked through for. Its path follows, ended by NUL. */
struct message_sift {
	uint64_t id, size;
	char path[4096];
};

enum { SIFT_MATCHES = 4 };

/* A YARA rule that matched; what it does not say is "". */
struct message_match {
	char rule[96], file[96], level[16], technique[16], description[192];
};

struct message_sifted {
	struct message_hashed found;
	uint32_t match_count, whole; /* 1: it was looked through to its end */
	struct message_match matches[SIFT_MATCHES];
};

struct message_guard {
	uint32_t rules, problems;
	char first_problem[256]; /* "file:line: sentence" */
	struct message_rights rights;
};

/* Someone waits to open a file, or has closed it after writing; and what is in it. */
struct message_file {
	struct message_sifted sifted; /* the id is that of the verdict that is awaited */
	struct stamp stamp;
	int64_t due; /* ms of the monotonic clock: nobody waits any longer */
	uint32_t pid, tid, wrote, mode, uid, gid;
	char path[4096];
};

struct message_stop {
	uint64_t dropped; /* records that the kernel could not put into the rings, in all */
};

struct message_look {
	uint64_t id, argv; /* of the hold; where the pointers to the arguments lie */
	uint32_t tid, pad;
};

struct message_seen {
	uint64_t id;
	uint32_t known, cut; /* they could be read; there are more than follow here */
};

struct message_verdict {
	uint64_t id;
	uint32_t allow; /* 1 or 0 */
	uint32_t cache; /* 1: the answer holds for this file whoever asks, until it changes */
};

struct message_image {
	uint64_t hash, bits;
	uint32_t how, pad;
};

struct message_place {
	uint64_t bits;
	uint32_t watched, pad; /* 1: changes of files there are events */
	char prefix[256];
};

struct message_clause {
	uint32_t index, pad;
	unsigned char clause[128]; /* struct wire_clause, zero padded */
};

struct message_address {
	uint32_t family, rule; /* AF_INET or AF_INET6 */
	uint32_t bits, allow; /* of the network; 1: it is refused no more */
	unsigned char bytes[16];
};

struct message_kill {
	uint64_t id, start; /* start_boottime, ns */
	uint32_t pid, pad;
};

struct message_killed {
	uint64_t id;
	int32_t error, pad; /* 0 or errno */
};

struct message_record {
	int64_t time;
	uint64_t entity[2], parent[2];
	uint64_t sequence;
	uint32_t kind;
	uint16_t id_length, level_length;
	uint32_t row_length, pad; /* see event/row.h; both processes are of one program */
};

/* Totals since this channel was made. */
struct message_stored {
	uint64_t kept, refused;
	char sentence[256]; /* of the last refusal; "" if all is well */
};

struct message_store {
	int64_t bytes_max, days;
};

struct message_opened {
	char sentence[512]; /* "" if the store is open */
	struct message_rights rights;
};

enum message {
#define MESSAGE(name, ...) MESSAGE_##name,
#include "daemon/message.def"
#undef MESSAGE
	MESSAGES
};

struct channel;

/* Takes over the descriptor of a stream socket, which becomes non-blocking. */
struct channel *channel_new(int fd, enum role self, enum role peer);
void channel_free(struct channel **channel);
int channel_fd(const struct channel *channel);

/*
 * Puts a message into the batch (asserts that this side may send it and that its length fits).
 * Returns false, and drops it, if more than 8 MiB wait already because the peer does not read:
 * the caller counts the loss.
 */
bool channel_send(struct channel *channel, enum message message, const void *bytes, size_t n);

/*
 * The same with up to MESSAGE_FDS descriptors, which are duplicated; also false if 64 messages
 * with descriptors wait.
 */
bool channel_send_fds(struct channel *channel, enum message message, const void *bytes, size_t n,
	const int *fds, size_t fd_count);

/* Writes what waits, as far as the socket takes it. -1 with a sentence if the peer is gone. */
int channel_flush(struct channel *channel, struct error *err);

/* Bytes that wait; while it is not 0, poll for writing and flush. */
size_t channel_waiting(const struct channel *channel);

/*
 * Reads what is there and calls `on` for each whole message, which owns none of it: bytes
 * (aligned to 8) are valid during the call, descriptors are closed after it unless the handler
 * sets them to -1. -1 with a sentence if the peer is gone or has sent what it may not; all that
 * came before was handed on.
 */
typedef void channel_handler(void *context, enum message message, const void *bytes, size_t n,
	int *fds, size_t fd_count);
int channel_receive(
	struct channel *channel, channel_handler *on, void *context, struct error *err);
