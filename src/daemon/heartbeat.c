// SPDX-License-Identifier: Apache-2.0
// A sign of life to the outside: a datagram of syslog (RFC 5424, RFC 5426) every few seconds.
// Whoever receives them notices when they end, whatever was done to this host.

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/own.h"
#include "daemon/parent_private.h"
#include "sensor/isolate.h"

enum { PRIORITY = 14 }; /* facility user, severity informational (RFC 5424, 6.2.1) */

int heartbeat_open(struct parent *parent, struct error *err)
{
	const char *where = parent->options->heartbeat;
	struct isolate_allowed to;
	struct sockaddr_in6 six = {.sin6_family = AF_INET6};
	struct sockaddr_in four = {.sin_family = AF_INET};
	bool is_four;

	if (!*where)
		return 0;
	if (isolate_read(text_of(where), &to, err) < 0)
		return fail_in(err, "setting `heartbeat`: ");
	is_four = to.key.family == AF_INET;
	if (!to.port)
		return fail(err, "setting `heartbeat`: '%s' has no port; syslog's is 514", where);
	memcpy(&four.sin_addr, to.key.bytes, sizeof four.sin_addr);
	memcpy(&six.sin6_addr, to.key.bytes, sizeof six.sin6_addr);
	four.sin_port = six.sin6_port = htons(to.port);
	parent->heart = socket((int)to.key.family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (parent->heart < 0 ||
		connect(parent->heart, is_four ? (void *)&four : (void *)&six,
			is_four ? sizeof four : sizeof six))
		return fail(err, "setting `heartbeat`: cannot send to '%s': %m", where);
	gethostname(parent->host, sizeof parent->host - 1);
	return 0;
}

void heartbeat_tick(struct parent *parent)
{
	const struct numbers *numbers = parent->numbers;
	char now[32], text[512];
	time_t seconds = time(NULL);
	struct tm utc;
	int n;

	if (parent->heart < 0 || now_ms() < parent->heart_due)
		return;
	parent->heart_due = now_ms() + 1000 * parent->options->heartbeat_seconds;
	strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &utc));
	n = snprintf(text, sizeof text,
		"<%d>1 %s %.255s saker %d heartbeat - number=%llu state=%s events=%llu "
		"missing=%llu detections=%llu",
		PRIORITY, now, parent->host, getpid(), (unsigned long long)++parent->heart_number,
		parent->engine_ready && parent->store_ready ? "watching" : "degraded",
		(unsigned long long)numbers->events, (unsigned long long)numbers->missing,
		(unsigned long long)(numbers->detections[0] + numbers->detections[1] +
			numbers->detections[2] + numbers->detections[3]));
	/* nobody may listen there now: that is theirs to notice */
	(void)!send(parent->heart, text, (size_t)n, MSG_NOSIGNAL);
}
