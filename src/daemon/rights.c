// SPDX-License-Identifier: Apache-2.0
// What a process of saker may do: user, capabilities, seccomp and Landlock, given up for good.

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/own.h"
#include "daemon/rights.h"

/* Newer than the headers of Debian 12. */
enum {
	CAP_PERFMON_ = 38,
	CAP_BPF_ = 39,
	CAP_CHECKPOINT_RESTORE_ = 40,
	LANDLOCK_REFER = 1 << 13, /* version 2 */
	LANDLOCK_TRUNCATE = 1 << 14, /* version 3 */
	LANDLOCK_IOCTL = 1 << 15, /* version 5 */
	LANDLOCK_FIRST = (1 << 13) - 1,
	LANDLOCK_NET = 3, /* version 4: bind and connect of TCP */
	LANDLOCK_SCOPE = 3, /* version 6: abstract sockets and signals of others */
};

struct landlock_all {
	uint64_t fs, net, scoped;
};

static const struct {
	const char *name;
	int number;
	const char *letters;
} calls[] = {
#define SYSCALL(name, letters) {#name, SCMP_SYS(name), letters},
#include "daemon/syscall.def"
#undef SYSCALL
};

static const char letters[] = {
	[RIGHTS_parent] = 'p',
	[RIGHTS_content] = 'c',
	[RIGHTS_engine] = 'e',
	[RIGHTS_store] = 's',
	[RIGHTS_witness] = 'x',
	[RIGHTS_scan] = 'h',
	[RIGHTS_watchdog] = 'w',
	[RIGHTS_reader] = 'r',
};

/*
 * What the parent does after its start: load and read BPF (BPF, PERFMON, SYS_ADMIN), hold
 * (SYS_ADMIN), kill, look at a waiting process (SYS_PTRACE, DAC_READ_SEARCH), start children that
 * become someone else (SETUID, SETGID, SETPCAP).
 */
static const uint64_t parent_capabilities = 1ULL << CAP_SYS_ADMIN | 1ULL << CAP_BPF_ |
	1ULL << CAP_PERFMON_ | 1ULL << CAP_KILL | 1ULL << CAP_SYS_PTRACE |
	1ULL << CAP_DAC_READ_SEARCH | 1ULL << CAP_DAC_OVERRIDE | 1ULL << CAP_SETUID |
	1ULL << CAP_SETGID | 1ULL << CAP_SETPCAP | 1ULL << CAP_SYS_RESOURCE |
	1ULL << CAP_NET_ADMIN;

/*
 * Filters are inherited: what the parent gives up its children cannot have either, so it keeps
 * the whole table.
 */
static bool is_listed(enum rights rights, size_t call)
{
	return rights == RIGHTS_parent || strchr(calls[call].letters, letters[rights]);
}

unsigned rights_calls(enum rights rights)
{
	unsigned n = 0;

	for (size_t i = 0; i < array_size(calls); i++)
		n += is_listed(rights, i);
	return n;
}

static int capabilities_keep(uint64_t kept, struct error *err)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2] = {0};

	/* root of a container may lack some of what is kept */
	if (syscall(SYS_capget, &head, data))
		return fail(err, "cannot read capabilities: %m");
	for (int i = 0; i < 2; i++) {
		data[i].permitted &= (uint32_t)(kept >> 32 * i);
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	if (syscall(SYS_capset, &head, data))
		return fail(err, "cannot give up capabilities: %m");
	return 0;
}

/* The bounding set limits what an exec can give back. */
static int capabilities_bound(uint64_t kept, struct error *err)
{
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		if (!(kept >> cap & 1) && prctl(PR_CAPBSET_DROP, cap) && errno != EINVAL)
			return fail(err, "cannot give up capability %d: %m", cap);
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return 0;
}

static int user_become(const struct post *post, struct error *err)
{
	if (setgroups(0, NULL))
		return fail(err, "cannot give up groups: %m");
	if (setresgid(post->gid, post->gid, post->gid))
		return fail(err, "cannot become group %u: %m", post->gid);
	if (setresuid(post->uid, post->uid, post->uid))
		return fail(err, "cannot become user %u: %m", post->uid);
	return 0;
}

static int landlock_version(void)
{
	int version = (int)syscall(
		SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	return version < 0 ? 0 : version;
}

static struct landlock_all landlock_handled(int version, enum rights rights)
{
	struct landlock_all all = {.fs = LANDLOCK_FIRST};

	all.fs |= version >= 2 ? LANDLOCK_REFER : 0;
	all.fs |= version >= 3 ? LANDLOCK_TRUNCATE : 0;
	all.fs |= version >= 5 ? LANDLOCK_IOCTL : 0;
	all.net = version >= 4 ? LANDLOCK_NET : 0;
	/* the watchdog's one deed is a signal to its parent */
	all.scoped = version >= 6 && rights != RIGHTS_watchdog ? LANDLOCK_SCOPE : 0;
	return all;
}

/* The struct grew with the versions. */
static size_t landlock_size(int version)
{
	return sizeof(uint64_t) * (version >= 6 ? 3 : version >= 4 ? 2 : 1);
}

static int landlock_folder(int rules, const char *folder, uint64_t access)
{
	until_return(fd_close) int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct landlock_path_beneath_attr beneath = {.allowed_access = access, .parent_fd = fd};

	if (fd < 0)
		return -1;
	return (int)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
}

/*
 * -1 with errno where the kernel has it but refuses; the version that is in force, 0 for none,
 * goes to `done`.
 */
static int landlock_close(enum rights rights, const char *folder, struct message_rights *done)
{
	int version = landlock_version();
	struct landlock_all all = landlock_handled(version, rights);
	size_t size = landlock_size(version);
	until_return(fd_close) int rules = -1;

	done->landlock = 0;
	if (rights == RIGHTS_witness) {
		snprintf(done->missing, sizeof done->missing,
			"no Landlock, which would forbid it to read the memory of others");
		return 0;
	}
	if (!version) {
		snprintf(done->missing, sizeof done->missing,
			"this kernel has no Landlock (it came with 5.13; lsm=landlock)");
		return 0;
	}
	rules = (int)syscall(SYS_landlock_create_ruleset, &all, size, 0);
	if (rules < 0)
		return -1;
	if (folder &&
		landlock_folder(rules, folder, all.fs & ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE))
		return -1;
	if (syscall(SYS_landlock_restrict_self, rules, 0))
		return -1;
	done->landlock = version;
	return 0;
}

static void filter_free(void **filter)
{
	if (*filter)
		seccomp_release(*filter);
	*filter = NULL;
}

static int allow(void *filter, enum rights rights, int call)
{
	bool no_exec = rights == RIGHTS_engine || rights == RIGHTS_store ||
		rights == RIGHTS_scan || rights == RIGHTS_reader;

	if (rights != RIGHTS_parent && call == SCMP_SYS(tgkill))
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1,
			SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
	if (no_exec && (call == SCMP_SYS(mmap) || call == SCMP_SYS(mprotect)))
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (rights == RIGHTS_watchdog && call == SCMP_SYS(pidfd_send_signal))
		return seccomp_rule_add(
			filter, SCMP_ACT_ALLOW, call, 1, SCMP_A1(SCMP_CMP_EQ, SIGKILL));
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0);
}

static int seccomp_close(enum rights rights, struct error *err)
{
	until_return(filter_free) void *filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int e;

	if (!filter)
		return fail(err, "cannot make a list of system calls");
	/* no_new_privs is set already, and prctl is not on every list that is narrowed further */
	seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);
	if (rights == RIGHTS_reader)
		seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	for (size_t i = 0; i < array_size(calls); i++) {
		/* a negative number: this machine's kernel has no such call */
		if (calls[i].number < 0 || !is_listed(rights, i))
			continue;
		e = allow(filter, rights, calls[i].number);
		if (e && e != -EEXIST)
			return fail(err, "cannot put '%s' on the list of system calls: %s",
				calls[i].name, strerror(-e));
	}
	e = seccomp_load(filter);
	if (e)
		return fail(err,
			"cannot restrict system calls: %s (the kernel needs "
			"CONFIG_SECCOMP_FILTER)",
			strerror(-e));
	return 0;
}

static int parent_drop(struct message_rights *done, struct error *err)
{
	if (capabilities_bound(parent_capabilities, err) ||
		capabilities_keep(parent_capabilities, err))
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return fail(err, "cannot give up further privileges: %m");
	snprintf(done->missing, sizeof done->missing, "reaches all files, as its work demands");
	return seccomp_close(RIGHTS_parent, err);
}

int rights_drop(enum rights rights, const struct post *post, struct message_rights *done,
	struct error *err)
{
	uint64_t kept = 0;

	memset(done, 0, sizeof *done);
	if (rights == RIGHTS_parent)
		return parent_drop(done, err);
	if (rights == RIGHTS_watchdog)
		kept = 1ULL << CAP_KILL;
	if (rights == RIGHTS_witness)
		kept = 1ULL << CAP_SYS_PTRACE;
	if (kept)
		prctl(PR_SET_KEEPCAPS, 1);
	if (capabilities_bound(kept, err) || user_become(post, err) ||
		capabilities_keep(kept, err))
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_DUMPABLE, 0))
		return fail(err, "cannot give up further privileges: %m");
	if (landlock_close(rights, rights == RIGHTS_store ? post->folder : NULL, done))
		return fail(err, "cannot give up files by Landlock: %m");
	return seccomp_close(rights, err);
}

int rights_narrow(struct error *err)
{
	return seccomp_close(RIGHTS_engine, err);
}

/* A file or a folder that may be read. */
static int landlock_readable(int rules, const char *path)
{
	until_return(fd_close) int fd = open(path, O_PATH | O_CLOEXEC);
	struct landlock_path_beneath_attr beneath = {.parent_fd = fd};
	struct stat found;

	if (fd < 0 || fstat(fd, &found))
		return -1;
	beneath.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE |
		(S_ISDIR(found.st_mode) ? LANDLOCK_ACCESS_FS_READ_DIR : 0);
	return (int)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
}

static int landlock_read_only(const char *const *paths, size_t n)
{
	struct landlock_all all = landlock_handled(landlock_version(), RIGHTS_reader);
	size_t size = landlock_size(landlock_version());
	until_return(fd_close) int rules = -1;

	if (!landlock_version())
		return 0;
	rules = (int)syscall(SYS_landlock_create_ruleset, &all, size, 0);
	if (rules < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		landlock_readable(rules, paths[i]); /* one that is not there cannot be opened */
	return (int)syscall(SYS_landlock_restrict_self, rules, 0);
}

int rights_read_only(const char *const *paths, size_t n, struct error *err)
{
	if (capabilities_keep(1ULL << CAP_DAC_READ_SEARCH, err))
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return fail(err, "cannot give up further privileges: %m");
	if (landlock_read_only(paths, n))
		return fail(err, "cannot give up files by Landlock: %m");
	return 0;
}

int rights_reader(struct error *err)
{
	return seccomp_close(RIGHTS_reader, err);
}

int rights_describe(pid_t pid, struct rights_proof *proof, struct error *err)
{
	struct rights_proof read = {.no_new_privs = -1, .seccomp = -1, .filters = -1};
	until_return(file_close) FILE *file = NULL;
	char path[64], line[512];

	snprintf(path, sizeof path, "/proc/%d/status", pid);
	file = fopen(path, "re");
	if (!file)
		return fail(err, "there is no process %d", pid);
	while (fgets(line, sizeof line, file)) {
		sscanf(line, "Uid: %*u %u", &read.uid);
		sscanf(line, "CapEff: %llx", &read.capabilities);
		sscanf(line, "NoNewPrivs: %d", &read.no_new_privs);
		sscanf(line, "Seccomp: %d", &read.seccomp);
		sscanf(line, "Seccomp_filters: %d", &read.filters);
	}
	*proof = read;
	return 0;
}
