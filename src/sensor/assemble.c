// SPDX-License-Identifier: Apache-2.0
// Assembly of records: fixed part copied out (records are not always aligned), then the packed
// strings one by one.

#include <sys/stat.h>

#include "base/own.h"
#include "sensor/args.h"
#include "sensor/assemble.h"
#include "sensor/container.h"
#include "sensor/dns.h"
#include "sensor/operation.h"
#include "sensor/path.h"
#include "sensor/payload.h"

static const int64_t day = INT64_C(86400) * 1000000000;

/* What is left of a record's strings. */
struct strings {
	const char *at;
	size_t left;
	bool is_short; /* more was asked for than there was */
};

static bool fixed_take(struct text record, void *fixed, size_t n, struct strings *strings)
{
	if (record.n < n)
		return false;
	memcpy(fixed, record.at, n);
	*strings = (struct strings){record.at + n, record.n - n, false};
	return true;
}

/* The next string; no text where it is empty. */
static struct text string_take(struct strings *strings, uint32_t n)
{
	struct text text = {n ? strings->at : NULL, n};

	if (n > strings->left) {
		strings->is_short = true;
		return (struct text){0};
	}
	strings->at += n;
	strings->left -= n;
	return text;
}

static struct text array_text(const char *array, size_t size)
{
	size_t n = strnlen(array, size);

	return (struct text){n ? array : NULL, n};
}

/* Ids and inodes are never 0 where the kernel could read them. */
static int64_t known(uint64_t number)
{
	return number ? (int64_t)number : NUMBER_NONE;
}

static struct text stdio_word(uint8_t kind)
{
	static const struct text words[] = {
		[STDIO_closed] = {"closed", 6}, [STDIO_tty] = {"tty", 3},
		[STDIO_pipe] = {"pipe", 4}, [STDIO_socket] = {"socket", 6},
		[STDIO_file] = {"file", 4}, [STDIO_null] = {"null", 4},
		[STDIO_device] = {"device", 6}, [STDIO_other] = {"other", 5},
	};

	return kind < array_size(words) ? words[kind] : (struct text){0};
}

/* Names of file systems by their magic numbers (linux/magic.h); no text for others. */
static struct text file_system(uint32_t magic)
{
	static const struct {
		uint32_t magic;
		struct text name;
	} names[] = {
		{0xef53, {"ext4", 4}}, {0x58465342, {"xfs", 3}}, {0x9123683e, {"btrfs", 5}},
		{0x01021994, {"tmpfs", 5}}, {0x794c7630, {"overlay", 7}}, {0x6969, {"nfs", 3}},
		{0x65735546, {"fuse", 4}}, {0x73717368, {"squashfs", 8}}, {0x9fa0, {"proc", 4}},
		{0x858458f6, {"ramfs", 5}}, {0xff534d42, {"cifs", 4}}, {0xfe534d42, {"smb2", 4}},
		{0x2011bab0, {"exfat", 5}}, {0x4d44, {"vfat", 4}}, {0x9660, {"iso9660", 7}},
		{0x01021997, {"9p", 2}}, {0x2fc12fc1, {"zfs", 3}},
	};

	for (size_t i = 0; i < array_size(names); i++)
		if (names[i].magic == magic)
			return names[i].name;
	return (struct text){0};
}

static void program_fill(const struct wire_exec *exec, struct process *process)
{
	process->deleted = exec->file_flags & FILE_deleted;
	process->memfd = exec->file_flags & FILE_memfd;
	process->tmpfs = exec->file_flags & FILE_tmpfs;
	process->setuid = exec->file_flags & FILE_setuid;
	if (!exec->inode)
		return;
	process->inode = (int64_t)exec->inode;
	process->device = (int64_t)exec->device;
	process->size = (int64_t)exec->size;
	process->mode = exec->mode;
	process->file_uid = exec->file_uid;
	process->mtime = exec->mtime;
	process->ctime = exec->ctime;
	process->nlink = exec->nlink;
	process->file_system = file_system(exec->fs_magic);
	process->nosuid = exec->mount_flags & 1;
}

static int64_t id_or_none(uint32_t id)
{
	return id == UINT32_MAX ? -1 : (int64_t)id;
}

static void rights_fill(const struct assembly *assembly, const struct wire_exec *exec,
	struct process *process)
{
	process->uid = exec->euid;
	process->user = users_name(assembly->users, exec->euid);
	process->real_uid = exec->uid;
	process->saved_uid = exec->suid;
	process->gid = exec->egid;
	process->login_uid = id_or_none(exec->login_uid);
	process->session = id_or_none(exec->session);
	process->capabilities = (int64_t)exec->cap_effective;
	process->permitted = (int64_t)exec->cap_permitted;
	process->inheritable = (int64_t)exec->cap_inheritable;
	process->bounding = (int64_t)exec->cap_bounding;
	process->ambient = (int64_t)exec->cap_ambient;
	process->real_gid = exec->gid;
	if (exec->fs_uid != exec->euid)
		process->fs_uid = exec->fs_uid;
	process->no_new_privs = exec->no_new_privs;
	process->seccomp = known(exec->seccomp);
}

static void surroundings_fill(const struct wire_exec *exec, struct process *process)
{
	process->vpid = known(exec->vpid);
	process->ns_uts = known(exec->ns_uts);
	process->ns_ipc = known(exec->ns_ipc);
	process->ns_mnt = known(exec->ns_mnt);
	process->ns_pid = known(exec->ns_pid);
	process->ns_net = known(exec->ns_net);
	process->ns_cgroup = known(exec->ns_cgroup);
	process->ns_user = known(exec->ns_user);
	process->ns_time = known(exec->ns_time);
	process->group_leader = known(exec->group_leader);
	process->session_leader = known(exec->session_leader);
	if (exec->creator != exec->parent.pid)
		process->exec_pid = known(exec->creator);
	if (exec->head.tid != exec->head.process.pid)
		process->thread = known(exec->head.tid);
	process->cgroup_id = known(exec->cgroup_id);
	process->comm = array_text(exec->comm, sizeof exec->comm);
	process->tty = array_text(exec->tty, sizeof exec->tty);
	if (exec->stdio_known) {
		process->stdin_kind = stdio_word(exec->stdio[0]);
		process->stdout_kind = stdio_word(exec->stdio[1]);
		process->stderr_kind = stdio_word(exec->stdio[2]);
	}
}

static void script_fill(const struct assembly *assembly, const struct wire_exec *exec,
	struct text interpreter, struct process *process)
{
	if (!(exec->file_flags & FILE_script))
		return;
	process->interpreter = interpreter;
	process->script = path_absolute(assembly->arena, process->working_directory,
		process->invoked);
}

/*
 * What the iterator reads of a process that has written over its arguments ends with many NULs.
 */
static struct text without_nuls(struct text text)
{
	while (text.n > 1 && !text.at[text.n - 1] && !text.at[text.n - 2])
		text.n--;
	return text;
}

bool assemble_exec(const struct assembly *assembly, struct text record, struct wire_exec *exec,
	struct process *process)
{
	struct text interpreter, folder, args, env;
	struct arena *arena = assembly->arena;
	struct strings strings;

	if (!fixed_take(record, exec, sizeof *exec, &strings))
		return false;
	process_init(process);
	process->executable = path_canonical(arena, string_take(&strings, exec->path_length));
	process->name = text_basename(process->executable);
	process->invoked = string_take(&strings, exec->invoked_length);
	interpreter = string_take(&strings, exec->interp_length);
	folder = string_take(&strings, exec->cwd_length);
	process->working_directory = path_canonical(arena, folder);
	process->cgroup = string_take(&strings, exec->cgroup_length);
	process->container = container_id(process->cgroup);
	process->runtime = container_runtime(process->cgroup);
	args = string_take(&strings, exec->args_kept);
	env = string_take(&strings, exec->env_kept);
	if (strings.is_short)
		return false;
	if (exec->head.kind == WIRE_running && exec->args_length == args.n) {
		args = without_nuls(args);
		exec->args_length = args.n;
	}
	args_read(arena, args, exec->args_length, process);
	process->args_count = exec->argc ? exec->argc : known(process->args.n);
	env_read(arena, env, process);
	program_fill(exec, process);
	rights_fill(assembly, exec, process);
	surroundings_fill(exec, process);
	script_fill(assembly, exec, interpreter, process);
	return true;
}

/* Where the call named a path, only the bits that it set are known, not the kind of file. */
static void mode_fill(const struct wire_file *wire, struct file *file)
{
	if (!wire->mode && !wire->inode)
		return;
	file->mode = wire->mode;
	file->executable = wire->mode & 0111;
	file->setuid = wire->mode & (S_ISUID | S_ISGID) && !S_ISDIR(wire->mode);
}

static void times_fill(const struct wire_file *wire, struct file *file)
{
	if (!wire->mtime && !wire->ctime)
		return;
	file->mtime = wire->mtime;
	file->ctime = wire->ctime;
	if (wire->ctime >= day && wire->mtime <= wire->ctime - day)
		file->backdated_days = (wire->ctime - (wire->mtime < 0 ? 0 : wire->mtime)) / day;
}

/* -1 in the call: it stays as it is. */
static void owner_fill(const struct wire_file *wire, struct file *file)
{
	if (wire->uid != UINT32_MAX)
		file->uid = wire->uid;
	if (wire->gid != UINT32_MAX)
		file->gid = wire->gid;
}

struct file *assemble_file(const struct assembly *assembly, struct text record)
{
	struct arena *arena = assembly->arena;
	struct strings strings;
	struct wire_file wire;
	struct file *file;

	if (!fixed_take(record, &wire, sizeof wire, &strings))
		return NULL;
	file = file_new(arena);
	file->path = path_canonical(arena, string_take(&strings, wire.path_length));
	file->old_path = path_canonical(arena, string_take(&strings, wire.old_path_length));
	if (strings.is_short)
		return NULL;
	file->name = text_basename(file->path);
	file->extension = path_extension(file->path);
	file->flags = wire.open_flags;
	if (wire.repeated)
		file->repeated = wire.repeated;
	file->result = wire.result < 0 ? -(int64_t)wire.result : wire.result;
	mode_fill(&wire, file);
	times_fill(&wire, file);
	if (!wire.inode && wire.head.kind == WIRE_file_owner && wire.nlink)
		owner_fill(&wire, file);
	if (!wire.inode && wire.head.kind == WIRE_file_truncate)
		file->size = (int64_t)wire.size;
	if (!wire.inode)
		return file;
	file->inode = (int64_t)wire.inode;
	file->device = (int64_t)wire.device;
	file->size = (int64_t)wire.size;
	file->uid = wire.uid;
	file->gid = wire.gid;
	return file;
}

enum { FAMILY_IPV4 = 2, FAMILY_IPV6 = 10, FAMILY_PACKET = 17, STREAM = 1, DATAGRAM = 2 };

/*
 * No address where it and its port are all zero: the socket has none yet. IPv4 in IPv6 is IPv4.
 */
static struct address address_of(const struct wire_network *wire, const uint8_t bytes[16],
	uint16_t port)
{
	static const uint8_t zero[16], mapped[12] = {[10] = 0xff, [11] = 0xff};
	struct address address = {0};

	if (wire->family == FAMILY_IPV4) {
		address.family = 4;
		memcpy(address.bytes, bytes, 4);
	} else if (wire->family == FAMILY_IPV6 && !memcmp(bytes, mapped, sizeof mapped)) {
		address.family = 4;
		memcpy(address.bytes, bytes + sizeof mapped, 4);
	} else if (wire->family == FAMILY_IPV6) {
		address.family = 6;
		memcpy(address.bytes, bytes, 16);
	}
	if (!port && !memcmp(address.bytes, zero, 16))
		address.family = 0;
	return address;
}

static struct text transport_of(const struct wire_network *wire)
{
	if (wire->family == FAMILY_PACKET)
		return TEXT("packet");
	if (wire->type == STREAM)
		return TEXT("tcp");
	return wire->type == DATAGRAM ? TEXT("udp") : TEXT("raw");
}

static void direction_fill(const struct wire_network *wire, struct network *network)
{
	switch (wire->head.kind) {
	case WIRE_connect:
	case WIRE_refused:
		network->direction = TEXT("egress");
		network->initiated = true;
		break;
	case WIRE_failed:
	case WIRE_datagram:
	case WIRE_dns:
		network->direction = TEXT("egress");
		network->initiated = true;
		break;
	case WIRE_accept:
		network->direction = TEXT("ingress");
		break;
	case WIRE_close:
		network->initiated = !(wire->head.flags & WIRE_FLAG_ingress);
		network->direction = network->initiated ? TEXT("egress") : TEXT("ingress");
		break;
	case WIRE_payload:
		network->direction = TEXT("egress");
		break;
	}
}

struct network *assemble_network(const struct assembly *assembly, struct text record,
	struct wire_network *wire)
{
	struct network *network;
	struct strings strings;

	if (!fixed_take(record, wire, sizeof *wire, &strings))
		return NULL;
	network = network_new(assembly->arena);
	network->transport = transport_of(wire);
	network->family = wire->family;
	network->protocol = wire->protocol;
	network->source_ip = address_of(wire, wire->source, wire->source_port);
	network->source_port = known(wire->source_port);
	network->destination_ip = address_of(wire, wire->destination, wire->destination_port);
	network->destination_port = known(wire->destination_port);
	network->result = wire->result < 0 ? -(int64_t)wire->result : wire->result;
	direction_fill(wire, network);
	return network;
}

static struct text hex(struct arena *arena, struct text bytes)
{
	static const char digits[] = "0123456789abcdef";
	char *text = arena_alloc(arena, 2 * bytes.n);

	for (size_t i = 0; i < bytes.n; i++) {
		text[2 * i] = digits[(unsigned char)bytes.at[i] >> 4];
		text[2 * i + 1] = digits[bytes.at[i] & 15];
	}
	return (struct text){text, 2 * bytes.n};
}

struct network *assemble_payload(const struct assembly *assembly, struct text record,
	bool *is_whole)
{
	struct wire_payload wire;
	struct network *network;
	struct strings strings;
	struct text bytes;

	*is_whole = false;
	if (!fixed_take(record, &wire, sizeof wire, &strings))
		return NULL;
	bytes = string_take(&strings, wire.kept);
	if (strings.is_short || wire.kept > WIRE_PAYLOAD_MAX || wire.kept > wire.length)
		return NULL;
	*is_whole = true;
	network = assemble_network(assembly, record, &wire.network);
	network->signature = payload_name((const unsigned char *)bytes.at, bytes.n, wire.length);
	if (!network->signature.at)
		return NULL;
	network->payload = hex(assembly->arena, bytes);
	network->payload_length = wire.length;
	return network;
}

static struct text call_name(uint32_t call)
{
	static const char *const names[] = {
#define WIRE_CALL(name) [WIRE_CALL_##name] = #name,
		WIRE_CALLS(WIRE_CALL)
#undef WIRE_CALL
	};

	return call < array_size(names) && names[call] ? text_of(names[call]) : (struct text){0};
}

static void numbers_fill(const struct wire_act *act, struct call *call)
{
	switch (act->head.kind) {
	case WIRE_user:
	case WIRE_group:
	case WIRE_capabilities:
		call->old = (int64_t)act->old;
		call->new_ = (int64_t)act->new_;
		break;
	case WIRE_memory_write:
	case WIRE_memory_access:
	case WIRE_memory_execute:
		if (act->length)
			call->length = (int64_t)act->length;
		break;
	default:
		if (act->flags)
			call->flags = (int64_t)act->flags;
	}
}

struct call *assemble_act(const struct assembly *assembly, struct text record,
	struct wire_act *act)
{
	struct strings strings;
	struct call *call;

	if (!fixed_take(record, act, sizeof *act, &strings))
		return NULL;
	call = call_new(assembly->arena);
	call->name = call_name(act->call);
	call->operation = operation_name(assembly->arena, act);
	call->object = arena_copy(assembly->arena, array_text(act->object, sizeof act->object));
	call->into = arena_copy(assembly->arena, array_text(act->into, sizeof act->into));
	call->result = act->result < 0 ? -(int64_t)act->result : act->result;
	call->own = act->head.flags & WIRE_FLAG_own;
	numbers_fill(act, call);
	return call;
}

struct network *assemble_close(const struct assembly *assembly, struct text record)
{
	struct wire_close close;
	struct network *network;
	struct strings strings;

	if (!fixed_take(record, &close, sizeof close, &strings))
		return NULL;
	network = assemble_network(assembly, record, &close.network);
	network->sent = (int64_t)close.sent;
	network->received = (int64_t)close.received;
	network->duration = (int64_t)(close.duration / 1000000);
	return network;
}

struct dns *assemble_dns(const struct assembly *assembly, struct text record,
	struct network **network, bool *is_answer, bool *is_cut, bool *is_whole)
{
	struct wire_payload wire;
	struct strings strings;
	struct text bytes;

	*is_whole = false;
	if (!fixed_take(record, &wire, sizeof wire, &strings))
		return NULL;
	bytes = string_take(&strings, wire.kept);
	if (strings.is_short || wire.kept > WIRE_DNS_MAX || wire.kept > wire.length)
		return NULL;
	*is_whole = true;
	*network = assemble_network(assembly, record, &wire.network);
	return dns_read(assembly->arena, (const unsigned char *)bytes.at, bytes.n, is_answer,
		is_cut);
}
