// SPDX-License-Identifier: Apache-2.0
// Paths of files as texts.

#include "sensor/path.h"

/* The length of the part of a path that begins at `i`. */
static size_t part_length(struct text path, size_t i)
{
	const char *slash = memchr(path.at + i, '/', path.n - i);

	return slash ? (size_t)(slash - path.at) - i : path.n - i;
}

static bool is_dots(const char *part, size_t n)
{
	return n <= 2 && part[0] == '.' && part[n - 1] == '.';
}

static bool is_canonical(struct text path)
{
	size_t n;

	for (size_t i = 1; i < path.n; i += n + 1) {
		n = part_length(path, i);
		if (!n || is_dots(path.at + i, n))
			return false;
	}
	return path.n < 2 || path.at[path.n - 1] != '/';
}

struct text path_canonical(struct arena *arena, struct text path)
{
	char *to;
	size_t n = 0, part;

	if (!path.n || path.at[0] != '/' || is_canonical(path))
		return path;
	to = arena_alloc(arena, path.n + 1);
	for (size_t i = 1; i < path.n; i += part + 1) {
		part = part_length(path, i);
		if (part == 2 && is_dots(path.at + i, part)) {
			while (n && to[--n] != '/')
				;
		} else if (part && !is_dots(path.at + i, part)) {
			to[n++] = '/';
			memcpy(to + n, path.at + i, part);
			n += part;
		}
	}
	if (!n)
		to[n++] = '/';
	return (struct text){to, n};
}

struct text path_absolute(struct arena *arena, struct text folder, struct text path)
{
	char *joined;

	if (!path.n || path.at[0] == '/' || !folder.n || folder.at[0] != '/')
		return path_canonical(arena, path);
	joined = arena_alloc(arena, folder.n + 1 + path.n);
	memcpy(joined, folder.at, folder.n);
	joined[folder.n] = '/';
	memcpy(joined + folder.n + 1, path.at, path.n);
	return path_canonical(arena, (struct text){joined, folder.n + 1 + path.n});
}

struct text path_extension(struct text path)
{
	struct text name = text_basename(path);
	const char *dot = name.at ? memrchr(name.at, '.', name.n) : NULL;

	if (!dot || dot == name.at)
		return (struct text){0};
	return (struct text){dot + 1, (size_t)(name.at + name.n - dot - 1)};
}
