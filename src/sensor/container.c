// SPDX-License-Identifier: Apache-2.0
// Container ids in cgroup paths. A component of the path names a container when it is 64
// hexadecimal digits, alone or behind a runtime's prefix (docker-<id>.scope,
// cri-containerd-<id>.scope, libpod-<id>.scope, crio-<id>, and system.slice:docker:<id>); the
// innermost counts.

#include "base/own.h"
#include "sensor/container.h"

enum { ID_DIGITS = 64 };

static bool is_digit(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static bool is_helper(struct text component)
{
	return memmem(component.at, component.n, "conmon", 6);
}

/*
 * What stands before the id: nothing, or a prefix that ends with a separator. What follows:
 * nothing or ".scope" ...
 */
static struct text id_in(struct text component)
{
	size_t digits = 0;

	for (size_t i = 0; i <= component.n; i++) {
		if (i < component.n && is_digit(component.at[i])) {
			digits++;
			continue;
		}
		if (digits == ID_DIGITS && (i == component.n || component.at[i] == '.') &&
		    (i == digits || strchr("-:_", component.at[i - digits - 1])))
			return (struct text){component.at + i - digits, digits};
		digits = 0;
	}
	return (struct text){0};
}

static struct text after(struct text text, struct text prefix)
{
	if (!text_starts(text, prefix) || text.n == prefix.n)
		return (struct text){0};
	return (struct text){text.at + prefix.n, text.n - prefix.n};
}

/* /lxc/NAME (1.x), /lxc.payload/NAME, /lxc.payload.NAME (4.0) */
static struct text lxc_name(struct text folder, struct text component)
{
	if (text_is(folder, "lxc") || text_is(folder, "lxc.payload"))
		return component;
	return after(component, TEXT("lxc.payload."));
}

struct text container_id(struct text cgroup)
{
	struct text found = {0}, folder = {0};

	for (size_t from = 0, i = 0; i <= cgroup.n && cgroup.at; i++) {
		struct text component = {cgroup.at + from, i - from}, id;

		if (i < cgroup.n && cgroup.at[i] != '/')
			continue;
		from = i + 1;
		if (!component.n)
			continue;
		id = component.n >= ID_DIGITS ? id_in(component) : (struct text){0};
		if (!id.at)
			id = lxc_name(folder, component);
		if (id.at && !is_helper(component))
			found = id;
		folder = component;
	}
	return found;
}

struct text container_runtime(struct text cgroup)
{
	static const struct {
		const char *part;
		struct text name;
	} forms[] = {
		{"docker", {"docker", 6}}, {"cri-containerd", {"containerd", 10}},
		{"crio-", {"cri-o", 5}}, {"libpod", {"podman", 6}}, {"lxc", {"lxc", 3}},
		{"machine.slice", {"systemd-nspawn", 14}}, {"containerd", {"containerd", 10}},
	};

	if (!container_id(cgroup).n)
		return (struct text){0};
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		if (memmem(cgroup.at, cgroup.n, forms[i].part, strlen(forms[i].part)))
			return forms[i].name;
	return (struct text){0};
}
