// SPDX-License-Identifier: Apache-2.0
// Memory is written, then run.
// event: memory_execute call.name=mprotect call.operation=PROT_READ|PROT_EXEC
// event: memory_execute call.name=mmap call.operation=PROT_READ|PROT_WRITE|PROT_EXEC

#include "action.h"

int main(void)
{
	static const unsigned char code[] = {0xb8, 7, 0, 0, 0, 0xc3}; /* return 7 */
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	must(p != MAP_FAILED);
	memcpy(p, code, sizeof code);
	must(!mprotect(p, 4096, PROT_READ | PROT_EXEC));
	must(((int (*)(void))p)() == 7);
	must(mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		     0) != MAP_FAILED);
	return 0;
}
