// SPDX-License-Identifier: Apache-2.0
// Where logins are read from: a log, where there is one, else the journal of systemd.

#include <string.h>
#include <unistd.h>

#include "base/own.h"
#include "daemon/login_source.h"

static bool journal_is_there(void)
{
	return !access("/usr/bin/journalctl", X_OK) &&
		(!access("/run/log/journal", F_OK) || !access("/var/log/journal", F_OK));
}

const char *login_source(const char *setting)
{
	static const char *const usual[] = {"/var/log/auth.log", "/var/log/secure"};

	if (*setting)
		return setting;
	for (size_t i = 0; i < array_size(usual); i++)
		if (!access(usual[i], R_OK))
			return usual[i];
	return journal_is_there() ? "journal" : NULL;
}

bool login_source_is_journal(const char *source, const char **folder)
{
	if (strcmp(source, "journal") && strncmp(source, "journal:", 8))
		return false;
	*folder = source[7] ? source + 8 : "";
	return true;
}
