// SPDX-License-Identifier: Apache-2.0
// System calls of 32 bits, from a program of 64.
// needs: ia32
// event: file_create file.path~/by-ia32
// event: process_exec process.invoked=/bin/true process.executable~/

#include "action.h"

static long call32(long number, const void *a, long b, long c)
{
	long result;

	__asm__ volatile("int $0x80" : "=a"(result)
			 : "a"(number), "b"(a), "c"(b), "d"(c) : "memory", "r8", "r9", "r10", "r11");
	return (int)result;
}

/* This kernel has none. */
static void on_fault(int signal)
{
	_exit(77);
}

int main(int argc, char **argv)
{
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	int fd;

	must(low != MAP_FAILED);
	signal(SIGSEGV, on_fault);
	snprintf(low, 1024, "%s/by-ia32", argv[1]);
	fd = (int)call32(5 /* open */, low, O_WRONLY | O_CREAT, 0600);
	skip_unless(fd >= 0);
	strcpy(low, "/bin/true");
	((uint32_t *)(low + 64))[0] = (uint32_t)(uintptr_t)low;
	((uint32_t *)(low + 64))[1] = 0;
	call32(11 /* execve */, low, (long)(low + 64), 0);
	return 1;
}
