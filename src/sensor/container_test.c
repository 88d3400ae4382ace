// SPDX-License-Identifier: Apache-2.0
// Container ids in the spellings of cgroup paths.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "base/own.h"
#include "sensor/container.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
#define POD "kubepods-besteffort-pod5f2e1c64_9a5d_4f0e_8f67_0d5a3a9d1b11.slice"

static const struct {
	const char *cgroup, *wanted; /* NULL: in none */
} cases[] = {
	{"/docker/" ID, ID},
	{"/docker/" ID "/init.scope", ID},
	{"/system.slice/docker-" ID ".scope", ID},
	{"/system.slice:docker:" ID, ID},
	{"/kubepods/besteffort/pod5f2e1c64-9a5d-4f0e-8f67-0d5a3a9d1b11/" ID, ID},
	{"/kubepods.slice/kubepods-besteffort.slice/" POD "/cri-containerd-" ID ".scope", ID},
	{"/kubepods.slice/kubepods-besteffort.slice/" POD "/docker-" ID ".scope", ID},
	{"/kubepods.slice/kubepods-besteffort.slice/" POD "/crio-" ID ".scope", ID},
	{"/kubepods.slice/kubepods-besteffort.slice/" POD "/crio-" ID ".scope/container", ID},
	{"/kubepods.slice/kubepods-besteffort.slice/" POD "/crio-conmon-" ID ".scope", NULL},
	{"/kubelet.slice/kubelet-kubepods.slice/" POD ":cri-containerd:" ID, ID},
	{"/machine.slice/libpod-" ID ".scope", ID},
	{"/machine.slice/libpod-" ID ".scope/container", ID},
	{"/machine.slice/libpod-conmon-" ID ".scope", NULL},
	{"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID ".scope", ID},
	{"/libpod_parent/libpod-" ID, ID},
	{"/default/" ID, ID},
	{"/docker/" OTHER "/docker/" ID, ID},
	{"/lxc/web", "web"},
	{"/lxc/web/system.slice/cron.service", "web"},
	{"/lxc.payload.web/system.slice", "web"},
	{"/lxc.payload/web", "web"},
	{"/lxc.payload.web/docker/" ID, ID},
	{"/lxc.monitor.web", NULL},
	{"/lxc", NULL},
	{"/lxc.payload.", NULL},
	{"/", NULL},
	{"", NULL},
	{"/system.slice/ssh.service", NULL},
	{"/user.slice/user-0.slice/session-1.scope", NULL},
	{"/docker/" ID "0", NULL},
	{"/docker/x" ID, NULL},
	{"/docker/0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef", NULL},
	{"/buildkit/" ID "-x", NULL},
};

static void a_cgroup_path_names_its_container(void **state)
{
	for (size_t i = 0; i < array_size(cases); i++) {
		struct text id = container_id(text_of(cases[i].cgroup));

		if (cases[i].wanted ? !text_is(id, cases[i].wanted) : id.at != NULL)
			fail_msg("'%s': '%.*s'", cases[i].cgroup, (int)id.n, id.at);
		if (id.at)
			assert_in_range((uintptr_t)id.at, (uintptr_t)cases[i].cgroup,
				(uintptr_t)cases[i].cgroup + strlen(cases[i].cgroup) - id.n);
	}
	assert_null(container_id((struct text){0}).at);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cgroup_path_names_its_container),
	};

	return cmocka_run_group_tests_name("container", tests, NULL, NULL);
}
