// SPDX-License-Identifier: Apache-2.0
// A tracepoint is opened.
// event: kernel_trace call.operation=PERF_TYPE_TRACEPOINT

#include "action.h"

#include <linux/perf_event.h>

int main(void)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_TRACEPOINT, .size = sizeof attr};
	FILE *file;

	mkdir("/tmp/tracefs-of-test", 0700);
	skip_unless(!unshare(CLONE_NEWNS) && !mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
	skip_unless(!mount("tracefs", "/tmp/tracefs-of-test", "tracefs", 0, NULL));
	file = fopen("/tmp/tracefs-of-test/events/sched/sched_switch/id", "r");
	skip_unless(file && fscanf(file, "%llu", &attr.config) == 1);
	umount("/tmp/tracefs-of-test");
	rmdir("/tmp/tracefs-of-test");
	skip_unless(syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0) >= 0);
	return 0;
}
