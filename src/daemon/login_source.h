/* SPDX-License-Identifier: Apache-2.0 */
/* Where logins are read from. */
#pragma once

#include <stdbool.h>

/*
 * What the setting `auth_log` comes down to here: the path of a log, or "journal", or
 * "journal:FOLDER"; NULL if there is neither a log nor a journal.
 */
const char *login_source(const char *setting);

/* Whether that is the journal; `folder` gets the folder, "" for that of this host. */
bool login_source_is_journal(const char *source, const char **folder);
