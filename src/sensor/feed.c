// SPDX-License-Identifier: Apache-2.0
// The feed: which record becomes which event, in which order the rings are read, and the account
// of what is missing.

#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "sensor/entity.h"
#include "sensor/feed_private.h"

enum { MEMORY_DEFAULT = 16 << 20 };

/* Records of one ring in one round: bounds what a round keeps in memory. */
static const size_t round_most = 1024;

/*
 * How long records of other rings wait for a lifecycle record that is still being written, and
 * memory gaps for more.
 */
static const uint64_t patience = 1000000000;

void feed_tell(struct feed *feed, struct event *event, const struct wire_verdict *verdict,
	bool in_scope)
{
	struct sighting sighting = {.event = event, .in_scope = in_scope};

	if (verdict)
		sighting.verdict = *verdict;
	feed->numbers.events++;
	feed->handler(feed->context, &sighting);
	arena_reset(&feed->arena);
}

static struct event *event_of(struct feed *feed, enum event_kind kind,
	const struct wire_head *head, const struct member *member)
{
	struct event *event = event_new(&feed->arena, kind);

	event->time = feed->boot_time + (int64_t)head->time;
	event->truncated = head->flags & WIRE_FLAG_cut;
	event->process = member ? &member->process : NULL;
	return event;
}

/* A process may have become another user since its exec. */
static void user_update(const struct feed *feed, const struct wire_head *head,
	struct member *member)
{
	if (!member || !(head->flags & WIRE_FLAG_uid) || member->process.uid == head->uid)
		return;
	member->process.uid = head->uid;
	member->process.user = users_name(feed->users, head->uid);
}

/* The same for what a process did that need not be known. */
static struct event *event_by(struct feed *feed, enum event_kind kind,
	const struct wire_head *head)
{
	struct member *member = processes_get(feed->processes, &head->process);

	user_update(feed, head, member);
	return event_of(feed, kind, head, member);
}

static void tell_live(struct feed *feed, struct event *event, const struct wire_head *head,
	const struct wire_verdict *verdict)
{
	event->source = "live";
	if (head->flags & (WIRE_FLAG_io_uring | WIRE_FLAG_ia32))
		event->via = head->flags & WIRE_FLAG_io_uring ? "io_uring" : "ia32";
	feed_tell(feed, event, verdict, head->flags & WIRE_FLAG_scope);
}

struct assembly feed_assembly(struct feed *feed)
{
	return (struct assembly){&feed->arena, feed->users, feed->boot_time};
}

static enum event_kind event_kind_of(uint16_t record)
{
	static const enum event_kind kinds_of[] = {
#define RECORD(record, event, form) [WIRE_##record] = EVENT_##event,
#include "sensor/record.def"
#undef RECORD
	};

	return kinds_of[record];
}

/*
 * Each of these takes a record of its kind, hands on the event and returns true, or false if the
 * record is malformed.
 */
typedef bool record_take(struct feed *feed, const struct wire_head *head, struct text record);

/*
 * The threads of the kernel itself are no processes: they run no program, and their end is not
 * told.
 */
enum { KTHREADD = 2 };

static bool take_fork(struct feed *feed, const struct wire_head *head, struct text record)
{
	struct wire_fork fork;
	struct member *member;

	if (record.n < sizeof fork)
		return false;
	memcpy(&fork, record.at, sizeof fork);
	if (!fork.child.pid)
		return false;
	if (head->process.pid == KTHREADD)
		return true;
	member = processes_fork(feed->processes, &head->process, &fork.child, fork.vpid);
	containers_count(feed->containers, member->process.container);
	tell_live(feed, event_of(feed, EVENT_process_fork, head, member), head, NULL);
	return true;
}

/* What the step of a process into, or out of, a container is as an event. */
static void tell_container(struct feed *feed, const struct wire_head *head,
	const struct member *member, enum container_step step)
{
	static const enum event_kind kinds_of[] = {
		[CONTAINER_began] = EVENT_container_start,
		[CONTAINER_entered] = EVENT_container_exec,
		[CONTAINER_ended] = EVENT_container_stop,
	};

	if (step != CONTAINER_none)
		tell_live(feed, event_of(feed, kinds_of[step], head, member), head, NULL);
}

/* In which container the process was counted: that of its image before, or of its parent. */
static struct text container_before(const struct member *member)
{
	const struct process *up = process_up(&member->process);

	return up ? up->container : (struct text){0};
}

static bool take_exec(struct feed *feed, const struct wire_head *head, struct text record)
{
	struct assembly assembly = feed_assembly(feed);
	struct wire_exec exec;
	struct process facts;
	struct member *member;
	struct event *event;

	if (!head->process.pid || !assemble_exec(&assembly, record, &exec, &facts))
		return false;
	if (head->kind == WIRE_denied)
		member = processes_refuse(feed->processes, &head->process, head->time);
	else
		member = processes_exec(feed->processes, &head->process, &exec.parent);
	processes_describe(feed->processes, member, &facts);
	member->iterated = false;
	member->told = true;
	event = event_of(feed, EVENT_process_exec, head, member);
	event->truncated |= facts.args_cut;
	tell_live(feed, event, head, &exec.verdict);
	if (head->kind != WIRE_denied)
		tell_container(feed, head, member,
			containers_enter(feed->containers, member->process.container,
				container_before(member)));
	return true;
}

static bool take_exit(struct feed *feed, const struct wire_head *head, struct text record)
{
	struct wire_exit wire;
	struct member *member;
	int signal;

	if (record.n < sizeof wire)
		return false;
	memcpy(&wire, record.at, sizeof wire);
	member = processes_exit(feed->processes, &head->process, head->time);
	if (!member)
		return false;
	signal = wire.code & 0x7f;
	if (signal)
		member->process.exit_signal = signal;
	else
		member->process.exit_code = wire.code >> 8 & 0xff;
	tell_live(feed, event_of(feed, EVENT_process_exit, head, member), head, NULL);
	tell_container(feed, head, member,
		containers_leave(feed->containers, member->process.container));
	return true;
}

/* A thread that names itself is not the process. */
static bool take_rename(struct feed *feed, const struct wire_head *head, struct text record)
{
	struct wire_rename wire;
	struct member *member;

	if (record.n < sizeof wire || !head->process.pid)
		return false;
	if (head->tid != head->process.pid)
		return true;
	memcpy(&wire, record.at, sizeof wire);
	member = processes_get(feed->processes, &head->process);
	processes_rename(member, wire.old, wire.new_);
	user_update(feed, head, member);
	tell_live(feed, event_of(feed, EVENT_process_rename, head, member), head, NULL);
	return true;
}

static bool take_network(struct feed *feed, const struct wire_head *head, struct text record)
{
	struct assembly assembly = feed_assembly(feed);
	struct wire_network wire;
	struct network *network = assemble_network(&assembly, record, &wire);
	struct event *event;

	if (!network)
		return false;
	event = event_by(feed, event_kind_of(head->kind), head);
	event->network = network;
	tell_live(feed, event, head, &wire.verdict);
	return true;
}

static bool take_payload(struct feed *feed, const struct wire_head *head, struct text record)
{
	struct assembly assembly = feed_assembly(feed);
	bool is_whole;
	struct network *network = assemble_payload(&assembly, record, &is_whole);
	struct event *event;

	if (!network)
		return is_whole;
	event = event_by(feed, EVENT_network_payload, head);
	event->network = network;
	tell_live(feed, event, head, NULL);
	return true;
}

static bool take_close(struct feed *feed, const struct wire_head *head, struct text record)
{
	struct assembly assembly = feed_assembly(feed);
	struct network *network = assemble_close(&assembly, record);
	struct event *event;

	if (!network)
		return false;
	event = event_by(feed, EVENT_network_close, head);
	event->network = network;
	tell_live(feed, event, head, NULL);
	return true;
}

static bool take_dns(struct feed *feed, const struct wire_head *head, struct text record)
{
	struct assembly assembly = feed_assembly(feed);
	bool is_answer, is_cut, is_whole;
	struct network *network;
	struct dns *dns = assemble_dns(
		&assembly, record, &network, &is_answer, &is_cut, &is_whole);
	struct event *event;

	if (!dns || is_answer != !!(head->flags & WIRE_FLAG_ingress))
		return is_whole;
	event = event_by(feed, is_answer ? EVENT_dns_answer : EVENT_dns_query, head);
	event->network = network;
	event->dns = dns;
	event->truncated |= is_cut;
	tell_live(feed, event, head, NULL);
	return true;
}

/* The process that a call named by a number of the caller's pid namespace. */
static const struct member *target_find(struct feed *feed, const struct wire_act *act,
	const struct process *actor)
{
	if (act->target.start)
		return processes_find(feed->processes, &act->target);
	if (!act->target.pid || (actor && actor->vpid != NUMBER_NONE && actor->vpid != actor->pid))
		return NULL;
	return processes_at(feed->processes, act->target.pid, act->head.time);
}

static void target_put(struct feed *feed, struct event *event, const struct member *member,
	uint32_t pid)
{
	struct target *target = event->target = target_new(&feed->arena);

	target->pid = pid;
	if (!member)
		return;
	target->entity = member->process.entity;
	target->executable = member->process.executable;
	target->command_line = member->process.command_line;
	target->uid = member->process.uid;
	target->user = member->process.user;
}

static bool take_act(struct feed *feed, const struct wire_head *head, struct text record)
{
	struct assembly assembly = feed_assembly(feed);
	struct event *event;
	struct wire_act act;
	struct call *call = assemble_act(&assembly, record, &act);
	const struct member *target;

	if (!call)
		return false;
	event = event_by(feed, event_kind_of(head->kind), head);
	event->call = call;
	target = target_find(feed, &act, event->process);
	if (target || act.target.pid)
		target_put(feed, event, target, target ? target->pid : act.target.pid);
	tell_live(feed, event, head, &act.verdict);
	return true;
}

/* "/proc/123/mem" is the memory of process 123; 0 for any other path. */
static uint32_t memory_owner(struct text path)
{
	struct text digits = path;
	int64_t pid;

	if (path.n < 6 || memcmp(path.at + path.n - 4, "/mem", 4))
		return 0;
	digits.n -= 4;
	for (size_t i = digits.n; i-- > 0;)
		if (digits.at[i] == '/') {
			digits = (struct text){digits.at + i + 1, digits.n - i - 1};
			break;
		}
	return text_number(digits, &pid) && pid > 0 && pid <= UINT32_MAX ? (uint32_t)pid : 0;
}

enum { ACCESS_MODE = 3 }; /* of open's flags: O_WRONLY, O_RDWR */

/* The memory of another process, opened as a file. False: it is none, or its own. */
static bool memory_opened(struct feed *feed, const struct wire_head *head, struct file *file)
{
	uint32_t pid = memory_owner(file->path);
	struct event *event;

	if (!pid)
		return false;
	if (pid == head->process.pid)
		return true;
	event = event_by(feed,
		file->flags & ACCESS_MODE ? EVENT_memory_write : EVENT_memory_access, head);
	event->file = file;
	target_put(feed, event, processes_at(feed->processes, pid, head->time), pid);
	tell_live(feed, event, head, NULL);
	return true;
}

static bool take_file(struct feed *feed, const struct wire_head *head, struct text record)
{
	struct assembly assembly = feed_assembly(feed);
	struct file *file = assemble_file(&assembly, record);
	struct wire_file wire;
	struct event *event;

	if (!file)
		return false;
	if (head->kind == WIRE_device && memory_opened(feed, head, file))
		return true;
	event = event_by(feed, event_kind_of(head->kind), head);
	event->file = file;
	if (head->flags & WIRE_FLAG_own) {
		event->call = call_new(&feed->arena);
		event->call->own = true;
	}
	if (head->kind == WIRE_file_attribute) {
		event->call = call_new(&feed->arena);
		event->call->object = file->old_path;
		file->old_path = (struct text){0};
	}
	memcpy(&wire, record.at, sizeof wire);
	tell_live(feed, event, head, &wire.verdict);
	return true;
}

static record_take *const takers[] = {
#define RECORD(record, event, form) [WIRE_##record] = take_##form,
#include "sensor/record.def"
#undef RECORD
};

static enum event_class class_of(enum wire_ring ring)
{
	static const enum event_class classes[WIRE_RINGS] = {
		[WIRE_RING_lifecycle] = CLASS_lifecycle,
		[WIRE_RING_network] = CLASS_network,
		[WIRE_RING_file] = CLASS_file,
	};

	return classes[ring];
}

static struct event *gap_event(struct feed *feed, enum event_class class, const char *cause,
	uint64_t count)
{
	struct event *event = event_new(&feed->arena, EVENT_sensor_gap);

	event->time = feed->boot_time + (int64_t)feed->now;
	event->sensor = sensor_new(&feed->arena);
	event->sensor->class_ = text_of(class_names[class]);
	event->sensor->cause = text_of(cause);
	event->sensor->count = (int64_t)count;
	feed->numbers.gaps++;
	return event;
}

static void tell_missing(struct feed *feed, enum wire_ring ring, const char *cause, uint32_t cpu,
	const struct gap *gap)
{
	struct event *event = gap_event(feed, class_of(ring), cause, gap->count);

	event->sensor->cpu = cpu;
	event->sensor->from = (int64_t)gap->from;
	event->sensor->to = (int64_t)gap->to;
	feed->numbers.missing += gap->count;
	feed_tell(feed, event, NULL, true);
}

/* The head of a record, whose number is counted, if the length there is possible. */
static bool head_read(struct text *record, struct wire_head *head, struct gaps *gaps)
{
	if (record->n < sizeof *head)
		return false;
	memcpy(head, record->at, sizeof *head);
	if (!gaps_count(gaps, head->cpu, head->attempt & ~WIRE_GOVERNED,
		    head->attempt & WIRE_GOVERNED))
		return false;
	if (head->length < sizeof *head || head->length > record->n)
		return false;
	record->n = head->length;
	return true;
}

void feed_record(struct feed *feed, enum wire_ring ring, const void *bytes, size_t n)
{
	struct text record = {bytes, n};
	struct wire_head head = {0};
	bool is_taken = head_read(&record, &head, &feed->gaps[ring]) &&
		head.kind < array_size(takers) && takers[head.kind] &&
		takers[head.kind](feed, &head, record);

	feed->numbers.records++;
	if (ring == WIRE_RING_lifecycle && head.time > feed->lifecycle_time)
		feed->lifecycle_time = head.time;
	arena_reset(&feed->arena);
	if (!is_taken)
		tell_missing(feed, ring, "cut", head.cpu,
			&(struct gap){head.attempt, head.attempt, 1});
}

/* Context of the callbacks that are called for one ring. */
struct reading {
	struct feed *feed;
	enum wire_ring ring;
};

static void on_record(void *context, const void *bytes, size_t n)
{
	struct reading *reading = context;

	feed_record(reading->feed, reading->ring, bytes, n);
}

static void on_gap(void *context, uint32_t cpu, const struct gap *gap)
{
	struct reading *reading = context;

	tell_missing(reading->feed, reading->ring, gap->governed ? "governor" : "ring_full", cpu,
		gap);
}

/*
 * Up to when records of the other rings may be read, when the lifecycle ring was not read to its
 * end.
 */
static uint64_t until_lifecycle(const struct feed *feed, uint64_t now)
{
	uint64_t least = now > patience ? now - patience : 0;

	return feed->lifecycle_time > least ? feed->lifecycle_time : least;
}

static size_t rings_read(struct feed *feed, uint64_t now)
{
	uint64_t until = now;
	size_t n = 0;

	for (enum wire_ring ring = 0; ring < WIRE_RINGS; ring++) {
		struct reading reading = {feed, ring};
		enum ring_end end;

		if (!feed->rings[ring].consumer)
			continue;
		end = ring_read(&feed->rings[ring], until, round_most, on_record, &reading, &n);
		if (end == RING_broken)
			tell_missing(feed, ring, "cut", 0, &(struct gap){0});
		if (ring == WIRE_RING_lifecycle && (end == RING_busy || end == RING_enough) &&
		    until_lifecycle(feed, now) < until)
			until = until_lifecycle(feed, now);
	}
	return n;
}

static void tell_evicted(struct feed *feed, uint64_t now)
{
	uint64_t evicted = processes_evicted(feed->processes) - feed->evicted_told;
	struct event *event;

	if (!evicted || now < feed->evicted_time + patience)
		return;
	feed->evicted_told += evicted;
	feed->evicted_time = now;
	event = gap_event(feed, CLASS_self, "memory", evicted);
	event->sensor->message = arena_format(&feed->arena,
		"the process table is at its bound: %llu entries were forgotten or shortened",
		(unsigned long long)evicted);
	feed_tell(feed, event, NULL, true);
}

size_t feed_round(struct feed *feed, uint64_t now)
{
	size_t n;

	feed->now = now;
	processes_round(feed->processes, now);
	n = rings_read(feed, now);
	for (enum wire_ring ring = 0; ring < WIRE_RINGS; ring++)
		gaps_round(&feed->gaps[ring], on_gap, &(struct reading){feed, ring});
	tell_evicted(feed, now);
	return n;
}

uint64_t boot_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

size_t feed_read(struct feed *feed)
{
	struct epoll_event events[WIRE_RINGS];

	epoll_wait(feed->wakeup, events, WIRE_RINGS, 0); /* takes the edges */
	return feed_round(feed, boot_now());
}

static int ring_add(struct feed *feed, enum wire_ring ring, int fd, struct error *err)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET};

	if (ring_open(&feed->rings[ring], fd, err) < 0)
		return fail_in(err, "ring of class %s: ", class_names[class_of(ring)]);
	feed->gaps[ring].from_one = !ring_is_used(&feed->rings[ring]);
	if (epoll_ctl(feed->wakeup, EPOLL_CTL_ADD, fd, &event) < 0)
		return fail(err, "cannot watch the ring of class %s: %m",
			class_names[class_of(ring)]);
	return 0;
}

struct feed *feed_new(const struct feed_handover *handover, feed_handler *handler, void *context,
	struct error *err)
{
	until_return(feed_free) struct feed *feed = memory_new(sizeof *feed);

	feed->handler = handler;
	feed->context = context;
	feed->boot_time = handover->boot_time;
	feed->containers = containers_new();
	feed->users = users_new(handover->users);
	feed->processes = processes_new(entity_boot(handover->boot_id), handover->boot_time,
		handover->memory_max ? handover->memory_max : MEMORY_DEFAULT);
	feed->wakeup = epoll_create1(EPOLL_CLOEXEC);
	if (feed->wakeup < 0)
		return fail_null(err, "cannot make an epoll descriptor: %m");
	for (enum wire_ring ring = 0; ring < WIRE_RINGS; ring++) {
		int fd = handover->rings[ring];

		feed->gaps[ring].from_one = true;
		if (fd >= 0 && ring_add(feed, ring, fd, err) < 0)
			return NULL;
	}
	return give(feed);
}

void feed_free(struct feed **feed)
{
	if (!*feed)
		return;
	for (enum wire_ring ring = 0; ring < WIRE_RINGS; ring++) {
		ring_close(&(*feed)->rings[ring]);
		gaps_clear(&(*feed)->gaps[ring]);
	}
	processes_free(&(*feed)->processes);
	containers_free(&(*feed)->containers);
	users_free(&(*feed)->users);
	arena_clear(&(*feed)->arena);
	fd_close(&(*feed)->wakeup);
	memory_free(feed);
}

int feed_wakeup(const struct feed *feed)
{
	return feed->wakeup;
}

const struct process *feed_process(const struct feed *feed, uint32_t pid)
{
	struct member *member = processes_living(feed->processes, pid);

	return member ? &member->process : NULL;
}

const struct process *feed_process_last(const struct feed *feed, uint32_t pid)
{
	struct member *member = processes_last(feed->processes, pid);

	return member ? &member->process : NULL;
}

struct feed_numbers feed_numbers(const struct feed *feed)
{
	struct feed_numbers numbers = feed->numbers;

	numbers.processes = processes_count(feed->processes);
	numbers.evicted = processes_evicted(feed->processes);
	numbers.memory = processes_memory(feed->processes);
	return numbers;
}
