// SPDX-License-Identifier: Apache-2.0
// Orders of the engine, carried out by the parent.

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/own.h"
#include "daemon/order.h"
#include "daemon/procfs.h"

enum { ANCESTORS_MAX = 64 };

static_assert(sizeof(struct wire_clause) <= sizeof((struct message_clause *)0)->clause,
	"a clause fits into its message");
static_assert(PLACE_PATH_MAX < sizeof((struct message_place *)0)->prefix,
	"a place fits into its message");

static bool is_above(pid_t pid)
{
	struct procfs facts;
	pid_t up = getpid();

	for (int i = 0; i < ANCESTORS_MAX && up > 1; i++) {
		if (up == pid)
			return true;
		if (procfs_read(up, &facts, NULL))
			return false;
		up = facts.parent;
	}
	return false;
}

int order_kill(const struct message_kill *order)
{
	pid_t pid = (pid_t)order->pid;
	until_return(fd_close) int target = -1;
	struct procfs facts;

	if (pid <= 1 || is_above(pid))
		return EPERM;
	target = (int)syscall(SYS_pidfd_open, pid, 0);
	if (target < 0)
		return errno;
	/*
	 * read after the descriptor was opened: if the start is right now, the descriptor means
	 * the same process
	 */
	if (procfs_read(pid, &facts, NULL) || !procfs_started_at(&facts, order->start))
		return ESRCH;
	if (facts.parent == getpid())
		return EPERM;
	return syscall(SYS_pidfd_send_signal, target, SIGKILL, NULL, 0) ? errno : 0;
}

int order_image(struct sensor *sensor, const struct message_image *order, struct error *err)
{
	struct wire_image_key key = {.hash = order->hash, .how = order->how};

	if (order->how != IMAGE_path && order->how != IMAGE_name)
		return fail(err, "the engine ordered image bits for a key of kind %u", order->how);
	return sensor_image(sensor, &key, order->bits, err);
}

int order_place(struct sensor *sensor, const struct message_place *order, struct error *err)
{
	size_t n = strnlen(order->prefix, sizeof order->prefix);

	if (!n || n > PLACE_PATH_MAX || order->prefix[0] != '/')
		return fail(err, "the engine ordered image bits for a folder that is none");
	return sensor_place(sensor, order->prefix, order->bits, order->watched ? PLACE_watched : 0,
		err);
}

int order_clause(struct sensor *sensor, const struct message_clause *order, struct error *err)
{
	struct wire_clause clause;

	memcpy(&clause, order->clause, sizeof clause);
	if (order->index >= CLAUSES_MAX || clause.in_use > 1 || clause.uid_asked > 1 ||
		clause.hash_asked > 1 || !clause.acts || clause.acts & ~(u32)ACT_ALL)
		return fail(err,
			"the engine ordered a clause %u that the kernel side does not know",
			order->index);
	if (!clause.object_any && !clause.image_any && !clause.parent_any &&
		!clause.ancestor_any && !clause.file_flags && !clause.uid_asked &&
		!clause.hash_asked)
		return fail(err, "the engine ordered a clause that would refuse everything");
	return sensor_clause(sensor, order->index, &clause, err);
}

int order_address(struct sensor *sensor, const struct message_address *order, struct error *err)
{
	struct wire_address_key key = {
		.family = order->family, .bits = WIRE_ADDRESS_FAMILY + order->bits};
	size_t n = order->family == AF_INET ? 4 : 16;

	if (order->family != AF_INET && order->family != AF_INET6)
		return fail(err, "the engine ordered an address of family %u", order->family);
	/* what would refuse a quarter of all addresses is a mistake, whoever made it */
	if (order->bits > 8 * n || order->bits < 8)
		return fail(err, "the engine ordered a network of %u bits", order->bits);
	memcpy(key.bytes, order->bytes, n);
	if (order->allow) {
		sensor_allow_address(sensor, &key);
		return 0;
	}
	return sensor_deny_address(sensor, &key, order->rule, err);
}
