// SPDX-License-Identifier: Apache-2.0
// What a value may be, told by its letters.

#include "base/own.h"
#include "intel/guess.h"
#include "intel/indicator/address.h"
#include "intel/indicator/domain.h"
#include "intel/indicator/url.h"
#include "intel/indicator/value.h"

/* What stands in a text, one bit for each kind of letter. */
enum {
	DIGIT = 1 << 0,
	HEX = 1 << 1, /* a to f */
	LETTER = 1 << 2, /* g to z */
	DOT = 1 << 3,
	DASH = 1 << 4, /* and '_' */
	COLON = 1 << 5,
	SLASH = 1 << 6,
	BACKSLASH = 1 << 7,
	AT = 1 << 8,
	STRANGE = 1 << 9, /* anything else: 0 in the table */
};

static const uint16_t kinds[256] = {
	['0' ... '9'] = DIGIT,
	['a' ... 'f'] = HEX,
	['A' ... 'F'] = HEX,
	['g' ... 'z'] = LETTER,
	['G' ... 'Z'] = LETTER,
	['.'] = DOT,
	['-'] = DASH,
	['_'] = DASH,
	[':'] = COLON,
	['/'] = SLASH,
	['\\'] = BACKSLASH,
	['@'] = AT,
};

/* Ends of names of files that are no top-level domains. */
static const char *const endings[] = {"asp", "aspx", "bat", "bin", "bmp", "class", "cmd", "cpl",
	"dat", "dll", "doc", "docm", "docx", "elf", "exe", "gif", "gz", "hta", "iso", "jar", "jpg",
	"js", "jsp", "jspx", "lnk", "log", "msi", "ocx", "pdf", "php", "png", "ppt", "pptx",
	"ps1", "rar", "rtf", "scr", "svg", "sys", "tmp", "txt", "vbe", "vbs", "wsf", "xls", "xlsm",
	"xlsx", "xml"};

static unsigned kinds_of(struct text text)
{
	unsigned all = 0;

	for (size_t i = 0; i < text.n; i++) {
		unsigned kind = kinds[(unsigned char)text.at[i]];

		all |= kind ? kind : STRANGE;
	}
	return all;
}

static bool is_letter(char c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

/* Behind the last dot stands something that only files end in. */
static bool is_file_name(struct text text)
{
	char end[6];
	size_t n = 0;

	while (n < text.n && text.at[text.n - 1 - n] != '.')
		n++;
	if (n == text.n || !n || n >= sizeof end)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = text.at[text.n - n + i];

		end[i] = (char)(c >= 'A' && c <= 'Z' ? c | 32 : c);
	}
	for (size_t i = 0; i < array_size(endings); i++)
		if (text_equal((struct text){end, n}, text_of(endings[i])))
			return true;
	return false;
}

static bool is_rooted(struct text text)
{
	if (text.at[0] == '/')
		return text.n > 1;
	if (text.n < 3)
		return false;
	return (is_letter(text.at[0]) && text.at[1] == ':' &&
		(text.at[2] == '\\' || text.at[2] == '/')) ||
		(text.at[0] == '\\' && (text.at[1] == '\\' || text.at[1] == '?'));
}

static enum indicator_type guess_hash(size_t digits)
{
	switch (digits) {
	case 32: return INDICATOR_md5;
	case 40: return INDICATOR_sha1;
	case 64: return INDICATOR_sha256;
	default: return INDICATOR_TYPES;
	}
}

static enum indicator_type guess_address(struct text text)
{
	struct ip_address address;

	if (!ip_read(text, &address))
		return INDICATOR_TYPES;
	return address.family == 4 ? INDICATOR_ipv4 : INDICATOR_ipv6;
}

/* A host, then a path: a URL whose scheme was left out. */
static bool has_host_first(struct text text)
{
	const char *slash = memchr(text.at, '/', text.n);
	struct text host = {text.at, slash ? (size_t)(slash - text.at) : 0};
	struct ip_address address;

	return host.n && (domain_is_valid(host) || ip_read(host, &address));
}

static bool is_email(struct text text)
{
	const char *at = memchr(text.at, '@', text.n);

	return at && at > text.at &&
		domain_is_valid((struct text){at + 1, text.n - (size_t)(at + 1 - text.at)});
}

static bool only(unsigned all, unsigned allowed)
{
	return !(all & ~allowed);
}

/* A text without a scheme and not from the root on. */
static enum indicator_type guess_by_kinds(struct text text, unsigned all)
{
	const unsigned word = DIGIT | HEX | LETTER | DOT | DASH;

	if (only(all, DIGIT | HEX))
		return guess_hash(text.n);
	if (only(all, DIGIT | DOT) || ((all & COLON) && only(all, DIGIT | HEX | DOT | COLON)))
		return guess_address(text);
	if (only(all, word) && (all & DOT))
		return is_file_name(text) ? INDICATOR_path
			: domain_is_valid(text) ? INDICATOR_domain
						: INDICATOR_TYPES;
	if ((all & AT) && !(all & (SLASH | BACKSLASH | COLON)) && is_email(text))
		return INDICATOR_email;
	if (all & BACKSLASH)
		return INDICATOR_path;
	if ((all & SLASH) && (all & DOT) && has_host_first(text))
		return INDICATOR_url;
	return is_file_name(text) ? INDICATOR_path : INDICATOR_TYPES;
}

static bool has_scheme(struct text text)
{
	return is_letter(text.at[0]) && memmem(text.at, text.n < 16 ? text.n : 16, "://", 3);
}

enum indicator_type indicator_guess(struct text text)
{
	if (text.n < 3 || text.n > INDICATOR_VALUE_MAX)
		return INDICATOR_TYPES;
	if (has_scheme(text))
		return INDICATOR_url;
	if (is_rooted(text))
		return INDICATOR_path;
	return guess_by_kinds(text, kinds_of(text));
}

static bool ends_url(unsigned char c)
{
	return c <= ' ' || c == 0x7f || strchr("\"'<>`|^\\{}", c);
}

/* The URL whose "://" stands at `mark`, in a longer text; takes it off the front. */
static bool url_take(struct text *rest, const char *mark, struct indicator_part *part)
{
	const char *start = mark, *end = mark + 3, *last = rest->at + rest->n;

	while (start > rest->at &&
		(is_letter(start[-1]) || (start[-1] >= '0' && start[-1] <= '9')))
		start--;
	while (end < last && !ends_url((unsigned char)*end))
		end++;
	*rest = (struct text){end, (size_t)(last - end)};
	while (end > mark + 3 && strchr(".,;:!?)]", end[-1]))
		end--;
	*part = (struct indicator_part){
		INDICATOR_url, {start, (size_t)(end - start)}};
	return start < mark && end > mark + 3;
}

static const struct {
	const char *name;
	enum indicator_type type;
} hash_names[] = {
	{"MD5", INDICATOR_md5},
	{"SHA1", INDICATOR_sha1},
	{"SHA256", INDICATOR_sha256},
	{"IMPHASH", INDICATOR_imphash},
};

/* Takes what stands before `mark` off the front, with the mark. */
static struct text cut(struct text *rest, char mark)
{
	const char *at = memchr(rest->at, mark, rest->n);
	struct text first = {rest->at, at ? (size_t)(at - rest->at) : rest->n};
	size_t taken = first.n + (at != NULL);

	*rest = (struct text){rest->at + taken, rest->n - taken};
	return first;
}

static bool is_name(struct text text, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < n && i < text.n; i++)
		if ((text.at[i] & ~32) != (name[i] & ~32))
			return false;
	return text.n == n;
}

static bool names_hash(struct text text)
{
	for (size_t i = 0; i < array_size(hash_names); i++) {
		size_t n = strlen(hash_names[i].name);

		if (text.n > n && text.at[n] == '=' &&
			is_name((struct text){text.at, n}, hash_names[i].name))
			return true;
	}
	return false;
}

/* "SHA1=...,MD5=..." as Sysmon writes it; names that are no hashes of ours are passed over. */
static bool hash_take(struct text *rest, struct indicator_part *part)
{
	bool taken = false;

	while (rest->n && !(taken && names_hash(*rest))) {
		struct text value = cut(rest, ','), name = cut(&value, '=');

		for (size_t i = 0; i < array_size(hash_names); i++)
			if (is_name(name, hash_names[i].name) &&
				value.n == 2u * indicator_widths[hash_names[i].type]) {
				*part = (struct indicator_part){hash_names[i].type, value};
				taken = true;
			}
	}
	return taken;
}

static struct text trim(struct text text)
{
	while (text.n && (unsigned char)text.at[0] <= ' ')
		text = (struct text){text.at + 1, text.n - 1};
	while (text.n && (unsigned char)text.at[text.n - 1] <= ' ')
		text.n--;
	return text;
}

/* "type:  5 example.org" in the answers that Sysmon saw. */
static struct text without_record_type(struct text text)
{
	if (!text_starts(text, TEXT("type:")))
		return text;
	text = trim((struct text){text.at + 5, text.n - 5});
	while (text.n && text.at[0] >= '0' && text.at[0] <= '9')
		text = (struct text){text.at + 1, text.n - 1};
	return trim(text);
}

static bool plain_take(struct text *rest, struct indicator_part *part)
{
	while (rest->n) {
		struct text whole = is_rooted(*rest) ? *rest : cut(rest, ';');

		if (whole.n == rest->n && whole.at == rest->at)
			*rest = (struct text){rest->at + rest->n, 0};
		part->text = without_record_type(trim(whole));
		if (!part->text.n)
			continue;
		part->type = indicator_guess(part->text);
		if (part->type == INDICATOR_TYPES) {
			part->text = host_without_port(part->text);
			part->type = indicator_guess(part->text);
		}
		if (part->type != INDICATOR_TYPES)
			return true;
	}
	return false;
}

bool indicator_part(struct text *rest, struct indicator_part *part)
{
	const char *mark;

	if (rest->n < 3 || rest->n > GUESS_MAX)
		return false;
	if (names_hash(*rest))
		return hash_take(rest, part);
	mark = memmem(rest->at, rest->n, "://", 3);
	for (; mark; mark = rest->n ? memmem(rest->at, rest->n, "://", 3) : NULL)
		if (url_take(rest, mark, part))
			return true;
	return plain_take(rest, part);
}

struct finding {
	const struct indicators *set;
	int64_t now;
	struct indicator_hit *hits;
	struct text *found;
	size_t n, max;
};

static void note(struct finding *f, struct text part, size_t n)
{
	for (size_t i = f->n; f->found && i < f->n + n; i++)
		f->found[i] = part;
	f->n += n;
}

static void find_typed(struct finding *f, enum indicator_type type, struct text part)
{
	note(f, part, indicator_find_typed(f->set, type, part, f->now, f->hits + f->n,
		f->max - f->n));
}

static void find_host(struct finding *f, struct text url)
{
	struct text host = url_host(url);
	struct ip_address address;

	if (host.n > 1 && host.at[0] == '[')
		host = (struct text){host.at + 1, host.n - 2};
	if (!host.n)
		return;
	find_typed(f, ip_read(host, &address) ? INDICATOR_ipv4 : INDICATOR_domain, host);
}

size_t indicator_find_parts(const struct indicators *set, struct text value, int64_t now,
	struct indicator_hit *hits, struct text *found, size_t max)
{
	struct finding f = {set, now, hits, found, 0, max};
	struct indicator_part part;

	while (f.n < max && indicator_part(&value, &part)) {
		find_typed(&f, part.type, part.text);
		if (part.type == INDICATOR_url)
			find_host(&f, part.text);
	}
	return f.n;
}

size_t indicator_find(const struct indicators *set, struct text value, int64_t now,
	struct indicator_hit *hits, size_t max)
{
	return indicator_find_parts(set, value, now, hits, NULL, max);
}

static size_t find_hash(const struct indicators *set, enum indicator_type type, struct text value,
	int64_t now, struct indicator_hit *hits, size_t max)
{
	uint8_t bytes[32];

	if (!hash_read(value, bytes, indicator_widths[type]))
		return 0;
	return indicator_find_hash(set, type, bytes, now, hits, max);
}

static size_t find_address(const struct indicators *set, struct text value, int64_t now,
	struct indicator_hit *hits, size_t max)
{
	struct ip_address address;

	if (!ip_read(value, &address))
		return 0;
	return indicator_find_address(set, address.family, address.bytes, now, hits, max);
}

size_t indicator_find_typed(const struct indicators *set, enum indicator_type type,
	struct text value, int64_t now, struct indicator_hit *hits, size_t max)
{
	switch (type) {
	case INDICATOR_md5:
	case INDICATOR_sha1:
	case INDICATOR_sha256:
	case INDICATOR_imphash: return find_hash(set, type, value, now, hits, max);
	case INDICATOR_ipv4:
	case INDICATOR_ipv6:
	case INDICATOR_ipv4_range:
	case INDICATOR_ipv6_range: return find_address(set, value, now, hits, max);
	case INDICATOR_domain: return indicator_find_domain(set, value, now, hits, max);
	case INDICATOR_url: return indicator_find_url(set, value, now, hits, max);
	case INDICATOR_path: return indicator_find_path(set, value, now, hits, max);
	case INDICATOR_email:
	case INDICATOR_user_agent: return indicator_find_text(set, type, value, now, hits, max);
	case INDICATOR_TYPES: break;
	}
	return 0;
}
