// SPDX-License-Identifier: Apache-2.0
// A process goes into the control group of a container, others follow, all end.
// event: cgroup_change call.operation=made call.object~/docker-0123456789abcdef
// event: cgroup_change call.operation=entered
// event: container_start process.name=container container.id~0123456789abcdef container.runtime=docker
// event: container_exec process.name=container
// event: container_stop container.id~0123456789abcdef
// event: cgroup_change call.operation=removed

#include "action.h"

/* where both are, the memory controller's own tree counts */
static const char *const trees[] = {"/sys/fs/cgroup/memory", "/sys/fs/cgroup",
	"/sys/fs/cgroup/unified"};
static char group[256];

static void enter(void)
{
	char path[300];
	int fd;

	snprintf(path, sizeof path, "%s/cgroup.procs", group);
	fd = open(path, O_WRONLY);
	skip_unless(fd >= 0 && write(fd, "0", 1) == 1);
	close(fd);
}

static pid_t live_inside(const char *seconds)
{
	pid_t pid = fork();

	must(pid >= 0);
	if (!pid) {
		enter();
		execl("/proc/self/exe", "inside", "for", seconds, (char *)NULL);
		_exit(1);
	}
	return pid;
}

int main(int argc, char **argv)
{
	pid_t first, second;
	size_t i;

	if (argc > 2) {
		usleep((useconds_t)atoi(argv[2]));
		return 0;
	}
	for (i = 0; i < 3; i++) {
		snprintf(group, sizeof group, "%s/cgroup.procs", trees[i]);
		if (!access(group, F_OK))
			break;
	}
	skip_unless(i < 3);
	snprintf(group, sizeof group, "%s/docker-%s.scope", trees[i],
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
	skip_unless(!mkdir(group, 0755) || errno == EEXIST);
	first = live_inside("400000");
	usleep(100000);
	second = live_inside("100000");
	ended(first);
	ended(second);
	usleep(100000);
	must(!rmdir(group));
	return 0;
}
