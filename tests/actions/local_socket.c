// SPDX-License-Identifier: Apache-2.0
// The socket through which containers are made.
// event: network_local file.path~/docker.sock

#include "action.h"

int main(int argc, char **argv)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%.90s/docker.sock", argv[1]);
	must(!bind(listener, (void *)&address, sizeof address) && !listen(listener, 1));
	must(!connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&address, sizeof address));
	unlink(address.sun_path);
	return 0;
}
