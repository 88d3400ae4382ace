// SPDX-License-Identifier: Apache-2.0
// Gathered indicators become a compiled set.

#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "intel/feeds.h"
#include "intel/indicator/compile.h"
#include "intel/indicator/url.h"

struct keyed {
	uint64_t key;
	uint32_t row;
};

static int by_key(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

/* A range as a key for sorting: its list and row. */
struct ranged {
	const uint8_t *value;
	uint32_t row, width;
};

static int by_range(const void *a, const void *b)
{
	const struct ranged *x = a, *y = b;
	int order = memcmp(x->value, y->value, x->width);

	return order ? order : x->row < y->row ? -1 : x->row > y->row;
}

static bool values_same(const struct entries *entries, enum indicator_type type, uint32_t a,
	uint32_t b)
{
	size_t n, m;
	const uint8_t *x = entry_value(entries, type, a, &n),
		      *y = entry_value(entries, type, b, &m);

	return n == m && !memcmp(x, y, n);
}

static bool entries_same(const struct entry *a, const struct entry *b)
{
	return a->origin == b->origin && a->times.from == b->times.from &&
		a->times.expires == b->times.expires;
}

/*
 * Appends a row unless it says nothing new, or its value has enough of them. `run` is where the
 * rows of the same key begin.
 */
static bool order_push(struct compiling *c, enum indicator_type type, uint32_t row, uint32_t run)
{
	struct row_order *order = &c->orders[type];
	const struct entry *at = c->entries->lists[type].at;
	unsigned sources = 0;

	for (uint32_t i = run; i < order->n && sources < INDICATOR_SOURCES_MAX; i++) {
		if (!values_same(c->entries, type, order->rows[i], row))
			continue;
		if (entries_same(&at[order->rows[i]], &at[row])) {
			c->same++;
			return false;
		}
		sources++;
	}
	if (sources == INDICATOR_SOURCES_MAX) {
		c->crowded++;
		return false;
	}
	order->rows[order->n++] = row;
	return true;
}

static void order_values(struct compiling *c, enum indicator_type type)
{
	const struct entry_list *list = &c->entries->lists[type];
	until_return(memory_free) struct keyed *keyed = memory_resize(
		NULL, list->n, sizeof *keyed);
	struct row_order *order = &c->orders[type];
	uint32_t run = 0;

	for (size_t i = 0; i < list->n; i++) {
		size_t n;
		const uint8_t *value = entry_value(c->entries, type, i, &n);

		keyed[i] = (struct keyed){value_key(c->head.seed, type, value, n), (uint32_t)i};
	}
	qsort(keyed, list->n, sizeof *keyed, by_key);
	order->rows = memory_resize(NULL, list->n, sizeof *order->rows);
	order->keys = memory_resize(NULL, list->n, sizeof *order->keys);
	for (size_t i = 0; i < list->n; i++) {
		if (i && keyed[i].key != keyed[i - 1].key)
			run = order->n;
		if (order_push(c, type, keyed[i].row, run))
			order->keys[order->n - 1] = keyed[i].key;
	}
}

/* Sorted by address and length, with a trie over the different ones. */
static void order_ranges(struct compiling *c, enum indicator_type type, enum image_trie_name name)
{
	const struct entry_list *list = &c->entries->lists[type];
	size_t width = entry_width(type);
	until_return(memory_free) struct ranged *ranged = memory_resize(
		NULL, list->n, sizeof *ranged);
	until_return(memory_free) uint8_t *different = memory_resize(NULL, list->n, width);
	struct row_order *order = &c->orders[type];
	uint32_t *n = &c->ranges[name], run = 0;

	for (size_t i = 0; i < list->n; i++)
		ranged[i] = (struct ranged){
			list->values + i * width, (uint32_t)i, (uint32_t)width};
	qsort(ranged, list->n, sizeof *ranged, by_range);
	order->rows = memory_resize(NULL, list->n, sizeof *order->rows);
	c->firsts[name] = memory_resize(NULL, list->n, sizeof *c->firsts[name]);
	for (size_t i = 0; i < list->n; i++) {
		if (!i || memcmp(ranged[i].value, ranged[i - 1].value, width)) {
			run = order->n;
			c->firsts[name][*n] = run;
			memcpy(different + (*n)++ * width, ranged[i].value, width);
		}
		order_push(c, type, ranged[i].row, run);
	}
	trie_make(&c->tries[name], different, *n, (unsigned)(width - 1) * 8);
}

static uint64_t seed_of(const struct entries *entries)
{
	uint64_t seed = image_sum(entries->texts, entries->text_bytes);

	for (int i = 0; i < INDICATOR_TYPES; i++)
		seed = key_of(seed, entries->lists[i].values,
			entries->lists[i].n * entry_width((enum indicator_type)i));
	return seed;
}

/* Gives a section its place behind all before it. */
static void place(struct image_head *head, struct image_section *section, uint64_t bytes)
{
	section->offset = head->bytes;
	section->bytes = bytes;
	head->bytes += (bytes + IMAGE_ALIGN - 1) & ~(uint64_t)(IMAGE_ALIGN - 1);
}

static uint32_t bucket_bits(uint32_t rows)
{
	uint32_t bits = 0;

	while (((uint64_t)BUCKET_ROWS << bits) < rows)
		bits++;
	return bits;
}

static bool has_times(const struct compiling *c, enum indicator_type type)
{
	const struct row_order *order = &c->orders[type];

	for (uint32_t i = 0; i < order->n; i++) {
		const struct image_times *times =
			&c->entries->lists[type].at[order->rows[i]].times;

		if (times->from || times->expires)
			return true;
	}
	return false;
}

static void place_table(struct compiling *c, enum indicator_type type)
{
	struct image_table *table = &c->head.tables[type];
	const struct row_order *order = &c->orders[type];
	bool keyed = order->keys;

	table->rows = order->n;
	table->width = (uint32_t)entry_width(type);
	if (keyed) {
		table->blocks = filter_blocks(order->n);
		table->bucket_bits = bucket_bits(order->n);
		place(&c->head, &table->filter, table->blocks * sizeof(struct filter_block));
		place(&c->head, &table->directory,
			((UINT64_C(1) << table->bucket_bits) + 1) * sizeof(uint32_t));
		place(&c->head, &table->tags, order->n * sizeof(uint32_t));
	}
	place(&c->head, &table->values, (uint64_t)order->n * table->width);
	place(&c->head, &table->origins, order->n * sizeof(uint32_t));
	place(&c->head, &table->lines, order->n * sizeof(uint32_t));
	if (has_times(c, type))
		place(&c->head, &table->times, order->n * sizeof(struct image_times));
}

static void place_trie(struct compiling *c, enum image_trie_name name, enum indicator_type type)
{
	struct image_trie *trie = &c->head.tries[name];

	trie->nodes = c->tries[name].nodes;
	trie->leaves = c->tries[name].leaves;
	place(&c->head, &trie->node, trie->nodes * sizeof(struct trie_node));
	place(&c->head, &trie->leaf, trie->leaves * sizeof(uint32_t));
	place(&c->head, &trie->parent, c->orders[type].n * sizeof(uint32_t));
	if (trie->leaves)
		place(&c->head, &trie->starts, TRIE_STARTS * sizeof(uint64_t));
}

void compiling_init(struct compiling *c, const struct entries *entries)
{
	*c = (struct compiling){.entries = entries};
	memcpy(c->head.magic, IMAGE_MAGIC, sizeof c->head.magic);
	c->head.version = IMAGE_VERSION;
	c->head.head_bytes = sizeof c->head;
	c->head.seed = seed_of(entries);
	for (int i = 0; i < INDICATOR_TYPES; i++) {
		if (!entries->lists[i].n)
			continue;
		if (i == INDICATOR_ipv4_range)
			order_ranges(c, INDICATOR_ipv4_range, TRIE_ipv4);
		else if (i == INDICATOR_ipv6_range)
			order_ranges(c, INDICATOR_ipv6_range, TRIE_ipv6);
		else
			order_values(c, (enum indicator_type)i);
	}
	c->head.bytes = (sizeof c->head + IMAGE_ALIGN - 1) & ~(size_t)(IMAGE_ALIGN - 1);
	c->head.host_blocks = filter_blocks(c->orders[INDICATOR_url].n);
	place(&c->head, &c->head.hosts, c->head.host_blocks * sizeof(struct filter_block));
	for (int i = 0; i < INDICATOR_TYPES; i++)
		place_table(c, (enum indicator_type)i);
	place_trie(c, TRIE_ipv4, INDICATOR_ipv4_range);
	place_trie(c, TRIE_ipv6, INDICATOR_ipv6_range);
	place(&c->head, &c->head.origins, entries->origin_count * sizeof(struct image_origin));
	place(&c->head, &c->head.texts, entries->text_bytes);
}

void compiling_clear(struct compiling *c)
{
	for (int i = 0; i < INDICATOR_TYPES; i++) {
		free(c->orders[i].rows);
		free(c->orders[i].keys);
	}
	for (int i = 0; i < TRIES; i++) {
		trie_clear(&c->tries[i]);
		free(c->firsts[i]);
	}
	*c = (struct compiling){0};
}

static void write_keys(const struct row_order *order, const struct image_table *table, uint8_t *at)
{
	struct filter_block *filter = (struct filter_block *)(at + table->filter.offset);
	uint32_t *directory = (uint32_t *)(at + table->directory.offset),
		 *tags = (uint32_t *)(at + table->tags.offset), bucket = 0;

	for (uint32_t i = 0; i < order->n; i++) {
		uint32_t own = table->bucket_bits
			? (uint32_t)(order->keys[i] >> (64 - table->bucket_bits))
			: 0;

		filter_add(filter, table->blocks, order->keys[i]);
		tags[i] = (uint32_t)order->keys[i];
		while (bucket < own)
			directory[++bucket] = i;
	}
	while (bucket < UINT32_C(1) << table->bucket_bits)
		directory[++bucket] = order->n;
}

static void write_rows(const struct compiling *c, enum indicator_type type, uint8_t *at)
{
	const struct image_table *table = &c->head.tables[type];
	const struct entry_list *list = &c->entries->lists[type];
	uint8_t *values = at + table->values.offset;
	uint32_t *origins = (uint32_t *)(at + table->origins.offset),
		 *lines = (uint32_t *)(at + table->lines.offset);
	struct image_times *times = (struct image_times *)(at + table->times.offset);

	for (uint32_t i = 0; i < table->rows; i++) {
		uint32_t row = c->orders[type].rows[i];

		memcpy(values + (size_t)i * table->width,
			list->values + (size_t)row * table->width, table->width);
		origins[i] = list->at[row].origin;
		lines[i] = list->at[row].line;
		if (table->times.bytes)
			times[i] = list->at[row].times;
	}
}

static void write_hosts(const struct compiling *c, uint8_t *at)
{
	struct filter_block *filter = (struct filter_block *)(at + c->head.hosts.offset);
	const struct row_order *order = &c->orders[INDICATOR_url];

	for (uint32_t i = 0; i < order->n; i++) {
		size_t n;
		const uint8_t *value =
			entry_value(c->entries, INDICATOR_url, order->rows[i], &n);
		struct text host = url_host((struct text){(const char *)value, n});

		filter_add(filter, c->head.host_blocks, url_host_key(c->head.seed, host));
	}
}

/* The trie counts different ranges, the set rows. */
static uint32_t row_of(const struct compiling *c, enum image_trie_name name, uint32_t range)
{
	return range == RANGE_NONE ? RANGE_NONE : c->firsts[name][range];
}

static void write_trie(const struct compiling *c, enum image_trie_name name, uint8_t *at)
{
	const struct image_trie *trie = &c->head.tries[name];
	const struct trie_made *made = &c->tries[name];
	uint32_t *leaf = (uint32_t *)(at + trie->leaf.offset),
		 *parent = (uint32_t *)(at + trie->parent.offset);

	if (made->nodes)
		memcpy(at + trie->node.offset, made->node, trie->node.bytes);
	if (made->leaves)
		memcpy(at + trie->starts.offset, made->starts, trie->starts.bytes);
	for (uint32_t i = 0; i < made->leaves; i++)
		leaf[i] = row_of(c, name, made->leaf[i]);
	for (uint32_t i = 0; i < c->ranges[name]; i++)
		parent[c->firsts[name][i]] = row_of(c, name, made->parent[i]);
}

void compiling_write(struct compiling *c, uint8_t *at)
{
	size_t begin = (sizeof c->head + IMAGE_ALIGN - 1) & ~(size_t)(IMAGE_ALIGN - 1);

	for (int i = 0; i < INDICATOR_TYPES; i++) {
		if (c->orders[i].keys)
			write_keys(&c->orders[i], &c->head.tables[i], at);
		write_rows(c, (enum indicator_type)i, at);
	}
	write_hosts(c, at);
	write_trie(c, TRIE_ipv4, at);
	write_trie(c, TRIE_ipv6, at);
	if (c->head.origins.bytes)
		memcpy(at + c->head.origins.offset, c->entries->origins,
			c->head.origins.bytes);
	memcpy(at + c->head.texts.offset, c->entries->texts, c->head.texts.bytes);
	c->head.sum = image_sum(at + begin, c->head.bytes - begin);
	c->head.head_sum = image_head_sum(&c->head);
	memcpy(at, &c->head, sizeof c->head);
}
