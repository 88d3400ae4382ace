// SPDX-License-Identifier: Apache-2.0
// The destructors of what the C library and the kernel give: memory, descriptors, streams.

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/own.h"

void memory_free(void *pointer)
{
	void *memory;

	memcpy(&memory, pointer, sizeof memory);
	free(memory);
	memset(pointer, 0, sizeof memory);
}

void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void file_close(FILE **file)
{
	if (*file)
		fclose(*file);
	*file = NULL;
}
