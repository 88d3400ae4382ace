// SPDX-License-Identifier: Apache-2.0
// Logs of the Linux audit daemon. Each line is a record of `service: auditd` with the keys it has;
// the records of one event, which share a serial number, together give one record more where they
// tell of a program that was started, a file that was made, or a connection.

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "import/lines.h"

enum { PAIRS_MAX = 512, ARGUMENTS_MAX = 256, PATHS_MAX = 8, CALLS = 512 };

/* What is kept of an event until its last record came. */
struct audit_event {
	struct arena arena;
	struct text serial; /* no text: no event is open */
	uint64_t number; /* of its first line */
	struct text time_text, host;
	event_time time;
	struct text call, exe, comm, pid, ppid, uid, user, auid, ses, tty, success, key, cwd;
	struct text arguments[ARGUMENTS_MAX];
	size_t argument_count;
	struct text created[PATHS_MAX];
	size_t created_count;
	struct text saddr;
};

struct pair {
	struct text key, value; /* the value decoded */
};

static const struct {
	const char *arch;
	const char *names[CALLS];
} architectures[] = {
#define CALL_x86_64(number, name) [number] = name,
#define CALL_i386(number, name)
#define CALL_aarch64(number, name)
#define CALL(arch, number, name) CALL_##arch(number, name)
	{"c000003e", {
#include "import/syscall.def"
	}},
#undef CALL_x86_64
#undef CALL_i386
#define CALL_x86_64(number, name)
#define CALL_i386(number, name) [number] = name,
	{"40000003", {
#include "import/syscall.def"
	}},
#undef CALL_i386
#undef CALL_aarch64
#define CALL_i386(number, name)
#define CALL_aarch64(number, name) [number] = name,
	{"c00000b7", {
#include "import/syscall.def"
	}},
#undef CALL_x86_64
#undef CALL_i386
#undef CALL_aarch64
#undef CALL
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* type=X msg=audit(seconds.milliseconds:serial): what follows is the rest. */
static bool head_take(struct text *line, struct text *node, struct text *type,
	struct text *seconds, struct text *serial)
{
	struct text word;

	*node = (struct text){0};
	if (text_starts(*line, TEXT("node="))) {
		*line = (struct text){line->at + 5, line->n - 5};
		*node = text_until(line, ' ');
	}
	if (!text_starts(*line, TEXT("type=")))
		return false;
	*line = (struct text){line->at + 5, line->n - 5};
	*type = text_until(line, ' ');
	if (!text_starts(*line, TEXT("msg=audit(")))
		return false;
	*line = (struct text){line->at + 10, line->n - 10};
	word = text_until(line, ')');
	*seconds = text_until(&word, ':');
	*serial = word;
	if (line->n && line->at[0] == ':')
		*line = (struct text){line->at + 1, line->n - 1};
	return seconds->n && is_digit(seconds->at[0]) && serial->n && is_digit(serial->at[0]);
}

static event_time seconds_read(struct text text)
{
	int64_t seconds = digits_take(&text, 11), fraction = 0, unit = 100000000;

	if (seconds < 0 || seconds > INT64_C(9000000000))
		return NUMBER_NONE;
	for (size_t i = 1; i < text.n && is_digit(text.at[i]) && unit; i++, unit /= 10)
		fraction += (text.at[i] - '0') * unit;
	return seconds * 1000000000 + fraction;
}

/* The keys whose values are in hexadecimal when they stand without quotes. */
static bool is_encoded_key(struct text type, struct text key)
{
	static const char *const keys[] = {"proctitle", "name", "comm", "exe", "cwd", "key",
		"data", "cmd", "acct", "path", "dir", "old", "new", "watch", "invalid_context",
		"root_dir", "kernel", "device", "vm", "img-ctx", "ocomm", "sw"};

	if (text_is(type, "EXECVE") && key.n > 1 && key.at[0] == 'a' && is_digit(key.at[1]))
		return true;
	for (size_t i = 0; i < array_size(keys); i++)
		if (text_is(key, keys[i]))
			return true;
	return false;
}

static int hex(char c)
{
	if (is_digit(c))
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The bytes behind hexadecimal digits, NUL between arguments as a blank; no text if it is none. */
static struct text hex_decode(struct arena *arena, struct text text)
{
	char *out;

	if (!text.n || text.n % 2)
		return (struct text){0};
	out = arena_alloc(arena, text.n / 2);
	for (size_t i = 0; i < text.n; i += 2) {
		int high = hex(text.at[i]), low = hex(text.at[i + 1]);

		if (high < 0 || low < 0)
			return (struct text){0};
		out[i / 2] = (char)(high << 4 | low);
		if (!out[i / 2])
			out[i / 2] = ' ';
	}
	return (struct text){out, text.n / 2};
}

/* The next key=value; false at the end. Values may stand in "..." or '...'. */
static bool pair_take(struct line_log *log, struct text type, struct text *rest, struct pair *pair)
{
	struct text decoded;
	char quote;

	while (rest->n && (rest->at[0] == ' ' || rest->at[0] == '\x1d'))
		*rest = (struct text){rest->at + 1, rest->n - 1};
	if (!rest->n)
		return false;
	pair->key = text_until(rest, '=');
	quote = rest->n ? rest->at[0] : 0;
	if (quote == '"' || quote == '\'') {
		*rest = (struct text){rest->at + 1, rest->n - 1};
		pair->value = text_until(rest, quote);
		return true;
	}
	pair->value = text_until(rest, ' ');
	for (size_t i = 0; i < pair->value.n; i++)
		if (pair->value.at[i] == '\x1d') { /* the enriched tail begins */
			*rest = (struct text){pair->value.at + i + 1,
				(size_t)(rest->at + rest->n - pair->value.at) - i - 1};
			pair->value.n = i;
			break;
		}
	decoded = is_encoded_key(type, pair->key) ? hex_decode(&log->arena, pair->value) :
		(struct text){0};
	if (decoded.at)
		pair->value = decoded;
	return true;
}

/* The keys of the text in msg='...' of records that programs wrote. */
static void message_take(struct line_log *log, struct text type, struct text message,
	struct pair *pairs, size_t *n)
{
	while (*n < PAIRS_MAX && pair_take(log, type, &message, pairs + *n))
		++*n;
}

/* a1[0]= a1[1]=: the pieces of one argument, to be joined. */
static bool is_piece(struct text key, struct text *argument)
{
	const char *bracket = key.n ? memchr(key.at, '[', key.n) : NULL;

	if (!bracket || key.at[0] != 'a' || key.at[key.n - 1] != ']')
		return false;
	*argument = (struct text){key.at, (size_t)(bracket - key.at)};
	return true;
}

static size_t pieces_join(struct line_log *log, struct pair *pairs, size_t n)
{
	size_t left = 0;

	for (size_t i = 0; i < n; i++) {
		struct text argument;

		if (!is_piece(pairs[i].key, &argument)) {
			pairs[left++] = pairs[i];
			continue;
		}
		if (left && text_equal(pairs[left - 1].key, argument)) {
			pairs[left - 1].value = arena_format(&log->arena, "%.*s%.*s",
				(int)pairs[left - 1].value.n, pairs[left - 1].value.at,
				(int)pairs[i].value.n, pairs[i].value.at);
			continue;
		}
		pairs[left++] = (struct pair){argument, pairs[i].value};
	}
	return left;
}

static struct text pair_get(const struct pair *pairs, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++)
		if (text_is(pairs[i].key, key) && !text_is(pairs[i].value, "(null)"))
			return pairs[i].value;
	return (struct text){0};
}

/* The name of a system call by its number; enriched records have it already. */
static struct text call_name(struct text arch, struct text number)
{
	int64_t n;

	if (!text_number(number, &n) || n < 0 || n >= CALLS)
		return (struct text){0};
	for (size_t i = 0; i < array_size(architectures); i++)
		if (text_is(arch, architectures[i].arch))
			return text_of(architectures[i].names[n]);
	return (struct text){0};
}

static struct text event_copy(struct audit_event *event, struct text text)
{
	return arena_copy(&event->arena, text);
}

static void event_forget(struct audit_event *event)
{
	struct arena arena = event->arena;

	arena_reset(&arena);
	*event = (struct audit_event){.arena = arena};
}

static void arguments_note(struct audit_event *event, const struct pair *pairs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct text key = pairs[i].key;
		int64_t number;

		if (key.n < 2 || key.at[0] != 'a' ||
		    !text_number((struct text){key.at + 1, key.n - 1}, &number) ||
		    number < 0 || number >= ARGUMENTS_MAX)
			continue;
		event->arguments[number] = event_copy(event, pairs[i].value);
		if ((size_t)number >= event->argument_count)
			event->argument_count = (size_t)number + 1;
	}
}

/* What a record adds to its event. */
static void event_note(struct audit_event *event, struct text type, const struct pair *pairs,
	size_t n, struct text call)
{
	if (text_is(type, "SYSCALL")) {
		event->call = event_copy(event, call);
		event->exe = event_copy(event, pair_get(pairs, n, "exe"));
		event->comm = event_copy(event, pair_get(pairs, n, "comm"));
		event->pid = event_copy(event, pair_get(pairs, n, "pid"));
		event->ppid = event_copy(event, pair_get(pairs, n, "ppid"));
		event->uid = event_copy(event, pair_get(pairs, n, "euid"));
		event->user = event_copy(event, pair_get(pairs, n, "EUID"));
		event->auid = event_copy(event, pair_get(pairs, n, "auid"));
		event->ses = event_copy(event, pair_get(pairs, n, "ses"));
		event->tty = event_copy(event, pair_get(pairs, n, "tty"));
		event->success = event_copy(event, pair_get(pairs, n, "success"));
	} else if (text_is(type, "EXECVE")) {
		arguments_note(event, pairs, n);
	} else if (text_is(type, "CWD")) {
		event->cwd = event_copy(event, pair_get(pairs, n, "cwd"));
	} else if (text_is(type, "SOCKADDR")) {
		event->saddr = event_copy(event, pair_get(pairs, n, "saddr"));
	} else if (text_is(type, "PATH") && event->created_count < PATHS_MAX &&
		   text_is(pair_get(pairs, n, "nametype"), "CREATE")) {
		event->created[event->created_count++] =
			event_copy(event, pair_get(pairs, n, "name"));
	}
}

static struct text command_line(struct line_log *log, const struct audit_event *event)
{
	size_t size = 1, n = 0;
	char *out;

	for (size_t i = 0; i < event->argument_count; i++)
		size += event->arguments[i].n + 1;
	out = arena_alloc(&log->arena, size);
	for (size_t i = 0; i < event->argument_count; i++) {
		struct text argument = event->arguments[i];

		if (i)
			out[n++] = ' ';
		if (argument.n)
			memcpy(out + n, argument.at, argument.n);
		n += argument.n;
	}
	return (struct text){out, n};
}

/* What the record made of an event has in any case. */
static void joined_begin(struct line_log *log, const struct audit_event *event,
	const char *category)
{
	struct record *record = &log->record;

	line_log_begin(log);
	record->number = event->number;
	record->time = event->time;
	record->time_text = event->time_text;
	record->host = event->host;
	record->sources[0] = (struct logsource){
		.product = TEXT("linux"), .category = text_of(category)};
	record->source_count = 1;
	line_log_add(log, "Image", event->exe);
	line_log_add(log, "ProcessName", event->comm);
	line_log_add_number(log, "ProcessId", event->pid);
	line_log_add_number(log, "ParentProcessId", event->ppid);
	line_log_add(log, "User", event->user.n ? event->user : event->uid);
	line_log_add(log, "LogonId", event->auid);
}

static void exec_give(struct line_log *log, const struct audit_event *event)
{
	joined_begin(log, event, "process_creation");
	line_log_add(log, "CommandLine", command_line(log, event));
	line_log_add(log, "CurrentDirectory", event->cwd);
	line_log_add(log, "TerminalSessionId", event->tty);
	line_log_give(log);
}

static void file_give(struct line_log *log, const struct audit_event *event, struct text path)
{
	joined_begin(log, event, "file_event");
	if (path.n && path.at[0] != '/' && event->cwd.n)
		path = arena_format(&log->arena, "%.*s/%.*s", (int)event->cwd.n, event->cwd.at,
			(int)path.n, path.at);
	line_log_add(log, "TargetFilename", path);
	line_log_give(log);
}

/* sockaddr in hexadecimal: family in the machine's order, port in network order, address. */
static bool address_take(struct line_log *log, struct text saddr, struct text *ip,
	struct text *port)
{
	struct text bytes = {0};
	unsigned char raw[28] = {0};
	char text[INET6_ADDRSTRLEN];
	bool is_four;

	for (size_t i = 0; i + 1 < saddr.n && i / 2 < sizeof raw; i += 2) {
		int high = hex(saddr.at[i]), low = hex(saddr.at[i + 1]);

		if (high < 0 || low < 0)
			return false;
		raw[i / 2] = (unsigned char)(high << 4 | low);
		bytes.n++;
	}
	is_four = raw[0] == 2 && raw[1] == 0 && bytes.n >= 8;
	if (!is_four && !(raw[0] == 10 && raw[1] == 0 && bytes.n >= 24))
		return false;
	if (!inet_ntop(is_four ? AF_INET : AF_INET6, raw + (is_four ? 4 : 8), text, sizeof text))
		return false;
	*ip = arena_copy(&log->arena, text_of(text));
	*port = arena_format(&log->arena, "%u", (unsigned)raw[2] << 8 | raw[3]);
	return true;
}

static void connect_give(struct line_log *log, const struct audit_event *event)
{
	struct text ip, port;

	if (!address_take(log, event->saddr, &ip, &port))
		return;
	joined_begin(log, event, "network_connection");
	line_log_add(log, "DestinationIp", ip);
	line_log_add_number(log, "DestinationPort", port);
	line_log_add(log, "Initiated", TEXT("true"));
	line_log_give(log);
}

/* The event is over: what its records say together. */
static void event_end(struct line_log *log, struct audit_event *event)
{
	bool failed = text_is(event->success, "no");

	if (event->serial.n && !failed) {
		if (event->argument_count &&
		    (text_is(event->call, "execve") || text_is(event->call, "execveat")))
			exec_give(log, event);
		for (size_t i = 0; i < event->created_count; i++)
			if (event->call.n && !event->argument_count)
				file_give(log, event, event->created[i]);
		if (text_is(event->call, "connect") && event->saddr.n)
			connect_give(log, event);
	}
	event_forget(event);
}

static void event_begin(struct line_log *log, struct audit_event *event, struct text serial,
	struct text seconds, struct text node)
{
	event->serial = event_copy(event, serial);
	event->number = log->number;
	event->time = seconds_read(seconds);
	event->time_text = event_copy(event, seconds);
	event->host = event_copy(event, node);
}

static void pairs_add(struct line_log *log, const struct pair *pairs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct record_name *name;

		if (!pairs[i].key.n || text_is(pairs[i].value, "(null)"))
			continue;
		name = record_names_get(log->names, PART_data, pairs[i].key);
		record_add(&log->record, name, VALUE_text, pairs[i].value);
	}
}

static bool line_take(struct line_log *log)
{
	struct audit_event *event = log->extra;
	struct text rest = log->line, node, type, seconds, serial, call = {0}, message;
	struct pair pairs[PAIRS_MAX];
	size_t n = 0;

	if (text_is(log->line, "----")) /* what ausearch puts between events */
		return true;
	if (!head_take(&rest, &node, &type, &seconds, &serial))
		return false;
	if (event->serial.n && !text_equal(event->serial, serial)) {
		event_end(log, event);
		line_log_begin(log);
	}
	if (!event->serial.n)
		event_begin(log, event, serial, seconds, node);
	while (n < PAIRS_MAX && pair_take(log, type, &rest, pairs + n))
		n++;
	message = pair_get(pairs, n, "msg");
	if (message.n)
		message_take(log, type, message, pairs, &n);
	n = pieces_join(log, pairs, n);
	if (text_is(type, "SYSCALL"))
		call = pair_get(pairs, n, "SYSCALL");
	if (text_is(type, "SYSCALL") && !call.n)
		call = call_name(pair_get(pairs, n, "arch"), pair_get(pairs, n, "syscall"));
	log->record.time = event->time;
	log->record.time_text = event->time_text;
	log->record.host = node;
	log->record.sources[0] = (struct logsource){
		.product = TEXT("linux"), .service = TEXT("auditd")};
	log->record.source_count = 1;
	line_log_add(log, "type", type);
	pairs_add(log, pairs, n);
	if (call.n && !pair_get(pairs, n, "SYSCALL").n)
		line_log_add(log, "SYSCALL", call);
	event_note(event, type, pairs, n, call);
	line_log_give(log);
	return true;
}

static bool is_audit_line(struct text line)
{
	struct text node, type, seconds, serial;

	return text_is(line, "----") || head_take(&line, &node, &type, &seconds, &serial);
}

static int likeness(struct text head, bool whole)
{
	return lines_likeness(head, whole, is_audit_line, 95);
}

static struct text serial_of(struct text line)
{
	struct text node, type, seconds, serial = {0};

	return head_take(&line, &node, &type, &seconds, &serial) ? serial : (struct text){0};
}

/* In front of the last line whose event is another than that of the line before. */
static size_t cut(struct text bytes, uint64_t offset, bool ended)
{
	const char *end = memrchr(bytes.at, '\n', bytes.n), *at;
	struct text last = {0};

	if (ended)
		return bytes.n;
	if (!end)
		return 0;
	for (end++; end > bytes.at; end = at) {
		struct text line, serial;

		at = end - bytes.at > 1 ? memrchr(bytes.at, '\n', (size_t)(end - 1 - bytes.at)) :
			NULL;
		at = at ? at + 1 : bytes.at;
		line = (struct text){at, (size_t)(end - at)};
		serial = serial_of(line);
		if (last.n && !text_equal(serial, last))
			return (size_t)(end - bytes.at);
		last = serial;
		if (at == bytes.at)
			break;
	}
	return 0;
}

static void *log_new(void)
{
	struct line_log *log = line_log_new();

	log->extra = memory_new(sizeof(struct audit_event));
	return log;
}

static void log_free(void **reader)
{
	struct line_log *log = *reader;

	if (log)
		arena_clear(&((struct audit_event *)log->extra)->arena);
	line_log_free(reader);
}

static void block_read(void *reader, const struct block *block, const struct record_sink *sink)
{
	struct line_log *log = reader;

	line_log_read(log, block, sink, line_take);
	event_end(log, log->extra);
}

const struct format format_auditd = {
	.name = "auditd",
	.sentence = "log of the Linux audit daemon",
	.lines = true,
	.likeness = likeness,
	.cut = cut,
	.new = log_new,
	.free = log_free,
	.read = block_read,
};
