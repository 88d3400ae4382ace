// SPDX-License-Identifier: Apache-2.0
// The program that has the libraries for what others made, and the role that only it can play.

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/own.h"
#include "daemon/reader.h"
#include "daemon/roles.h"

bool reader_find(char *path, size_t size)
{
	static const char *const places[] = {"saker-read", "../libexec/saker/saker-read"};
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	char *slash;

	self[n < 0 ? 0 : n] = 0;
	slash = strrchr(self, '/');
	if (!slash)
		return false;
	*slash = 0;
	for (size_t i = 0; i < array_size(places); i++)
		if ((size_t)snprintf(path, size, "%s/%s", self, places[i]) < size &&
			!access(path, X_OK))
			return true;
	return false;
}

/* Here it is passed on; saker-read has the other (guard.c). */
int role_guard(const struct post *post)
{
	char path[4200], channel[16], uid[16], gid[16];

	if (!reader_find(path, sizeof path)) {
		dprintf(2, "saker: saker-read, a part of saker, is not beside it: no file can be "
			   "looked through before it is opened; install saker as a whole\n");
		return 1;
	}
	snprintf(channel, sizeof channel, "%d", post->channel);
	snprintf(uid, sizeof uid, "%u", post->uid);
	snprintf(gid, sizeof gid, "%u", post->gid);
	execl(path, "saker: guard", "--role", "guard", channel, uid, gid, post->folder,
		(char *)NULL);
	return 1;
}
