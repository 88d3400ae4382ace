// SPDX-License-Identifier: Apache-2.0
// Loading and attaching: every program that this kernel takes, and a capability for each purpose.

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "base/memory.h"
#include "base/own.h"
#include "sensor/kernelfs.h"
#include "sensor/load_private.h"

enum how { HOW_raw, HOW_call, HOW_iter, HOW_group, HOW_hook, HOW_lsm, HOW_modify, HOW_connect };

static const struct program {
	const char *name, *purpose, *target;
	enum how how;
} programs[] = {
#define PROGRAM(name, purpose, how, target) {#name, purpose, target, HOW_##how},
#include "sensor/program.def"
#undef PROGRAM
};

static const char *const how_names[] = {"tp_btf", "tracepoint/syscalls", "iter", "cgroup",
	"fentry", "lsm", "fmod_ret", "cgroup"};

/* What libbpf said last, and the program that it said could not be loaded. */
static char last_warning[256], refused_program[64];

__attribute__((format(printf, 2, 0)))
static int on_print(enum libbpf_print_level level, const char *format, va_list args)
{
	char text[512], name[64];

	if (level != LIBBPF_WARN)
		return 0;
	/* for those who write programs: the verifier's own words */
	if (format && getenv("SAKER_BPF_LOG")) {
		va_list again;

		va_copy(again, args);
		vfprintf(stderr, format, again);
		va_end(again);
	}
	vsnprintf(text, sizeof text, format, args);
	text[strcspn(text, "\n")] = 0;
	if (strstr(text, "-- BEGIN PROG LOAD LOG --"))
		return 0;
	if (sscanf(text, "libbpf: prog '%63[^']'", name) == 1 && strstr(text, "failed to load"))
		snprintf(refused_program, sizeof refused_program, "%s", name);
	if (!strstr(text, "failed to load object") && !strstr(text, "skeleton"))
		snprintf(last_warning, sizeof last_warning, "%.250s",
			text + (strncmp(text, "libbpf: ", 8) ? 0 : 8));
	return 0;
}

struct capability *capability_get(struct sensor *sensor, const char *about)
{
	struct capability *capability;

	for (size_t i = 0; i < sensor->capability_count; i++)
		if (!strcmp(sensor->capabilities[i].about, about))
			return &sensor->capabilities[i];
	assert(sensor->capability_count < CAPABILITIES_MAX);
	capability = &sensor->capabilities[sensor->capability_count++];
	*capability = (struct capability){.state = "absent"};
	snprintf(capability->about, sizeof capability->about, "%s", about);
	return capability;
}

void capability_set(struct sensor *sensor, const char *about, const char *state, const char *via,
	const char *format, ...)
{
	struct capability *capability = capability_get(sensor, about);
	va_list args;

	snprintf(capability->state, sizeof capability->state, "%s", state);
	if (via)
		snprintf(capability->via, sizeof capability->via, "%s", via);
	va_start(args, format);
	vsnprintf(capability->message, sizeof capability->message, format, args);
	va_end(args);
}

static void program_fails(struct sensor *sensor, const struct program *program, const char *state,
	const char *why)
{
	char via[64];

	snprintf(via, sizeof via, "%s/%s", how_names[program->how], program->target);
	if (!strcmp(state, "failed") && sensor->failure_count < FAILURES_MAX) {
		struct failure *failure = &sensor->failures[sensor->failure_count++];

		failure->purpose = program->purpose;
		snprintf(failure->via, sizeof failure->via, "%s", via);
		snprintf(failure->why, sizeof failure->why, "%s", why);
	}
	if (!strcmp(capability_get(sensor, program->purpose)->state, "works"))
		return; /* another one does it */
	capability_set(sensor, program->purpose, state, via, "%s", why);
}

static void program_works(struct sensor *sensor, const struct program *program)
{
	char via[64];

	if (!strcmp(capability_get(sensor, program->purpose)->state, "works"))
		return;
	snprintf(via, sizeof via, "%s/%s", how_names[program->how], program->target);
	capability_set(sensor, program->purpose, "works", via, "%s", "");
}

static struct bpf_program *bpf_of(const struct sensor *sensor, const struct program *program)
{
	return bpf_object__find_program_by_name(sensor->bpf->obj, program->name);
}

static bool is_autoloaded(const struct sensor *sensor, const struct program *program)
{
	return bpf_program__autoload(bpf_of(sensor, program));
}

/* The number of a system call's tracepoint; -1 if this kernel has none. */
static long tracepoint_id(int tracefs, const char *target)
{
	char path[128], text[32];

	snprintf(path, sizeof path, "events/syscalls/%s/id", target);
	return kernelfs_read(tracefs, path, text, sizeof text) ? -1 : atol(text);
}

static bool lsm_list_has_bpf(char *list, size_t size)
{
	until_return(fd_close) int securityfs = kernelfs_open("securityfs", NULL);
	char *at;

	list[0] = 0;
	if (securityfs < 0 || kernelfs_read(securityfs, "lsm", list, size))
		return false;
	for (at = strstr(list, "bpf"); at; at = strstr(at + 1, "bpf"))
		if ((at == list || at[-1] == ',') && (!at[3] || at[3] == ','))
			return true;
	return false;
}

/* Why this program cannot be loaded here, as far as can be told before; NULL if nothing speaks
 * against it. */
static const char *program_absent(struct sensor *sensor, const struct program *program,
	int tracefs, const struct btf *btf)
{
	static char why[256], list[128];
	char type[96];

	if (!strcmp(program->purpose, "ia32") && !sensor->options.ia32)
		return "setting `ia32` is off: it costs every system call of every process 60 ns";
	switch (program->how) {
	case HOW_raw:
		snprintf(type, sizeof type, "btf_trace_%s", program->target);
		return btf__find_by_name_kind(btf, type, BTF_KIND_TYPEDEF) < 0 ?
			"this kernel has no such tracepoint" : NULL;
	case HOW_hook:
		if (!sensor->has_hooks)
			return "this kernel has no trampolines (CONFIG_FUNCTION_TRACER, "
			       "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS)";
		return btf__find_by_name_kind(btf, program->target, BTF_KIND_FUNC) < 0
			? "this kernel has no such function" : NULL;
	case HOW_call:
		if (tracefs < 0)
			return "this kernel gives no tracefs (CONFIG_FTRACE)";
		if (tracepoint_id(tracefs, program->target) >= 0)
			return NULL;
		return strstr(program->target, "module")
			       ? "this kernel was built without modules, or without tracepoints "
				 "for system calls"
			       : "this kernel has no such system call, or no tracepoints for "
				 "system calls";
	case HOW_lsm:
		if (!sensor->options.prevent)
			return "prevention is not on";
		if (lsm_list_has_bpf(list, sizeof list))
			return sensor->has_lsm ? NULL
				: "this kernel refuses programs at its security hooks "
				  "(CONFIG_BPF_LSM, CONFIG_FUNCTION_TRACER)";
		snprintf(why, sizeof why,
			"'bpf' is not among the active security modules; start the kernel with "
			"lsm=%s%sbpf",
			list, *list ? "," : "");
		return why;
	case HOW_modify:
		if (!sensor->options.prevent)
			return "prevention is not on";
		return sensor->has_hooks ? NULL : "this kernel has no trampolines";
	case HOW_connect:
		return sensor->options.prevent ? NULL : "prevention is not on";
	default:
		return NULL;
	}
}

/* Whether a hook does what that program is for, and more. */
static bool is_superseded(const struct sensor *sensor, const struct program *program,
	const bool *without, const struct btf *btf)
{
	if ((program->how == HOW_modify && sensor->has_lsm) ||
		(sensor->has_hooks && !strcmp(program->purpose, "ia32")))
		return true;
	if (!sensor->has_hooks || program->how == HOW_hook)
		return false;
	for (size_t i = 0; i < array_size(programs); i++)
		if (programs[i].how == HOW_hook && !without[i] &&
			!strcmp(programs[i].purpose, program->purpose) &&
			btf__find_by_name_kind(btf, programs[i].target, BTF_KIND_FUNC) >= 0)
			return true;
	return false;
}

static void programs_choose(struct sensor *sensor, int tracefs, const bool *without,
	const struct btf *btf)
{
	for (size_t i = 0; i < array_size(programs); i++) {
		const char *why = program_absent(sensor, &programs[i], tracefs, btf);

		if (without[i] || is_superseded(sensor, &programs[i], without, btf)) {
			bpf_program__set_autoload(bpf_of(sensor, &programs[i]), false);
			continue;
		}
		if (!why)
			continue;
		bpf_program__set_autoload(bpf_of(sensor, &programs[i]), false);
		program_fails(sensor, &programs[i],
			strcmp(why, "prevention is not on") && !strstr(why, "is off") ? "absent"
										      : "off",
			why);
	}
}

static int64_t clock_now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* This program, and the one that lies beside it or where it is installed. */
static void own_programs_fill(struct sensor *sensor)
{
	static const char *const beside[] = {"saker-read", "../libexec/saker/saker-read"};
	char folder[4096], path[4200];
	ssize_t n = readlink("/proc/self/exe", folder, sizeof folder - 1);
	struct stat own, reader;

	folder[n < 0 ? 0 : n] = 0;
	if (stat("/proc/self/exe", &own) || !strrchr(folder, '/'))
		return;
	*strrchr(folder, '/') = 0;
	sensor->bpf->rodata->own_inodes[0] = own.st_ino;
	/* as the kernel itself writes a device */
	sensor->bpf->rodata->own_device = major(own.st_dev) << 20 | minor(own.st_dev);
	for (size_t i = 0; i < array_size(beside); i++) {
		snprintf(path, sizeof path, "%s/%s", folder, beside[i]);
		if (!stat(path, &reader) && reader.st_dev == own.st_dev)
			sensor->bpf->rodata->own_inodes[1] = reader.st_ino;
	}
}

static void settings_fill(struct sensor *sensor)
{
	static const size_t bytes[WIRE_RINGS] = {4 << 20, 1 << 20, 2 << 20};
	struct bpf_map *rings[WIRE_RINGS] = {sensor->bpf->maps.ring_lifecycle,
		sensor->bpf->maps.ring_network, sensor->bpf->maps.ring_file};
	int cpus = libbpf_num_possible_cpus();

	for (int i = 0; i < WIRE_RINGS; i++) {
		size_t size = sensor->options.ring_bytes[i] ? sensor->options.ring_bytes[i]
							    : bytes[i];

		bpf_map__set_max_entries(rings[i], (u32)size);
		sensor->bpf->rodata->ring_half[i] = (u32)size / 2;
		sensor->bpf->rodata->rate_max[i] =
			(sensor->options.rates[i] + (uint64_t)cpus - 1) / (uint64_t)cpus;
	}
	bpf_map__set_max_entries(sensor->bpf->maps.scratches, 2 * (u32)cpus + 1);
	sensor->bpf->rodata->iterator_slot = (u32)cpus;
	sensor->bpf->rodata->own_tgid = (u32)getpid();
	own_programs_fill(sensor);
	sensor->bpf->rodata->scope_kind = sensor->options.scope;
	sensor->bpf->rodata->scope_pid = (u32)sensor->options.scope_pid;
	sensor->bpf->rodata->boot_time = clock_now(CLOCK_REALTIME) - clock_now(CLOCK_BOOTTIME);
}

static int scope_fill(struct sensor *sensor, struct error *err)
{
	uint64_t id;
	uint32_t level;

	if (sensor->options.scope != SCOPE_cgroup)
		return 0;
	if (cgroup_identify(sensor->options.scope_path, &id, &level, err) < 0)
		return -1;
	sensor->bpf->rodata->scope_cgroup = id;
	sensor->bpf->rodata->scope_level = level;
	return 0;
}

static int program_index(const char *name)
{
	for (size_t i = 0; i < array_size(programs); i++)
		if (!strcmp(programs[i].name, name))
			return (int)i;
	return -1;
}

static bool is_necessary(const struct program *program)
{
	static const char *const purposes[] = {"process_fork", "process_exec", "process_exit"};

	for (size_t i = 0; i < array_size(purposes); i++)
		if (!strcmp(program->purpose, purposes[i]))
			return true;
	return false;
}

/* Opens the object with everything but the programs in `without`, and loads it. 1:
 * `refused_program` was refused. */
static int object_load(struct sensor *sensor, const bool *without, int tracefs,
	const struct btf *btf, struct error *err)
{
	int result;

	sensor->bpf = sensor_bpf__open();
	if (!sensor->bpf)
		return fail(err, "cannot open the BPF programs: %m");
	settings_fill(sensor);
	if (scope_fill(sensor, err) < 0)
		return -1;
	programs_choose(sensor, tracefs, without, btf);
	refused_program[0] = 0;
	result = sensor_bpf__load(sensor->bpf);
	if (!result)
		return 0;
	if (!refused_program[0])
		return fail(err, "the kernel refuses the sensor's maps: %s (%s)",
			strerror(-result), last_warning);
	errno = -result;
	return 1;
}

/* A program that the kernel refuses is left out, and the rest tried again. */
static int programs_load(struct sensor *sensor, int tracefs, const struct btf *btf,
	struct error *err)
{
	bool without[array_size(programs)] = {0};

	for (;;) {
		int result = object_load(sensor, without, tracefs, btf, err), index;
		char why[160];

		if (result <= 0)
			return result;
		snprintf(why, sizeof why, "the kernel refused it: %s", strerror(errno));
		index = program_index(refused_program);
		if (index < 0 || without[index] || is_necessary(&programs[index]))
			return fail(err, "the kernel refuses the program '%s': %m; saker needs it",
				refused_program);
		without[index] = true;
		program_fails(sensor, &programs[index], "failed", why);
		sensor_bpf__destroy(give(sensor->bpf));
	}
}

static struct bpf_link *call_attach(struct bpf_program *program, long id)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof attr,
		.config = (u64)id};
	int fd = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	struct bpf_link *link = fd < 0 ? NULL : bpf_program__attach_perf_event(program, fd);

	if (!link && fd >= 0)
		close(fd);
	return link;
}

static struct bpf_link *group_attach(struct bpf_program *program)
{
	char root[1024];
	until_return(fd_close) int fd = -1;

	if (cgroup_root(root, sizeof root, NULL) < 0)
		return NULL;
	fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? NULL : bpf_program__attach_cgroup(program, fd);
}

static struct bpf_link *program_attach(struct bpf_program *bpf, const struct program *program,
	int tracefs)
{
	switch (program->how) {
	case HOW_raw:
	case HOW_hook:
	case HOW_modify:
	case HOW_lsm: return bpf_program__attach(bpf);
	case HOW_call: return call_attach(bpf, tracepoint_id(tracefs, program->target));
	case HOW_group: return group_attach(bpf);
	default: return NULL;
	}
}

static int programs_attach(struct sensor *sensor, int tracefs, struct error *err)
{
	for (size_t i = 0; i < array_size(programs); i++) {
		const struct program *program = &programs[i];
		struct bpf_link *link;
		char why[160];

		if (!is_autoloaded(sensor, program))
			continue;
		if (program->how == HOW_iter || program->how == HOW_connect) {
			program_works(sensor, program); /* attached when it is needed */
			continue;
		}
		link = program_attach(bpf_of(sensor, program), program, tracefs);
		if (link) {
			sensor->links[sensor->link_count++] = link;
			program_works(sensor, program);
			continue;
		}
		snprintf(why, sizeof why, "it could not be attached: %s", strerror(errno));
		if (is_necessary(program))
			return fail(err, "the program '%s' cannot be attached: %m; saker needs it",
				program->name);
		program_fails(sensor, program, "failed", why);
	}
	return 0;
}

/* What works only in part says so. */
static void failures_tell(struct sensor *sensor)
{
	for (size_t i = 0; i < sensor->failure_count; i++) {
		const struct failure *failure = &sensor->failures[i];
		struct capability *capability = capability_get(sensor, failure->purpose);

		if (!strcmp(capability->state, "works") && !*capability->message)
			snprintf(capability->message, sizeof capability->message,
				"in part: not %s, since %s", failure->via, failure->why);
	}
}

/* A rung that rests on a system call: works if the call gives a descriptor. */
static void facility_probe(struct sensor *sensor, const char *about, const char *via, int fd)
{
	if (fd < 0)
		capability_set(sensor, about, "absent", via, "the kernel refused it: %s",
			strerror(errno));
	else
		capability_set(sensor, about, sensor->options.prevent ? "works" : "off", via, "%s",
			sensor->options.prevent ? "" : "prevention is not on");
	fd_close(&fd);
}

/*
 * Whether a program that does nothing can be put at that function of the kernel: it is, and taken
 * away at once.
 */
static bool can_attach(const struct btf *btf, enum bpf_prog_type type,
	enum bpf_attach_type attach, const char *function)
{
	static const struct bpf_insn nothing[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	int id = btf__find_by_name_kind(btf, function, BTF_KIND_FUNC);
	struct bpf_prog_load_opts options = {.sz = sizeof options,
		.expected_attach_type = attach,
		.attach_btf_id = (u32)(id < 0 ? 0 : id)};
	until_return(fd_close) int program = -1;
	until_return(fd_close) int link = -1;

	if (id < 0)
		return false;
	program = bpf_prog_load(type, "probe", "GPL", nothing, array_size(nothing), &options);
	if (program < 0)
		return false;
	link = bpf_raw_tracepoint_open(NULL, program);
	return link >= 0;
}

/* Looked for beforehand, since what is refused while all is loaded is loaded once more without. */
static void facilities_find(struct sensor *sensor, const struct btf *btf)
{
	char list[128];

	sensor->has_hooks = !sensor->options.no_hooks &&
		can_attach(btf, BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, "security_file_open");
	sensor->has_lsm = lsm_list_has_bpf(list, sizeof list) &&
		can_attach(btf, BPF_PROG_TYPE_LSM, BPF_LSM_MAC, "bpf_lsm_file_open");
}

/* Ids of our maps and links: what others do to them is told, and refused where it can be. */
static void own_note(struct sensor *sensor, u32 type, u32 id)
{
	u64 key = (u64)type << 32 | id;
	u32 one = 1;

	bpf_map_update_elem(bpf_map__fd(sensor->bpf->maps.own_objects), &key, &one, BPF_ANY);
}

static void own_fill(struct sensor *sensor)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, sensor->bpf->obj) {
		struct bpf_map_info info = {0};
		u32 n = sizeof info;

		if (!bpf_obj_get_info_by_fd(bpf_map__fd(map), &info, &n))
			own_note(sensor, OWN_map, info.id);
	}
	for (size_t i = 0; i < sensor->link_count; i++) {
		struct bpf_link_info info = {0};
		u32 n = sizeof info;

		if (!bpf_obj_get_info_by_fd(bpf_link__fd(sensor->links[i]), &info, &n))
			own_note(sensor, OWN_link, info.id);
	}
}

/* What follows from what works. */
static void capabilities_derive(struct sensor *sensor)
{
	static const struct {
		const char *purpose, *from;
	} likewise[] = {{"device_open", "file_open"}, {"network_listen", "network_connect"},
		{"network_failed", "network_connect"}, {"network_close", "network_connect"},
		{"network_bind", "network_raw"}, {"dns_query", "network_payload"},
		{"container_start", "process_exec"}, {"container_exec", "process_exec"},
		{"container_stop", "process_exit"}};

	if (sensor->has_hooks)
		capability_set(sensor, "ia32", "works", "fentry", "%s", "");
	for (size_t i = 0; i < array_size(likewise); i++) {
		struct capability same = *capability_get(sensor, likewise[i].from);

		capability_set(sensor, likewise[i].purpose, same.state, same.via, "%s",
			same.message);
	}
	if (sensor->options.prevent)
		capability_set(sensor, "rung_signal", "works", "SIGKILL at sched_process_exec",
			"%s", "");
	else
		capability_set(sensor, "rung_signal", "off", "SIGKILL at sched_process_exec",
			"prevention is not on");
	facility_probe(sensor, "rung_hold", "fanotify, FAN_OPEN_EXEC_PERM",
		fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY | O_CLOEXEC));
	facility_probe(sensor, "rung_kill", "SIGKILL through a pidfd",
		(int)syscall(SYS_pidfd_open, getpid(), 0));
}

static int name_note(struct sensor *sensor, const char *name, u32 as, struct error *err)
{
	char key[32] = "";

	if (strlen(name) >= sizeof key)
		return fail(err, "the sensitive name '%s' has more than 31 bytes", name);
	strcpy(key, name);
	if (bpf_map_update_elem(bpf_map__fd(sensor->bpf->maps.sensitive), key, &as, BPF_ANY))
		return fail(err, "cannot note the sensitive name '%s': %m", key);
	return 0;
}

static int places_fill(struct sensor *sensor, struct error *err)
{
	for (size_t i = 0; i < sensor->options.watched_count; i++)
		if (sensor_place(sensor, sensor->options.watched[i], 0, PLACE_watched, err) < 0)
			return -1;
	for (size_t i = 0; i < sensor->options.sensitive_count; i++)
		if (name_note(sensor, sensor->options.sensitive[i], NAMED_sensitive, err) < 0)
			return -1;
	if (name_note(sensor, "mem", NAMED_memory, err) < 0 ||
		name_note(sensor, "kcore", NAMED_memory, err) < 0)
		return -1;
	for (size_t i = 0; i < sensor->options.log_count; i++)
		if (sensor_place(sensor, sensor->options.logs[i], 0, PLACE_log, err) < 0)
			return -1;
	if (sensor->options.own_folder) {
		char prefix[PLACE_PATH_MAX + 2];

		if (snprintf(prefix, sizeof prefix, "%s/", sensor->options.own_folder) <=
				PLACE_PATH_MAX &&
			sensor_place(sensor, prefix, 0, PLACE_own, err) < 0)
			return -1;
	}
	if (sensor->options.scope == SCOPE_dir) {
		char prefix[PLACE_PATH_MAX + 2];

		if (snprintf(prefix, sizeof prefix, "%s/", sensor->options.scope_path) >
			PLACE_PATH_MAX)
			return fail(err, "the path of the scope has more than %d bytes",
				PLACE_PATH_MAX - 1);
		return sensor_place(sensor, prefix, 0, PLACE_scope, err);
	}
	return 0;
}

static int kernel_check(struct error *err)
{
	struct utsname uts;
	int major = 0, minor = 0;

	if (geteuid())
		return fail(err, "the sensor needs root; start saker as root or through sudo");
	if (uname(&uts) || sscanf(uts.release, "%d.%d", &major, &minor) != 2)
		return fail(err, "cannot tell the kernel's version: %m");
	if (major < 5 || (major == 5 && minor < 18))
		return fail(err, "kernel %s is too old; saker needs 5.18 or newer", uts.release);
	if (access("/sys/kernel/btf/vmlinux", R_OK))
		return fail(err,
			"kernel %s has no type information (/sys/kernel/btf/vmlinux); use one "
			"built with "
			"CONFIG_DEBUG_INFO_BTF=y",
			uts.release);
	return 0;
}

struct sensor *sensor_open(const struct sensor_options *options, struct error *err)
{
	until_return(sensor_close) struct sensor *sensor = NULL;
	until_return(fd_close) int tracefs = -1;
	struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
	struct btf *btf;
	int result;

	if (kernel_check(err) < 0)
		return NULL;
	sensor = memory_new(sizeof *sensor);
	sensor->options = *options;
	libbpf_set_print(on_print);
	setrlimit(RLIMIT_MEMLOCK, &none); /* what older kernels count maps against */
	tracefs = kernelfs_open("tracefs", NULL);
	btf = btf__load_vmlinux_btf();
	if (!btf)
		return fail_null(err, "cannot read the kernel's type information: %m");
	facilities_find(sensor, btf);
	result = programs_load(sensor, tracefs, btf, err);
	btf__free(btf);
	if (result < 0 || places_fill(sensor, err) < 0 ||
		programs_attach(sensor, tracefs, err) < 0)
		return NULL;
	capabilities_derive(sensor);
	failures_tell(sensor);
	own_fill(sensor);
	malloc_trim(
		0); /* the kernel's type information took megabytes, and is not needed any more */
	return give(sensor);
}

void sensor_close(struct sensor **sensor)
{
	struct sensor *s = *sensor;

	if (!s)
		return;
	for (size_t i = 0; i < s->link_count; i++)
		bpf_link__destroy(s->links[i]);
	for (size_t i = 0; i < s->place_count; i++)
		free(s->places[i].prefix);
	sensor_bpf__destroy(s->bpf);
	memory_free(sensor);
}

size_t sensor_capabilities(const struct sensor *sensor, const struct capability **all)
{
	*all = sensor->capabilities;
	return sensor->capability_count;
}

int sensor_ring(const struct sensor *sensor, enum wire_ring ring)
{
	const struct bpf_map *rings[WIRE_RINGS] = {sensor->bpf->maps.ring_lifecycle,
		sensor->bpf->maps.ring_network, sensor->bpf->maps.ring_file};

	return bpf_map__fd(rings[ring]);
}

/* A descriptor to read one pass of an iterator from. */
static int iterator_open(struct bpf_program *program)
{
	struct bpf_link *link = bpf_program__attach_iter(program, NULL);
	int fd = link ? bpf_iter_create(bpf_link__fd(link)) : -1;

	bpf_link__destroy(link); /* the descriptor keeps what it needs */
	return fd;
}

static int iterator_run(struct bpf_program *program)
{
	until_return(fd_close) int fd = iterator_open(program);
	char nothing[64];
	ssize_t n = fd < 0 ? -1 : 1;

	while (n > 0)
		n = read(fd, nothing, sizeof nothing);
	return (int)n;
}

int sensor_iterate(struct sensor *sensor, struct error *err)
{
	int fd;

	if (iterator_run(sensor->bpf->progs.iterate_images) < 0 ||
	    iterator_run(sensor->bpf->progs.iterate_ancestors) < 0)
		return fail(err, "cannot go through the running processes: %m");
	fd = iterator_open(sensor->bpf->progs.iterate_running);
	return fd >= 0 ? fd : fail(err, "cannot go through the running processes: %m");
}

struct wire_loss sensor_losses(const struct sensor *sensor, enum wire_ring ring)
{
	int cpus = libbpf_num_possible_cpus();
	struct wire_loss sum = {0}, *each = memory_new((size_t)cpus * sizeof *each);
	u32 key = ring;

	if (!bpf_map_lookup_elem(bpf_map__fd(sensor->bpf->maps.losses), &key, each))
		for (int i = 0; i < cpus; i++) {
			sum.attempts += each[i].attempts;
			sum.dropped += each[i].dropped;
			sum.reduced += each[i].reduced;
		}
	free(each);
	return sum;
}
