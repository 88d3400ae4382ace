// SPDX-License-Identifier: Apache-2.0
// Finding a value in a compiled set. What a damaged set says is bounded here: every row, place and
// number is compared with what the set has.

#include "intel/indicator/address.h"
#include "intel/indicator/domain.h"
#include "intel/indicator/path.h"
#include "intel/indicator/set.h"
#include "intel/indicator/url.h"

enum { BUCKET_MAX = 4096, RANGES_MAX = 256 };

/* A question and what was found so far. */
struct asking {
	const struct indicators *set;
	enum indicator_type type;
	uint32_t now; /* seconds; 0: nothing has expired */
	struct indicator_hit *hits;
	size_t n, max;
};

static struct asking ask(const struct indicators *set, enum indicator_type type, int64_t now,
	struct indicator_hit *hits, size_t max)
{
	int64_t seconds = now == INDICATOR_NO_TIME ? 0 : now / 1000000000;

	return (struct asking){set, type,
		seconds <= 0 ? 0 : seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)seconds, hits, 0,
		max};
}

static void push(struct asking *a, uint32_t row)
{
	const struct set_table *table = &a->set->tables[a->type];

	if (table->times && a->now && table->times[row].expires &&
		table->times[row].expires <= a->now)
		return;
	if (a->n < a->max)
		a->hits[a->n++] = (struct indicator_hit){a->type, row};
}

static inline bool may_have(const struct set_table *table, uint64_t key)
{
	return table->blocks && filter_has(table->filter, table->blocks, key);
}

/* Calls `same` of all rows whose tag is that of the key; those for which it is true are hits. */
static inline void rows_find(struct asking *a, uint64_t key,
	bool (*same)(struct text value, const void *wanted), const void *wanted)
{
	const struct set_table *table = &a->set->tables[a->type];
	size_t bucket = table->bucket_bits ? (size_t)(key >> (64 - table->bucket_bits)) : 0;
	uint32_t from = table->directory[bucket], to = table->directory[bucket + 1];

	if (to > table->rows)
		to = table->rows;
	for (unsigned looked = 0; from < to && looked < BUCKET_MAX; from++, looked++)
		if (table->tags[from] == (uint32_t)key &&
			same(set_value(a->set, a->type, from), wanted))
			push(a, from);
}

static bool text_same(struct text value, const void *wanted)
{
	return text_equal(value, *(const struct text *)wanted);
}

/* The rows whose value is these bytes. */
static size_t bytes_find(const struct indicators *set, enum indicator_type type,
	struct text wanted, int64_t now, struct indicator_hit *hits, size_t max)
{
	struct asking a = ask(set, type, now, hits, max);
	uint64_t key = key_of(set->seed, wanted.at, wanted.n);

	if (may_have(&set->tables[type], key))
		rows_find(&a, key, text_same, &wanted);
	return a.n;
}

/* What passed the first words of the filter, which is little: the short way ends in a jump. */
static __attribute__((noinline)) size_t binary_look(const struct indicators *set,
	enum indicator_type type, const uint8_t *bytes, int64_t now, struct indicator_hit *hits,
	size_t max)
{
	struct text wanted = {(const char *)bytes, set->tables[type].width};

	return bytes_find(set, type, wanted, now, hits, max);
}

static inline __attribute__((always_inline)) size_t binary_find(const struct indicators *set,
	enum indicator_type type, const uint8_t *bytes, size_t n, int64_t now,
	struct indicator_hit *hits, size_t max)
{
	const struct set_table *table = &set->tables[type];

	if (!table->blocks ||
		!filter_may(table->filter, table->blocks, key_of(set->seed, bytes, n)))
		return 0;
	return binary_look(set, type, bytes, now, hits, max);
}

/* All ranges that hold the address, from the row on, and the other rows of the same range. */
static size_t ranges_look(const struct indicators *set,
	enum indicator_type type, const struct trie *trie, uint32_t row,
	struct trie_address address, int64_t now, struct indicator_hit *hits, size_t max)
{
	const struct set_table *table = &set->tables[type];
	struct asking a = ask(set, type, now, hits, max);

	for (unsigned looked = 0; row < table->rows && looked < RANGES_MAX; looked++) {
		const uint8_t *range = table->values + (size_t)row * table->width;

		if (range_holds(range, trie->bits, address))
			for (uint32_t i = row; i < table->rows && a.n < max &&
				!memcmp(table->values + (size_t)i * table->width, range,
					table->width);
				i++)
				push(&a, i);
		row = trie->parent[row];
	}
	return a.n;
}

static inline size_t ranges_find(const struct indicators *set, enum indicator_type type,
	const struct trie *trie, const uint8_t *bytes, int64_t now, struct indicator_hit *hits,
	size_t max)
{
	struct trie_address address;
	uint32_t row;

	if (!trie->leaves || !trie_begins(trie, bytes))
		return 0;
	address = trie_address(bytes, trie->bits);
	row = trie_find(trie, address);
	return row < trie->ranges ? ranges_look(set, type, trie, row, address, now, hits, max) : 0;
}

static size_t find_ipv4(const struct indicators *set, const uint8_t *bytes, int64_t now,
	struct indicator_hit *hits, size_t max)
{
	size_t n = binary_find(set, INDICATOR_ipv4, bytes, 4, now, hits, max);

	return n + ranges_find(set, INDICATOR_ipv4_range, &set->tries[TRIE_ipv4], bytes, now,
		hits + n, max - n);
}

static size_t find_ipv6(const struct indicators *set, const uint8_t *bytes, int64_t now,
	struct indicator_hit *hits, size_t max)
{
	size_t n = binary_find(set, INDICATOR_ipv6, bytes, 16, now, hits, max);

	return n + ranges_find(set, INDICATOR_ipv6_range, &set->tries[TRIE_ipv6], bytes, now,
		hits + n, max - n);
}

size_t indicator_find_address(const struct indicators *set, int family, const uint8_t *bytes,
	int64_t now, struct indicator_hit *hits, size_t max)
{
	struct ip_address address = {.family = 6};

	if (family == 4)
		return find_ipv4(set, bytes, now, hits, max);
	if (family != 6)
		return 0;
	memcpy(address.bytes, bytes, 16);
	ip_unmap(&address);
	return address.family == 4 ? find_ipv4(set, address.bytes, now, hits, max)
				   : find_ipv6(set, bytes, now, hits, max);
}

size_t indicator_find_hash(const struct indicators *set, enum indicator_type type,
	const uint8_t *bytes, int64_t now, struct indicator_hit *hits, size_t max)
{
	switch (type) {
	case INDICATOR_md5:
	case INDICATOR_imphash: return binary_find(set, type, bytes, 16, now, hits, max);
	case INDICATOR_sha1: return binary_find(set, type, bytes, 20, now, hits, max);
	case INDICATOR_sha256: return binary_find(set, type, bytes, 32, now, hits, max);
	default: return 0;
	}
}

struct domain_end {
	const struct domain *domain;
	size_t n;
};

static bool end_same(struct text value, const void *wanted)
{
	const struct domain_end *end = wanted;

	return domain_ends(end->domain, end->n, value);
}

/* Those that passed the first words of the filter, longest first. */
static __attribute__((noinline)) size_t domain_look(const struct indicators *set,
	const struct domain *domain, int64_t now, struct indicator_hit *hits, size_t max)
{
	struct asking a = ask(set, INDICATOR_domain, now, hits, max);

	for (size_t i = domain->probes; i--;) {
		struct domain_end end = {domain, domain->lengths[i]};

		if (may_have(&set->tables[INDICATOR_domain], domain->keys[i]))
			rows_find(&a, domain->keys[i], end_same, &end);
	}
	return a.n;
}

size_t indicator_find_domain(const struct indicators *set, struct text name, int64_t now,
	struct indicator_hit *hits, size_t max)
{
	const struct set_table *table = &set->tables[INDICATOR_domain];
	struct domain domain;
	bool any = false;

	if (!table->blocks || !domain_split(name, set->seed, &domain))
		return 0;
	for (size_t i = 0; i < domain.probes; i++)
		any |= filter_may(table->filter, table->blocks, domain.keys[i]);
	return any ? domain_look(set, &domain, now, hits, max) : 0;
}

/* From the host on they are the same, and the schemes are, where both have one. */
static bool url_same(struct text value, const void *wanted)
{
	const struct url *url = wanted;
	struct text own, other = {url->text + url->host, url->n - url->host};
	size_t host;

	if (!value.n)
		return false;
	host = url_host_at(value);
	own = (struct text){value.at + host, value.n - host};
	if (!text_equal(own, other))
		return false;
	return !host || !url->host ||
		text_equal((struct text){value.at, host}, (struct text){url->text, url->host});
}

/* A URL whose host may be one of the set's. */
static __attribute__((noinline)) size_t url_look(const struct indicators *set, struct text text,
	int64_t now, struct indicator_hit *hits, size_t max)
{
	struct asking a = ask(set, INDICATOR_url, now, hits, max);
	uint64_t host = url_host_key(set->seed, url_host(text)), key;
	struct url url;

	if (!filter_has(set->hosts, set->host_blocks, host) || !url_normalise(text, &url))
		return 0;
	key = key_of(set->seed, url.text + url.host, url.n - url.host);
	if (may_have(&set->tables[INDICATOR_url], key))
		rows_find(&a, key, url_same, &url);
	return a.n;
}

size_t indicator_find_url(const struct indicators *set, struct text text, int64_t now,
	struct indicator_hit *hits, size_t max)
{
	const struct set_table *table = &set->tables[INDICATOR_url];
	struct text host = table->blocks ? url_host(text) : (struct text){0};

	if (!host.n ||
		!filter_may(set->hosts, set->host_blocks, url_host_key(set->seed, host)))
		return 0;
	return url_look(set, text, now, hits, max);
}

static bool path_same(struct text value, const void *wanted)
{
	return path_is(value, *(const struct text *)wanted);
}

/* The path and the name at its end. */
static __attribute__((noinline)) size_t path_look(const struct indicators *set,
	const struct text *paths, size_t n, int64_t now, struct indicator_hit *hits, size_t max)
{
	struct asking a = ask(set, INDICATOR_path, now, hits, max);

	for (size_t i = 0; i < n; i++) {
		uint64_t key = path_key(set->seed, paths[i]);

		if (may_have(&set->tables[INDICATOR_path], key))
			rows_find(&a, key, path_same, &paths[i]);
	}
	return a.n;
}

size_t indicator_find_path(const struct indicators *set, struct text path, int64_t now,
	struct indicator_hit *hits, size_t max)
{
	const struct set_table *table = &set->tables[INDICATOR_path];
	struct text paths[2] = {path, path_name(path)};
	size_t n = paths[1].n && paths[1].n < path.n ? 2 : 1;
	bool any = false;

	if (!table->blocks || !path.n || path.n > INDICATOR_VALUE_MAX)
		return 0;
	for (size_t i = 0; i < n; i++)
		any |= filter_may(table->filter, table->blocks, path_key(set->seed, paths[i]));
	return any ? path_look(set, paths, n, now, hits, max) : 0;
}

size_t indicator_find_text(const struct indicators *set, enum indicator_type type,
	struct text text, int64_t now, struct indicator_hit *hits, size_t max)
{
	char folded[INDICATOR_VALUE_MAX];

	if (!text.n || text.n > INDICATOR_VALUE_MAX)
		return 0;
	if (type == INDICATOR_user_agent)
		return bytes_find(set, type, text, now, hits, max);
	if (type != INDICATOR_email)
		return 0;
	for (size_t i = 0; i < text.n; i++)
		folded[i] = (char)(text.at[i] >= 'A' && text.at[i] <= 'Z' ? text.at[i] | 32
									   : text.at[i]);
	return bytes_find(set, type, (struct text){folded, text.n}, now, hits, max);
}
