// SPDX-License-Identifier: Apache-2.0
// Messages of DNS: the header, the first question, the answers.

#include <string.h>

#include "base/own.h"
#include "base/text.h"
#include "sensor/dns.h"

enum {
	HEADER = 12,
	NAME_MAX_ = 255, /* bytes of a name on the wire (RFC 1035, 2.3.4) */
	JUMPS_MAX = 16, /* pointers followed in one name */
	ANSWERS_MAX = 32,
	TEXT_SHOWN = 1016, /* 254 bytes, each as \DDD */
	TYPE_A = 1,
	TYPE_NS = 2,
	TYPE_CNAME = 5,
	TYPE_PTR = 12,
	TYPE_MX = 15,
	TYPE_TXT = 16,
	TYPE_AAAA = 28,
	TYPE_SRV = 33,
	TYPE_OPT = 41,
};

static const struct {
	uint16_t number;
	const char *name;
} types[] = {{TYPE_A, "A"}, {TYPE_NS, "NS"}, {TYPE_CNAME, "CNAME"}, {6, "SOA"}, {10, "NULL"},
	{TYPE_PTR, "PTR"}, {13, "HINFO"}, {TYPE_MX, "MX"}, {TYPE_TXT, "TXT"}, {TYPE_AAAA, "AAAA"},
	{TYPE_SRV, "SRV"}, {35, "NAPTR"}, {43, "DS"}, {46, "RRSIG"}, {47, "NSEC"}, {48, "DNSKEY"},
	{52, "TLSA"}, {64, "SVCB"}, {65, "HTTPS"}, {251, "IXFR"}, {252, "AXFR"}, {255, "ANY"}};

static const char *const codes[] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP",
	"REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH", "NOTZONE"};

struct message {
	const unsigned char *at;
	size_t n, offset;
	struct arena *arena;
	bool is_cut;
};

static bool number_take(struct message *m, size_t bytes, uint32_t *number)
{
	if (m->n - m->offset < bytes) {
		m->is_cut = true;
		return false;
	}
	*number = 0;
	for (size_t i = 0; i < bytes; i++)
		*number = *number << 8 | m->at[m->offset++];
	return true;
}

static size_t byte_show(char *out, unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		c += 'a' - 'A';
	if (c == '.' || c == '\\') {
		out[0] = '\\';
		out[1] = (char)c;
		return 2;
	}
	if (c > ' ' && c < 0x7f) {
		out[0] = (char)c;
		return 1;
	}
	out[0] = '\\';
	out[1] = (char)('0' + c / 100);
	out[2] = (char)('0' + c / 10 % 10);
	out[3] = (char)('0' + c % 10);
	return 4;
}

/* A label's length, or where the name goes on: at most JUMPS_MAX times, and only backwards. */
static bool label_find(struct message *m, size_t *at, size_t *end, unsigned *jumps, size_t *n)
{
	for (;;) {
		size_t to;

		if (*at >= m->n) {
			m->is_cut = true;
			return false;
		}
		*n = m->at[*at];
		if (*n < 64) {
			*at += 1;
			return true;
		}
		if (*n < 192 || ++*jumps > JUMPS_MAX)
			return false;
		if (*at + 1 >= m->n) {
			m->is_cut = true;
			return false;
		}
		to = (*n & 63) << 8 | m->at[*at + 1];
		if (!*end)
			*end = *at + 2;
		if (to >= *at)
			return false;
		*at = to;
	}
}

/* The name at m->offset, which then stands behind it. "." is the root. */
static bool name_take(struct message *m, struct text *name)
{
	char *out = arena_alloc(m->arena, TEXT_SHOWN + 8);
	size_t at = m->offset, end = 0, shown = 0, wire = 0, n = 0;
	unsigned jumps = 0;

	for (;;) {
		if (!label_find(m, &at, &end, &jumps, &n))
			return false;
		if (!n)
			break;
		wire += n + 1;
		if (wire >= NAME_MAX_)
			return false;
		if (m->n - at < n) {
			m->is_cut = true;
			return false;
		}
		if (shown)
			out[shown++] = '.';
		for (size_t i = 0; i < n; i++)
			shown += byte_show(out + shown, m->at[at + i]);
		at += n;
	}
	if (!shown)
		out[shown++] = '.';
	m->offset = end ? end : at;
	*name = (struct text){out, shown};
	return true;
}

static struct text type_name(struct arena *arena, uint32_t type)
{
	for (size_t i = 0; i < array_size(types); i++)
		if (types[i].number == type)
			return text_of(types[i].name);
	return arena_format(arena, "TYPE%u", type);
}

struct answers {
	struct text data[ANSWERS_MAX], resolved[ANSWERS_MAX];
	size_t n, resolved_n;
	uint32_t ttl;
};

static struct text address_data(struct message *m, size_t at, size_t n)
{
	struct address address = {.family = n == 4 ? 4 : 6};
	char buffer[FIELD_BUFFER];

	memcpy(address.bytes, m->at + at, n);
	return arena_copy(m->arena, address_text(address, buffer));
}

/* The strings of a TXT, one behind the other, with what is not printable escaped. */
static struct text strings_data(struct message *m, size_t at, size_t n)
{
	char *out = arena_alloc(m->arena, n * 4 + 4);
	size_t shown = 0, end = at + n;

	while (at < end) {
		size_t length = m->at[at++];

		for (; length && at < end; length--, at++) {
			unsigned char c = m->at[at];

			if (c == ' ' || (c > ' ' && c < 0x7f && c != '\\'))
				out[shown++] = (char)c;
			else
				shown += byte_show(out + shown, c);
		}
	}
	return (struct text){out, shown};
}

/* A name inside of an answer, behind `skip` bytes that are not shown. */
static struct text name_data(struct message *m, size_t skip)
{
	size_t offset = m->offset;
	struct text name = {0};

	m->offset += skip;
	name_take(m, &name);
	m->offset = offset;
	return name;
}

static struct text answer_data(struct message *m, uint32_t type, size_t n)
{
	switch (type) {
	case TYPE_A: return n == 4 ? address_data(m, m->offset, n) : (struct text){0};
	case TYPE_AAAA: return n == 16 ? address_data(m, m->offset, n) : (struct text){0};
	case TYPE_NS:
	case TYPE_CNAME:
	case TYPE_PTR: return name_data(m, 0);
	case TYPE_MX: return name_data(m, 2);
	case TYPE_SRV: return name_data(m, 6);
	case TYPE_TXT: return strings_data(m, m->offset, n);
	}
	return (struct text){0};
}

static bool answer_take(struct message *m, struct answers *answers)
{
	uint32_t type, class_, ttl, n;
	struct text owner, data;

	if (!name_take(m, &owner) || !number_take(m, 2, &type) || !number_take(m, 2, &class_) ||
		!number_take(m, 4, &ttl) || !number_take(m, 2, &n))
		return false;
	if (m->n - m->offset < n) {
		m->is_cut = true;
		return false;
	}
	data = answer_data(m, type, n);
	m->offset += n;
	if (type == TYPE_OPT || !data.at)
		return true;
	answers->data[answers->n++] = data;
	if (type == TYPE_A || type == TYPE_AAAA)
		answers->resolved[answers->resolved_n++] = data;
	if (answers->n == 1 || ttl < answers->ttl)
		answers->ttl = ttl;
	return true;
}

static struct text_list list_of(struct arena *arena, const struct text *at, size_t n)
{
	struct text *copy = n ? arena_alloc(arena, n * sizeof *copy) : NULL;

	if (n)
		memcpy(copy, at, n * sizeof *copy);
	return (struct text_list){copy, n};
}

static void answers_fill(struct message *m, uint32_t count, struct dns *dns)
{
	struct answers answers = {.n = 0};

	while (count-- && answers.n < ANSWERS_MAX)
		if (!answer_take(m, &answers))
			break;
	dns->answers = list_of(m->arena, answers.data, answers.n);
	dns->resolved = list_of(m->arena, answers.resolved, answers.resolved_n);
	if (answers.n)
		dns->ttl = answers.ttl;
}

struct dns *dns_read(struct arena *arena, const unsigned char *bytes, size_t n, bool *is_answer,
	bool *is_cut)
{
	struct message m = {bytes, n, 0, arena, false};
	uint32_t id, flags, questions, answers, rest, type, class_;
	struct dns *dns = dns_new(arena);
	unsigned code;

	*is_cut = false;
	if (!number_take(&m, 2, &id) || !number_take(&m, 2, &flags) ||
		!number_take(&m, 2, &questions) || !number_take(&m, 2, &answers) ||
		!number_take(&m, 4, &rest))
		return NULL;
	/* a standard query has one question; a response with none says too little */
	if (!questions || questions > 4 || (flags >> 11 & 15) > 5)
		return NULL;
	if (!name_take(&m, &dns->name) || !number_take(&m, 2, &type) ||
		!number_take(&m, 2, &class_))
		return NULL;
	dns->type = type_name(arena, type);
	dns->id = id;
	*is_answer = flags >> 15;
	if (!*is_answer)
		return dns;
	code = flags & 15;
	dns->code = code < array_size(codes) ? text_of(codes[code])
					     : arena_format(arena, "%u", code);
	if (questions == 1)
		answers_fill(&m, answers, dns);
	*is_cut = m.is_cut || flags >> 9 & 1;
	return dns;
}
