// SPDX-License-Identifier: Apache-2.0
// The self-test of the rungs: a child of our own that must be refused, and one that must run.
// While it lasts the BPF programs act on that child alone, whatever the clauses say.

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/own.h"
#include "base/text.h"
#include "sensor/kernelfs.h"
#include "sensor/load_private.h"

/* Exit codes of the child that could not become the target. */
enum { CHILD_refused = 101, CHILD_failed = 102 };

enum { PROOF_BIT = 63, PROOF_CLAUSE = CLAUSES_MAX - 1 };

struct target {
	char folder[64], path[96];
};

static int copy_self(const char *to)
{
	until_return(fd_close) int in = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	until_return(fd_close) int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	struct stat st;
	off_t at = 0;

	if (in < 0 || out < 0 || fstat(in, &st))
		return -1;
	while (at < st.st_size)
		if (sendfile(out, in, &at, (size_t)(st.st_size - at)) <= 0)
			return -1;
	return 0;
}

/* A copy of this program in a folder of its own, with a name that nothing else has. */
static int target_make(struct target *target)
{
	strcpy(target->folder, "/tmp/saker-proof-XXXXXX");
	if (!mkdtemp(target->folder))
		return -1;
	snprintf(target->path, sizeof target->path, "%s/proof%s", target->folder,
		strrchr(target->folder, '-'));
	return copy_self(target->path);
}

static void target_remove(const struct target *target)
{
	unlink(target->path);
	rmdir(target->folder);
}

/* In the child: waits for the word, then becomes the target, which prints its version and ends. */
__attribute__((noreturn)) static void child_exec(int word, const char *path)
{
	char *const args[] = {"proof", "--version", NULL}, *const env[] = {NULL};
	int null = open("/dev/null", O_RDWR);
	char c;

	if (null < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0 || read(word, &c, 1) != 1)
		_exit(CHILD_failed);
	execve(path, args, env);
	_exit(errno == EPERM ? CHILD_refused : CHILD_failed);
}

__attribute__((noreturn)) static void child_connect(int word, const char *address)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
	int s;
	char c;

	inet_pton(AF_INET, address, &to.sin_addr);
	if (read(word, &c, 1) != 1)
		_exit(CHILD_failed);
	/* only now: a socket belongs to the cgroup in which it was made */
	s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (s < 0)
		_exit(CHILD_failed);
	if (connect(s, (struct sockaddr *)&to, sizeof to) && errno == EPERM)
		_exit(CHILD_refused);
	_exit(0);
}

/*
 * Runs `act` in a child, which is the one that is acted upon if `chosen`; `cgroup` is the folder
 * it is put into, or NULL. Its wait status, -1 if there was none.
 */
static int child_run(struct sensor *sensor, bool chosen, const char *cgroup,
	void (*act)(int, const char *), const char *argument)
{
	int pipes[2], status = -1;
	char procs[1200];
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC))
		return -1;
	pid = fork();
	if (!pid) {
		close(pipes[1]);
		act(pipes[0], argument);
	}
	close(pipes[0]);
	if (pid > 0) {
		sensor->bpf->bss->proving = chosen ? (u32)pid : (u32)getpid();
		if (cgroup) {
			until_return(fd_close) int fd = -1;

			snprintf(procs, sizeof procs, "%s/cgroup.procs", cgroup);
			fd = open(procs, O_WRONLY | O_CLOEXEC);
			dprintf(fd, "%d", pid);
		}
		if (write(pipes[1], "", 1) != 1 || waitpid(pid, &status, 0) != pid)
			status = -1;
	}
	close(pipes[1]);
	return status;
}

static bool was_refused(int status)
{
	return status >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == CHILD_refused;
}

static bool was_killed(int status)
{
	return status >= 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

static bool has_run(int status)
{
	return status >= 0 && WIFEXITED(status) && !WEXITSTATUS(status);
}

/* The rung that refuses an exec before it is done: one of the two, or none. */
static const char *refusing_rung(struct sensor *sensor)
{
	static const char *const rungs[] = {"rung_lsm", "rung_modify"};

	for (size_t i = 0; i < array_size(rungs); i++)
		if (!strcmp(capability_get(sensor, rungs[i])->state, "works"))
			return rungs[i];
	return NULL;
}

static void lsm_judge(struct sensor *sensor, int status)
{
	const char *rung = refusing_rung(sensor);

	if (!rung)
		return; /* not there, and said why */
	if (was_refused(status))
		sensor->bpf->bss->lsm_proven = 1;
	else
		capability_set(sensor, rung, "failed", NULL,
			"the program is attached and refuses nothing; is 'bpf' in the kernel's "
			"lsm= list?");
}

static void exec_prove(struct sensor *sensor, const struct target *target)
{
	struct wire_clause clause = {
		.image_any = 1ULL << PROOF_BIT, .acts = ACT_exec, .in_use = 1}, none = {0};
	struct wire_image_key key = {.hash = text_hash(text_basename(text_of(target->path))),
		.how = IMAGE_name};
	int refused, killed, outside;
	u32 clauses = sensor->bpf->bss->clause_count;

	if (sensor_image(sensor, &key, 1ULL << PROOF_BIT, NULL) < 0 ||
	    sensor_clause(sensor, PROOF_CLAUSE, &clause, NULL) < 0)
		return;
	refused = child_run(sensor, true, NULL, child_exec, target->path);
	lsm_judge(sensor, refused);
	sensor->bpf->bss->lsm_off = 1;
	sensor->bpf->bss->lsm_proven = 0;
	killed = child_run(sensor, true, NULL, child_exec, target->path);
	outside = child_run(sensor, false, NULL, child_exec, target->path);
	sensor->bpf->bss->lsm_off = 0;
	sensor->bpf->bss->lsm_proven = was_refused(refused);
	if (!was_killed(killed))
		capability_set(sensor, "rung_signal", "failed", NULL,
			"a program of our own was to be killed and was not");
	if (!has_run(outside)) {
		capability_set(sensor, "rung_signal", "failed", NULL,
			"a program that nobody asked to stop did not run");
		if (refusing_rung(sensor))
			capability_set(sensor, refusing_rung(sensor), "failed", NULL,
				"a program that nobody asked to stop did not run");
	}
	sensor_clause(sensor, PROOF_CLAUSE, &none, NULL);
	sensor->bpf->bss->clause_count = clauses;
	bpf_map_delete_elem(bpf_map__fd(sensor->bpf->maps.image), &key);
}

__attribute__((noreturn)) static void child_open(int word, const char *path)
{
	char c;

	if (read(word, &c, 1) != 1)
		_exit(CHILD_failed);
	if (open(path, O_WRONLY | O_CLOEXEC) >= 0)
		_exit(0);
	_exit(errno == EPERM ? CHILD_refused : CHILD_failed);
}

/* The same of a file that is opened for writing. */
static void file_prove(struct sensor *sensor, const struct target *target)
{
	struct wire_clause clause = {
		.object_any = 1ULL << PROOF_BIT, .acts = ACT_write, .in_use = 1}, none = {0};
	struct wire_image_key key = {.hash = text_hash(text_basename(text_of(target->path))),
		.how = IMAGE_name};
	u32 clauses = sensor->bpf->bss->clause_count, acts = sensor->bpf->bss->acts_wanted;
	int refused, outside;

	if (strcmp(capability_get(sensor, "rung_file")->state, "works") ||
		sensor_image(sensor, &key, 1ULL << PROOF_BIT, NULL) < 0 ||
		sensor_clause(sensor, PROOF_CLAUSE, &clause, NULL) < 0)
		return;
	refused = child_run(sensor, true, NULL, child_open, target->path);
	outside = child_run(sensor, false, NULL, child_open, target->path);
	if (!was_refused(refused))
		capability_set(sensor, "rung_file", "failed", NULL,
			"a file of our own was to be refused and was not");
	else if (!has_run(outside))
		capability_set(sensor, "rung_file", "failed", NULL,
			"a file that nobody asked to refuse was refused");
	sensor_clause(sensor, PROOF_CLAUSE, &none, NULL);
	sensor->bpf->bss->clause_count = clauses;
	sensor->bpf->bss->acts_wanted = acts;
	bpf_map_delete_elem(bpf_map__fd(sensor->bpf->maps.image), &key);
}

static const char proof_address[] =
	"127.83.75.82"; /* loopback: nothing leaves the host whatever happens */

static void connect_judge(struct sensor *sensor, int refused, int outside)
{
	if (!was_refused(refused))
		capability_set(sensor, "rung_connect", "failed", NULL,
			"a connection of our own was to be refused and was not");
	else if (!has_run(outside))
		capability_set(sensor, "rung_connect", "failed", NULL,
			"a connection that nobody asked to refuse was refused");
}

static void connect_prove(struct sensor *sensor)
{
	struct wire_address_key key = {.bits = WIRE_ADDRESS_FAMILY + 32, .family = AF_INET};
	char root[1024], folder[1100];
	struct bpf_link *links[CONNECT_PROGRAMS] = {NULL};
	u32 rule = UINT32_MAX;

	if (strcmp(capability_get(sensor, "rung_connect")->state, "works"))
		return;
	if (cgroup_root(root, sizeof root, NULL) < 0) {
		capability_set(sensor, "rung_connect", "absent", NULL,
			"the unified cgroup tree is not mounted");
		return;
	}
	snprintf(folder, sizeof folder, "%s/saker-proof-%d", root, getpid());
	if (mkdir(folder, 0700)) {
		capability_set(sensor, "rung_connect", "failed", NULL,
			"cannot make a cgroup to try it in: %s", strerror(errno));
		return;
	}
	inet_pton(AF_INET, proof_address, key.bytes);
	if (!bpf_map_update_elem(bpf_map__fd(sensor->bpf->maps.deny_address), &key, &rule,
		    BPF_ANY) &&
		!connect_attach(sensor, folder, links, NULL))
		connect_judge(sensor,
			child_run(sensor, true, folder, child_connect, proof_address),
			child_run(sensor, false, folder, child_connect, proof_address));
	else
		capability_set(sensor, "rung_connect", "failed", NULL,
			"cannot be attached to a cgroup: %s", strerror(errno));
	bpf_map_delete_elem(bpf_map__fd(sensor->bpf->maps.deny_address), &key);
	for (int i = 0; i < CONNECT_PROGRAMS; i++)
		bpf_link__destroy(links[i]);
	rmdir(folder);
}

void sensor_prove(struct sensor *sensor)
{
	struct target target;

	if (!sensor->options.prevent)
		return;
	sensor->bpf->bss->proving = (u32)getpid();
	sensor->bpf->bss->armed = 1;
	if (!target_make(&target))
		exec_prove(sensor, &target), file_prove(sensor, &target);
	else
		capability_set(sensor, "rung_signal", "failed", NULL,
			"cannot copy a program to try it on: %s", strerror(errno));
	target_remove(&target);
	connect_prove(sensor);
	sensor->bpf->bss->armed = 0;
	sensor->bpf->bss->proving = 0;
}
