// SPDX-License-Identifier: Apache-2.0
// Threads change the path while the call looks at it: the event tells what was opened.
// event: file_create file.path~/true-00

#include "action.h"

#include <pthread.h>

static char path[512];
static volatile bool stop;

static void *flip(void *context)
{
	char *last = path + strlen(path) - 7;

	while (!stop) {
		memcpy(last, "true", 4);
		memcpy(last, "fake", 4);
	}
	return context;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	char proc[64], really[512] = "";
	ssize_t n;

	snprintf(path, sizeof path, "%s/true-00", argv[1]);
	must(!pthread_create(&thread, NULL, flip, NULL));
	for (time_t end = time(NULL) + 10; time(NULL) < end;) {
		int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);

		if (fd < 0)
			continue;
		snprintf(proc, sizeof proc, "/proc/self/fd/%d", fd);
		n = readlink(proc, really, sizeof really - 1);
		must(n > 0);
		really[n] = 0;
		close(fd);
		if (strstr(really, "/true-00"))
			break;
		unlink(really);
	}
	stop = true;
	skip_unless(strstr(really, "/true-00"));
	pthread_join(thread, NULL);
	unlink(really);
	return 0;
}
