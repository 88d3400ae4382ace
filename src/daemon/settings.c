// SPDX-License-Identifier: Apache-2.0
// The settings: defaults from the table, then what a file says.

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/nearest.h"
#include "base/own.h"
#include "base/text.h"
#include "daemon/settings.h"

const struct setting setting_table[] = {
#define SETTING(type, name, default_, sentence) {#type, #name, default_, sentence},
#include "daemon/setting.def"
#undef SETTING
};

const size_t setting_count = array_size(setting_table);

static void text_set(char **value, const char *text)
{
	free(*value);
	*value = memory_string(text);
}

static void list_free(struct setting_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->at[i]);
	free(list->at);
	*list = (struct setting_list){0};
}

static void list_set(struct setting_list *list, const char *text)
{
	until_return(memory_free) char *copy = memory_string(text);
	char *rest = copy, *word;

	list_free(list);
	list->at = memory_resize(NULL, 1, sizeof *list->at);
	while ((word = strsep(&rest, " \t")))
		if (*word) {
			list->at = memory_resize(list->at, list->n + 2, sizeof *list->at);
			list->at[list->n++] = memory_string(word);
		}
	list->at[list->n] = NULL;
}

static const char *set_text(char **value, const char *text)
{
	text_set(value, text);
	return NULL;
}

static const char *set_list(struct setting_list *value, const char *text)
{
	list_set(value, text);
	return NULL;
}

static const char *set_number(int64_t *value, const char *text)
{
	int64_t number;

	if (!text_number(text_of(text), &number) || number < 0)
		return "a whole number, 0 or more";
	*value = number;
	return NULL;
}

__attribute__((unused)) /* the table may hold none */
static const char *set_flag(bool *value, const char *text)
{
	bool yes = !strcmp(text, "yes"), no = !strcmp(text, "no");

	if (!yes && !no)
		return "yes or no";
	*value = yes;
	return NULL;
}

/* Takes over one value; NULL, or what should stand there instead. `index` is the setting's line in
 * the table. */
static const char *set(struct settings *settings, size_t index, const char *text)
{
	size_t i = 0;

#define SETTING(type, name, ...)                                                                  \
	if (i++ == index)                                                                         \
		return set_##type(&settings->name, text);
#include "daemon/setting.def"
#undef SETTING
	return "nothing";
}

void settings_init(struct settings *settings)
{
	*settings = (struct settings){0};
	for (size_t i = 0; i < setting_count; i++)
		set(settings, i, setting_table[i].default_);
}

static char *trim(char *text)
{
	size_t n;

	while (isspace((unsigned char)*text))
		text++;
	n = strlen(text);
	while (n && isspace((unsigned char)text[n - 1]))
		text[--n] = 0;
	return text;
}

static size_t setting_find(const char *name)
{
	size_t i = 0;

	while (i < setting_count && strcmp(setting_table[i].name, name))
		i++;
	return i;
}

static const char *nearest_setting(const char *name)
{
	const char *names[array_size(setting_table)];

	for (size_t i = 0; i < setting_count; i++)
		names[i] = setting_table[i].name;
	return nearest(name, names, setting_count);
}

static int unknown(const char *path, unsigned line, const char *name, struct error *err)
{
	const char *meant = nearest_setting(name);

	if (meant)
		return fail(err, "%s:%u: no setting is called '%s'; did you mean '%s'", path, line,
			name, meant);
	return fail(err, "%s:%u: no setting is called '%s' (see `saker config --explain`)", path,
		line, name);
}

/* `seen` has a flag for each setting. */
static int line_read(struct settings *settings, char *text, bool *seen, const char *path,
	unsigned line, struct error *err)
{
	char *comment = strchr(text, '#'), *equals, *name, *value;
	const char *wanted;
	size_t index;

	if (comment)
		*comment = 0;
	text = trim(text);
	if (!*text)
		return 0;
	equals = strchr(text, '=');
	if (!equals)
		return fail(err, "%s:%u: no '=' in '%.64s'; write: name = value", path, line,
			text);
	*equals = 0;
	name = trim(text);
	value = trim(equals + 1);
	index = setting_find(name);
	if (index == setting_count)
		return unknown(path, line, name, err);
	if (seen[index])
		return fail(err, "%s:%u: '%s' stands twice; keep one of the lines", path, line,
			name);
	seen[index] = true;
	wanted = set(settings, index, value);
	if (wanted)
		return fail(err, "%s:%u: '%s' must be %s, not '%.64s'", path, line, name, wanted,
			value);
	return 0;
}

int settings_read(struct settings *settings, const char *path, struct error *err)
{
	until_return(file_close) FILE *file = fopen(path, "re");
	bool seen[array_size(setting_table)] = {0};
	char text[4096];

	if (!file)
		return errno == ENOENT ? 0 : fail(err, "cannot open '%s': %m", path);
	for (unsigned line = 1; fgets(text, sizeof text, file); line++) {
		if (!strchr(text, '\n') && !feof(file))
			return fail(err, "%s:%u: the line has more than %zu bytes", path, line,
				sizeof text - 1);
		if (line_read(settings, text, seen, path, line, err) < 0)
			return -1;
	}
	return ferror(file) ? fail(err, "cannot read '%s': %m", path) : 0;
}

#define CLEAR_text(name) memory_free(&settings->name);
#define CLEAR_list(name) list_free(&settings->name);
#define CLEAR_number(name)
#define CLEAR_flag(name)
void settings_clear(struct settings *settings)
{
#define SETTING(type, name, ...) CLEAR_##type(name)
#include "daemon/setting.def"
#undef SETTING
}
