// SPDX-License-Identifier: Apache-2.0
// The value of an indicator, read from the text of a feed.

#include "base/own.h"
#include "intel/guess.h"
#include "intel/indicator/address.h"
#include "intel/indicator/defang.h"
#include "intel/indicator/domain.h"
#include "intel/indicator/key.h"
#include "intel/indicator/path.h"
#include "intel/indicator/url.h"
#include "intel/indicator/value.h"

const uint8_t indicator_widths[INDICATOR_TYPES] = {
#define INDICATOR(name, bytes, ...) [INDICATOR_##name] = bytes,
#include "intel/indicator.def"
#undef INDICATOR
};

enum { EMAIL_MAX = 320, USER_AGENT_MAX = 2048 };

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 32);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool hash_read(struct text text, uint8_t *bytes, size_t n)
{
	int all = 0;

	if (text.n != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = digit_of(text.at[2 * i]), low = digit_of(text.at[2 * i + 1]);

		all |= high | low;
		bytes[i] = (uint8_t)((unsigned)high << 4 | ((unsigned)low & 15));
	}
	return all >= 0;
}

static const char *read_hash(struct text text, struct value *value)
{
	size_t n = indicator_widths[value->type];
	uint8_t any = 0;

	if (!hash_read(text, value->bytes, n))
		return n == 16 ? "is no hash of 32 hexadecimal digits"
			: n == 20 ? "is no hash of 40 hexadecimal digits"
				  : "is no hash of 64 hexadecimal digits";
	for (size_t i = 0; i < n; i++)
		any |= value->bytes[i];
	value->n = n;
	return any ? NULL : "is the hash of nothing";
}

static const char *read_address(struct text text, struct value *value)
{
	struct ip_address address;

	if (!ip_read(host_without_port(text), &address))
		return "is no IPv4 or IPv6 address";
	value->type = address.family == 4 ? INDICATOR_ipv4 : INDICATOR_ipv6;
	value->n = indicator_widths[value->type];
	memcpy(value->bytes, address.bytes, value->n);
	return NULL;
}

/* A range of one address is an address. */
static const char *read_range(struct text text, struct value *value)
{
	struct ip_address address;
	unsigned length;
	bool stray;

	if (!ip_range_read(text, &address, &length, &stray))
		return "is no range of IPv4 or IPv6 addresses";
	if (!length)
		return "is the range of all addresses";
	if (stray)
		value->remark = "has bits behind the length of its range; they do not count";
	value->n = address.family == 4 ? 4 : 16;
	memcpy(value->bytes, address.bytes, value->n);
	value->type = address.family == 4 ? INDICATOR_ipv4 : INDICATOR_ipv6;
	if (length < 8 * value->n) {
		value->type = address.family == 4 ? INDICATOR_ipv4_range : INDICATOR_ipv6_range;
		value->bytes[value->n++] = (uint8_t)length;
	}
	return NULL;
}

static void keep_lower(struct text text, struct value *value)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.at[i];

		value->bytes[i] = (uint8_t)(c >= 'A' && c <= 'Z' ? c | 32 : c);
	}
	value->n = text.n;
}

static const char *read_domain(struct text text, struct value *value)
{
	if (text.n > 2 && text.at[0] == '*' && text.at[1] == '.')
		text = (struct text){text.at + 2, text.n - 2};
	if (text.n > 1 && text.at[0] == '.')
		text = (struct text){text.at + 1, text.n - 1};
	if (!domain_is_valid(text)) {
		for (size_t i = 0; i < text.n; i++)
			if ((unsigned char)text.at[i] > 0x7f)
				return "is no domain in ASCII; write its \"xn--\" form";
		return "is no domain of two labels or more";
	}
	if (text.at[text.n - 1] == '.')
		text.n--;
	keep_lower(text, value);
	return NULL;
}

static const char *read_url(struct text text, struct value *value)
{
	struct url url;

	if (text.n >= INDICATOR_VALUE_MAX)
		return "is too long for a URL (4,095 bytes)";
	if (!url_normalise(text, &url))
		return "is no URL with a host";
	memcpy(value->bytes, url.text, url.n);
	value->n = url.n;
	return NULL;
}

static const char *read_path(struct text text, struct value *value)
{
	struct text name = path_name(text);

	if (text.n > INDICATOR_VALUE_MAX)
		return "is too long for a path (4,096 bytes)";
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.at[i] < ' ')
			return "holds a control character";
	if (text.at[0] == '%' || text.at[0] == '$' || text.at[0] == '~')
		return "begins with a variable; write the path itself, or only the file's name";
	if (!name.n)
		return "names a folder; write the path of a file, or its name";
	if (memchr(text.at, '*', text.n) || memchr(text.at, '?', text.n))
		return "has a wildcard, which a path of an indicator cannot have";
	memcpy(value->bytes, text.at, text.n);
	value->n = text.n;
	return NULL;
}

static const char *read_email(struct text text, struct value *value)
{
	const char *at = memchr(text.at, '@', text.n);
	struct text domain = at ? (struct text){at + 1, text.n - (size_t)(at + 1 - text.at)}
				: (struct text){0};

	if (!at || at == text.at || text.n > EMAIL_MAX || !domain_is_valid(domain))
		return "is no e-mail address";
	keep_lower(text, value);
	return NULL;
}

static const char *read_user_agent(struct text text, struct value *value)
{
	if (text.n > USER_AGENT_MAX)
		return "is too long for a user agent (2,048 bytes)";
	memcpy(value->bytes, text.at, text.n);
	value->n = text.n;
	return NULL;
}

static const char *read_typed(struct text text, struct value *value)
{
	switch (value->type) {
	case INDICATOR_md5:
	case INDICATOR_sha1:
	case INDICATOR_sha256:
	case INDICATOR_imphash: return read_hash(text, value);
	case INDICATOR_ipv4:
	case INDICATOR_ipv6:
	case INDICATOR_ipv4_range:
	case INDICATOR_ipv6_range:
		return memchr(text.at, '/', text.n) ? read_range(text, value)
						    : read_address(text, value);
	case INDICATOR_domain: return read_domain(text, value);
	case INDICATOR_url: return read_url(text, value);
	case INDICATOR_path: return read_path(text, value);
	case INDICATOR_email: return read_email(text, value);
	case INDICATOR_user_agent: return read_user_agent(text, value);
	case INDICATOR_TYPES: break;
	}
	return "is no hash, address, range, domain, URL, path or e-mail address";
}

/* A range has no type of its own among the values of events. */
static enum indicator_type guess(struct text text)
{
	struct ip_address address;
	unsigned length;
	bool stray;

	if (ip_range_read(text, &address, &length, &stray))
		return INDICATOR_ipv4_range;
	if (ip_read(host_without_port(text), &address))
		return INDICATOR_ipv4;
	if (text.n > 2 && text.at[0] == '*' && text.at[1] == '.')
		return INDICATOR_domain;
	return indicator_guess(text);
}

static bool is_text_as_it_is(enum indicator_type type)
{
	return type == INDICATOR_path || type == INDICATOR_user_agent;
}

const char *value_read(enum indicator_type type, struct text text, struct value *value)
{
	char room[INDICATOR_VALUE_MAX];
	struct text plain = text;

	value->remark = NULL;
	if (!text.n)
		return "is empty";
	if (!is_text_as_it_is(type))
		plain = defang(text, room, sizeof room);
	value->type = type == INDICATOR_TYPES ? guess(plain) : type;
	return read_typed(value->type == INDICATOR_path ? text : plain, value);
}

uint64_t value_key(uint64_t seed, enum indicator_type type, const uint8_t *bytes, size_t n)
{
	struct text text = {(const char *)bytes, n};
	size_t host;

	switch (type) {
	case INDICATOR_domain: return domain_key(seed, text);
	case INDICATOR_url:
		host = url_host_at(text);
		return key_of(seed, bytes + host, n - host);
	case INDICATOR_path: return path_key(seed, text);
	default: return key_of(seed, bytes, n);
	}
}
