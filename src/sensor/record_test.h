/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records for tests, byte by byte as the BPF programs write them.
 *
 *	struct record r = record_exec(now, process_id(100, 5, 1), process_id(1, 1, 0), "/bin/ls",
 *"ls\0-l"); feed_record(feed, WIRE_RING_lifecycle, r.bytes, r.n);
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/bpf/wire.h"

enum { RECORD_MAX = 1 << 18 };

struct record {
	_Alignas(8) unsigned char bytes[RECORD_MAX];
	size_t n;
};

static inline struct wire_process process_id(uint32_t pid, uint64_t start, uint32_t generation)
{
	return (struct wire_process){.start = start, .pid = pid, .generation = generation};
}

/* The next number on processor 0 of that ring; tests set it to make holes. */
static uint64_t record_attempt[WIRE_RINGS];

static inline enum wire_ring record_ring(enum wire_kind kind)
{
	if (kind >= WIRE_file_create)
		return WIRE_RING_file;
	return kind >= WIRE_connect ? WIRE_RING_network : WIRE_RING_lifecycle;
}

static inline struct wire_head record_head(
	enum wire_kind kind, uint64_t time, struct wire_process who)
{
	return (struct wire_head){
		.kind = kind,
		.flags = WIRE_FLAG_scope,
		.tid = who.pid,
		.attempt = ++record_attempt[record_ring(kind)],
		.time = time,
		.process = who,
	};
}

static inline void record_put(struct record *record, const void *bytes, size_t n)
{
	if (bytes)
		memcpy(record->bytes + record->n, bytes, n);
	record->n += n;
}

/* Writes the length into the head. */
static inline void record_end(struct record *record)
{
	((struct wire_head *)record->bytes)->length = (u32)record->n;
}

static inline void record_fork(struct record *record, uint64_t time, struct wire_process parent,
	struct wire_process child)
{
	struct wire_fork fork = {record_head(WIRE_fork, time, parent), child, .vpid = child.pid};

	record->n = 0;
	record_put(record, &fork, sizeof fork);
	record_end(record);
}

/* What a test says of an exec; the rest is filled in as of an ordinary program. */
struct exec_case {
	const char *path, *invoked, *interp, *cwd, *cgroup, *args, *env, *tty;
	size_t args_n, env_n; /* bytes with the NULs; 0: one text each */
	uint64_t args_length; /* 0: args_n */
	uint32_t argc, file_flags, euid;
};

static inline void record_exec_case(struct record *record, enum wire_kind kind, uint64_t time,
	struct wire_process who, struct wire_process parent, const struct exec_case *c)
{
	const char *texts[] = {
		c->path, c->invoked ? c->invoked : c->path, c->interp, c->cwd, c->cgroup};
	size_t args_n = c->args_n ? c->args_n : c->args ? strlen(c->args) + 1 : 0;
	size_t env_n = c->env_n ? c->env_n : c->env ? strlen(c->env) + 1 : 0, lengths[5];
	struct wire_exec exec = {
		.head = record_head(kind, time, who),
		.parent = parent,
		.inode = 4711,
		.device = 8,
		.size = 1000,
		.mtime = 1000,
		.ctime = 2000,
		.mode = 0100755,
		.nlink = 1,
		.file_flags = c->file_flags,
		.uid = 1000,
		.euid = c->euid,
		.suid = 1000,
		.login_uid = (u32)-1,
		.session = 3,
		.vpid = who.pid,
		.cap_effective = 7,
		.cgroup_id = 99,
		.ns_pid = 4026531836,
		.stdio = {STDIO_tty, STDIO_pipe, STDIO_socket},
		.stdio_known = 1,
		.argc = c->argc,
		.args_length = c->args_length ? c->args_length : args_n,
		.env_length = env_n,
		.comm = "comm",
	};

	for (size_t i = 0; i < 5; i++)
		lengths[i] = texts[i] ? strlen(texts[i]) : 0;
	if (c->tty)
		snprintf(exec.tty, sizeof exec.tty, "%s", c->tty);
	exec.path_length = (u32)lengths[0];
	exec.invoked_length = (u32)lengths[1];
	exec.interp_length = (u32)lengths[2];
	exec.cwd_length = (u32)lengths[3];
	exec.cgroup_length = (u32)lengths[4];
	exec.args_kept = (u32)args_n;
	exec.env_kept = (u32)env_n;
	record->n = 0;
	record_put(record, &exec, sizeof exec);
	for (size_t i = 0; i < 5; i++)
		record_put(record, texts[i], lengths[i]);
	record_put(record, c->args, args_n);
	record_put(record, c->env, env_n);
	record_end(record);
}

static inline void record_exec(struct record *record, uint64_t time, struct wire_process who,
	struct wire_process parent, const char *path)
{
	record_exec_case(record, WIRE_exec, time, who, parent,
		&(struct exec_case){
			.path = path, .args = path, .argc = 1, .cwd = "/root", .cgroup = "/a"});
}

static inline void record_exit(
	struct record *record, uint64_t time, struct wire_process who, int code)
{
	struct wire_exit wire = {record_head(WIRE_exit, time, who), .code = code};

	record->n = 0;
	record_put(record, &wire, sizeof wire);
	record_end(record);
}

static inline void record_file(struct record *record, enum wire_kind kind, uint64_t time,
	struct wire_process who, const char *path, const char *old_path, int64_t mtime,
	int64_t ctime, uint32_t mode)
{
	struct wire_file wire = {
		.head = record_head(kind, time, who),
		.inode = 12,
		.device = 8,
		.size = 73,
		.mtime = mtime,
		.ctime = ctime,
		.mode = mode,
		.uid = 33,
		.gid = 33,
		.nlink = 1,
		.path_length = (u32)strlen(path),
		.old_path_length = old_path ? (u32)strlen(old_path) : 0,
	};

	record->n = 0;
	record_put(record, &wire, sizeof wire);
	record_put(record, path, wire.path_length);
	record_put(record, old_path, wire.old_path_length);
	record_end(record);
}

static inline void record_network(struct record *record, enum wire_kind kind, uint64_t time,
	struct wire_process who)
{
	struct wire_network wire = {
		.head = record_head(kind, time, who),
		.source = {10, 0, 0, 1},
		.destination = {192, 0, 2, 7},
		.source_port = 40000,
		.destination_port = 443,
		.family = 2,
		.type = 1,
		.protocol = 6,
	};

	record->n = 0;
	record_put(record, &wire, sizeof wire);
	record_end(record);
}

/* A payload; of `kept` bytes, out of `length`. */
static inline void record_payload(struct record *record, uint64_t time, struct wire_process who,
	uint32_t shape, const void *bytes, size_t kept, size_t length)
{
	struct wire_payload wire = {.shape = shape, .length = (u32)length, .kept = (u32)kept};

	record_network(record, WIRE_payload, time, who);
	memcpy(&wire.network, record->bytes, sizeof wire.network);
	record->n = 0;
	record_put(record, &wire, sizeof wire);
	record_put(record, bytes, kept);
	record_end(record);
}
