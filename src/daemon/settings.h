/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The settings: one field for each line of setting.def, with its default until a file says
 * otherwise.
 *
 *	struct settings settings;
 *	settings_init(&settings);
 *	if (settings_read(&settings, SETTINGS_FILE, &err) < 0) ...
 *	settings_clear(&settings);
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Where they are read from if no other file is named. */
#define SETTINGS_FILE "/etc/saker/saker.conf"

/* Values separated by blanks; `at` has room for a NULL behind the last. */
struct setting_list {
	char **at;
	size_t n;
};

#define SETTING_C_text char *
#define SETTING_C_number int64_t
#define SETTING_C_flag bool
#define SETTING_C_list struct setting_list
#define SETTING(type, name, ...) SETTING_C_##type name;
struct settings {
#include "daemon/setting.def"
};
#undef SETTING

/* All defaults. */
void settings_init(struct settings *settings);

/*
 * Takes over what the file says: one `name = value` per line, '#' begins a comment. A file that
 * does not exist changes nothing. -1 with "FILE:LINE: sentence" for an unknown name (with the
 * nearest known one), a value of the wrong type, a name that stands twice, or a line without '=';
 * what stood before stays taken over.
 */
int settings_read(struct settings *settings, const char *path, struct error *err);

void settings_clear(struct settings *settings);

/* One line of the table, for documentation. */
struct setting {
	const char *type, *name, *default_, *sentence;
};

extern const struct setting setting_table[];
extern const size_t setting_count;
