// SPDX-License-Identifier: Apache-2.0
// Names of users: passwd(5) read into an array that is sorted by id.

#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "sensor/users.h"

enum { USERS_MAX = 100000 };

struct user {
	uint32_t uid, line;
	struct text name; /* in the copy of the text */
};

struct users {
	char *passwd;
	struct user *at;
	size_t n;
};

static int user_compare(const void *a, const void *b)
{
	const struct user *left = a, *right = b;

	if (left->uid != right->uid)
		return left->uid < right->uid ? -1 : 1;
	return left->line < right->line ? -1 : left->line > right->line;
}

/* The field that begins at `at` and ends before a colon; NULL if the line ends first. */
static const char *field_end(const char *at, const char *end)
{
	return memchr(at, ':', (size_t)(end - at));
}

/* name:password:uid:... */
static bool user_read(struct user *user, const char *line, const char *end)
{
	const char *name_end = field_end(line, end), *password_end, *uid_end;
	struct text digits;
	int64_t uid;

	password_end = name_end ? field_end(name_end + 1, end) : NULL;
	uid_end = password_end ? field_end(password_end + 1, end) : NULL;
	if (!uid_end || name_end == line)
		return false;
	digits = (struct text){password_end + 1, (size_t)(uid_end - password_end - 1)};
	if (!text_number(digits, &uid) || uid < 0 || uid > UINT32_MAX)
		return false;
	user->uid = (uint32_t)uid;
	user->name = (struct text){line, (size_t)(name_end - line)};
	return true;
}

static void user_add(struct users *users, const struct user *user)
{
	size_t size = users->n ? 2 * users->n : 1;

	if (!(users->n & (users->n - 1)))
		users->at = memory_resize(users->at, size, sizeof *users->at);
	users->at[users->n++] = *user;
}

struct users *users_new(const char *passwd)
{
	struct users *users = memory_new(sizeof *users);
	const char *line, *end;

	users->passwd = memory_string(passwd ? passwd : "");
	for (line = users->passwd; *line && users->n < USERS_MAX; line = *end ? end + 1 : end) {
		struct user user = {.line = (uint32_t)users->n};

		end = strchrnul(line, '\n');
		if (!user_read(&user, line, end))
			continue;
		user_add(users, &user);
	}
	if (users->n)
		qsort(users->at, users->n, sizeof *users->at, user_compare);
	return users;
}

void users_free(struct users **users)
{
	if (!*users)
		return;
	free((*users)->passwd);
	free((*users)->at);
	memory_free(users);
}

struct text users_name(const struct users *users, uint32_t uid)
{
	size_t low = 0, high = users->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (users->at[middle].uid < uid)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == users->n || users->at[low].uid != uid)
		return (struct text){0};
	return users->at[low].name;
}
