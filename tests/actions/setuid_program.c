// SPDX-License-Identifier: Apache-2.0
// A set-uid program, started by somebody.
// event: process_exec process.name=gains process.setuid_exec=true process.user.id=0 process.real_user.id=65534

#include "action.h"

int main(int argc, char **argv)
{
	const char *path;
	pid_t pid;

	if (argc < 2)
		return 0;
	path = at(argv[1], "gains");
	copy_self(path);
	must(!chown(path, 0, 0) && !chmod(path, 04755));
	pid = fork();
	must(pid >= 0);
	if (!pid) {
		must(!setresuid(65534, 65534, 65534));
		execl(path, path, (char *)NULL);
		_exit(1);
	}
	must(!ended(pid));
	return 0;
}
