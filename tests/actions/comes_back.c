// SPDX-License-Identifier: Apache-2.0
// What lets an intruder come back: a job and a service, made, changed and removed. Only in a guest.
// event: file_create file.path=/etc/cron.d/action
// event: file_write file.path=/etc/cron.d/action
// event: file_create file.path=/etc/systemd/system/action.service
// event: file_write file.path=/etc/systemd/system/action.service file.size=20
// event: file_write file.path=/etc/systemd/system/action.service file.size=10
// event: file_delete file.path=/etc/systemd/system/action.service

#include "action.h"

int main(void)
{
	static const char service[] = "/etc/systemd/system/action.service";

	skip_unless(!access("/refusals", F_OK)); /* the test's own host */
	mkdir("/etc/cron.d", 0755);
	mkdir("/etc/systemd", 0755);
	mkdir("/etc/systemd/system", 0755);
	file_put("/etc/cron.d/action", "* * * * * root id\n", 0644);
	file_put(service, "ExecStart=/bin/true\n", 0644);
	sleep(2); /* what is repeated within a second is counted */
	file_put(service, "ExecStart=", 0644);
	must(!unlink(service));
	return 0;
}
