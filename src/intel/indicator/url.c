// SPDX-License-Identifier: Apache-2.0
// URLs in the form in which they are compared.

#include "intel/indicator/key.h"
#include "intel/indicator/url.h"

enum { SCHEME_MAX = 16, HOST_MAX = 255 };

static const struct {
	const char *scheme;
	struct text port;
} ports[] = {
	{"http", {"80", 2}},
	{"https", {"443", 3}},
	{"ftp", {"21", 2}},
	{"ws", {"80", 2}},
	{"wss", {"443", 3}},
};

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
}

static bool is_letter(char c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

/* Bytes of the scheme before "://", 0 if there is none. */
static size_t scheme_length(struct text url)
{
	for (size_t i = 0; i < url.n && i <= SCHEME_MAX; i++) {
		char c = url.at[i];

		if (c == ':')
			return i && i + 2 < url.n && url.at[i + 1] == '/' && url.at[i + 2] == '/'
				? i
				: 0;
		if (!is_letter(c) && !(i && ((c >= '0' && c <= '9') || c == '+' || c == '-')))
			return 0;
	}
	return 0;
}

struct parts {
	struct text scheme, host, port, rest;
};

/* Splits "host:port" or "[v6]:port". */
static bool authority_split(struct text authority, struct parts *parts)
{
	const char *end = authority.n && authority.at[0] == '['
		? memchr(authority.at, ']', authority.n)
		: NULL;
	size_t n = end ? (size_t)(end + 1 - authority.at) : 0;

	while (n < authority.n && authority.at[n] != ':')
		n++;
	parts->host = (struct text){authority.at, n};
	parts->port = n < authority.n ? (struct text){authority.at + n + 1, authority.n - n - 1}
				      : (struct text){0};
	while (parts->host.n && parts->host.at[parts->host.n - 1] == '.')
		parts->host.n--;
	return parts->host.n && parts->host.n <= HOST_MAX;
}

static bool url_split(struct text url, struct parts *parts)
{
	size_t scheme = scheme_length(url), start = scheme ? scheme + 3 : 0, end = start;

	parts->scheme = (struct text){url.at, scheme};
	while (end < url.n && url.at[end] != '/' && url.at[end] != '?' && url.at[end] != '#') {
		if (url.at[end] == '@')
			start = end + 1;
		end++;
	}
	parts->rest = (struct text){url.at + end, url.n - end};
	return authority_split((struct text){url.at + start, end - start}, parts);
}

/* Which of eight bytes may end a host, or show that what came was none. */
static uint64_t host_ends(uint64_t word)
{
	return lanes_find(word, '/') | lanes_find(word, ':') | lanes_find(word, '?') |
		lanes_find(word, '#') | lanes_find(word, '@') | lanes_find(word, '[');
}

/*
 * The host of most URLs: letters, digits and dots up to the first '/'. No text where it is not so
 * simple.
 */
static struct text plain_host(struct text url)
{
	uint64_t scheme = url.n >= 16 ? lanes_lower(key_load8(url.at)) : 0;
	size_t start = scheme == key_load8("https://") ? 8
		: (scheme ^ key_load8("http://")) << 8 ? 0
						       : 7;

	for (size_t at = start; start && at + 8 <= url.n; at += 8) {
		uint64_t ends = host_ends(key_load8(url.at + at));
		size_t end;

		if (!ends)
			continue;
		end = at + (size_t)__builtin_ctzll(ends) / 8;
		if (url.at[end] != '/' || end == start || url.at[end - 1] == '.')
			break;
		return (struct text){url.at + start, end - start};
	}
	return (struct text){0};
}

struct text url_host(struct text url)
{
	struct text host = plain_host(url);
	struct parts parts;

	if (host.n && host.n <= HOST_MAX)
		return host;
	return url.n && url_split(url, &parts) ? parts.host : (struct text){0};
}

uint64_t url_host_key(uint64_t seed, struct text host)
{
	return key_of_changed(seed, host.at, host.n, lanes_lower);
}

static bool is_default_port(const struct parts *parts)
{
	if (!parts->port.n)
		return true;
	for (size_t i = 0; i < sizeof ports / sizeof *ports; i++) {
		size_t n = strlen(ports[i].scheme), same = 0;

		while (same < n && same < parts->scheme.n &&
			lower(parts->scheme.at[same]) == ports[i].scheme[same])
			same++;
		if (same == n && n == parts->scheme.n)
			return text_equal(parts->port, ports[i].port);
	}
	return false;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return lower(c) >= 'a' && lower(c) <= 'f' ? lower(c) - 'a' + 10 : -1;
}

static bool is_unreserved(int c)
{
	return is_letter((char)c) || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
		c == '~';
}

static void put(struct url *url, char c)
{
	url->text[url->n++] = c;
}

static void put_lower(struct url *url, struct text text)
{
	for (size_t i = 0; i < text.n; i++)
		put(url, lower(text.at[i]));
}

/* Path and query up to the fragment. */
static bool put_rest(struct url *url, struct text rest)
{
	static const char digits[] = "0123456789ABCDEF";

	size_t behind = 0; /* the last '%' that begins nothing, and a byte more */

	if (!rest.n || rest.at[0] != '/')
		put(url, '/');
	for (size_t i = 0; i < rest.n && rest.at[i] != '#'; i++) {
		char c = rest.at[i];
		int high = c == '%' && i + 2 < rest.n ? digit_of(rest.at[i + 1]) : -1,
		    low = high >= 0 ? digit_of(rest.at[i + 2]) : -1;

		if ((unsigned char)c <= ' ' || c == 0x7f)
			return false;
		if (low < 0) {
			put(url, c);
			if (c == '%')
				behind = url->n + 1;
			continue;
		}
		i += 2;
		/* what is put behind such a '%' must not make it begin something */
		if (is_unreserved(high << 4 | low) && url->n > behind) {
			put(url, (char)(high << 4 | low));
			continue;
		}
		put(url, '%');
		put(url, digits[high]);
		put(url, digits[low]);
	}
	return true;
}

static bool is_plain(struct text text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.at[i] <= ' ' || text.at[i] == 0x7f)
			return false;
	return true;
}

bool url_normalise(struct text text, struct url *url)
{
	struct parts parts;

	/* it can grow by the '/' that stands for no path */
	if (!text.n || text.n >= sizeof url->text || !url_split(text, &parts))
		return false;
	if (!is_plain(parts.host) || !is_plain(parts.port))
		return false;
	url->n = url->host = 0;
	if (parts.scheme.n) {
		put_lower(url, parts.scheme);
		memcpy(url->text + url->n, "://", 3);
		url->host = url->n += 3;
	}
	put_lower(url, parts.host);
	if (!is_default_port(&parts)) {
		put(url, ':');
		put_lower(url, parts.port);
	}
	return put_rest(url, parts.rest);
}

size_t url_host_at(struct text normalised)
{
	size_t scheme = scheme_length(normalised);

	return scheme ? scheme + 3 : 0;
}
