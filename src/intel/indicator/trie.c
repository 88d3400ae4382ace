// SPDX-License-Identifier: Apache-2.0
// Ranges of addresses in a trie.

#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "intel/indicator/trie.h"

enum { STEP = 6, PLACES = 64 };

/* The processor's own instruction is not on every one that we run on. */
static unsigned count_ones(uint64_t word)
{
	word -= word >> 1 & UINT64_C(0x5555555555555555);
	word = (word & UINT64_C(0x3333333333333333)) + (word >> 2 & UINT64_C(0x3333333333333333));
	word = (word + (word >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
	return (unsigned)(word * UINT64_C(0x0101010101010101) >> 56);
}

static uint64_t big_endian8(const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof value);
	return be64toh(value);
}

struct trie_address trie_address(const uint8_t *bytes, unsigned bits)
{
	uint32_t value;

	if (bits == 128)
		return (struct trie_address){big_endian8(bytes), big_endian8(bytes + 8)};
	memcpy(&value, bytes, sizeof value);
	return (struct trie_address){(uint64_t)be32toh(value) << 32, 0};
}

/* The six bits that begin at `bit`, below 128; zeros follow the address. */
static unsigned place_at(struct trie_address address, unsigned bit)
{
	if (bit >= 64)
		return (unsigned)(address.low << (bit - 64) >> (64 - STEP));
	return (unsigned)((address.high << bit | address.low >> 1 >> (63 - bit)) >> (64 - STEP));
}

uint32_t trie_find(const struct trie *trie, struct trie_address address)
{
	uint32_t number = 0, leaf = 0;

	for (uint32_t least = 0; number < trie->nodes;) {
		const struct trie_node *node = trie->node + number;
		unsigned place;

		/* a step back is damage: it might go round for ever */
		if (node->bit >= trie->bits || node->bit < least)
			return RANGE_NONE;
		least = node->bit + 1;
		place = place_at(address, node->bit);
		if (!(node->children >> place & 1)) {
			leaf = node->leaf + count_ones(node->changes << (PLACES - 1 - place)) - 1;
			break;
		}
		number = node->child +
			count_ones(node->children & ((UINT64_C(1) << place) - 1));
		if (number >= trie->nodes)
			return RANGE_NONE;
	}
	return leaf < trie->leaves ? trie->leaf[leaf] : RANGE_NONE;
}

bool range_holds(const uint8_t *range, unsigned bits, struct trie_address address)
{
	struct trie_address own = trie_address(range, bits);
	unsigned length = range[bits / 8];
	uint64_t high = own.high ^ address.high, low = own.low ^ address.low;

	if (length > bits)
		return false;
	if (length <= 64)
		return !length || !(high >> (64 - length));
	return !high && !(low >> (128 - length));
}

/* What is at hand while a trie is made. */
struct making {
	struct trie_made *made;
	const uint8_t *ranges;
	unsigned bits, width;
};

static const uint8_t *range_at(const struct making *m, uint32_t i)
{
	return m->ranges + (size_t)i * m->width;
}

static unsigned length_of(const struct making *m, uint32_t i)
{
	return range_at(m, i)[m->width - 1];
}

static unsigned range_place(const struct making *m, uint32_t i, unsigned bit)
{
	return place_at(trie_address(range_at(m, i), m->bits), bit);
}

/* How many bits two addresses begin with in common. */
static unsigned common_bits(const struct making *m, uint32_t a, uint32_t b)
{
	const uint8_t *x = range_at(m, a), *y = range_at(m, b);
	unsigned i = 0;

	while (i < m->bits / 8 && x[i] == y[i])
		i++;
	return i == m->bits / 8 ? m->bits : i * 8 + (unsigned)__builtin_clz(
		(unsigned)(x[i] ^ y[i])) - 24;
}

static uint32_t nodes_reserve(struct trie_made *made, uint32_t n)
{
	uint32_t first = made->nodes;

	assert(n <= UINT32_MAX - first);
	while (first + (size_t)n > made->node_size) {
		made->node_size = made->node_size ? made->node_size * 2 : 64;
		made->node = memory_resize(made->node, made->node_size, sizeof *made->node);
	}
	made->nodes += n;
	return first;
}

static void leaf_push(struct trie_made *made, uint32_t range)
{
	if (made->leaves == made->leaf_size) {
		made->leaf_size = made->leaf_size ? made->leaf_size * 2 : 64;
		made->leaf = memory_resize(made->leaf, made->leaf_size, sizeof *made->leaf);
	}
	assert(made->leaves < UINT32_MAX);
	made->leaf[made->leaves++] = range;
}

/* Ranges from..to, below a place that `around` covers. */
struct group {
	uint32_t from, to, around;
	unsigned place;
};

/* Takes off the front what holds all that follows; the last taken is around the rest. */
static void group_narrow(const struct making *m, struct group *group)
{
	while (group->from < group->to &&
		common_bits(m, group->from, group->to - 1) >= length_of(m, group->from))
		group->around = group->from++;
}

/*
 * Fills in which range covers each place of a node, and collects the groups that go on below one;
 * returns how many.
 */
static size_t places_fill(const struct making *m, const struct group *all, unsigned bit,
	uint32_t *cover, struct group *groups)
{
	size_t n = 0;

	for (unsigned i = 0; i < PLACES; i++)
		cover[i] = all->around;
	for (uint32_t i = all->from; i < all->to; i++) {
		unsigned place = range_place(m, i, bit), length = length_of(m, i);

		if (length > bit + STEP) {
			if (!n || groups[n - 1].place != place)
				groups[n++] = (struct group){i, i, cover[place], place};
			groups[n - 1].to = i + 1;
			continue;
		}
		for (unsigned j = place; j < place + (1u << (bit + STEP - length)); j++)
			cover[j] = i;
	}
	return n;
}

/* Groups of which one range is left need no node: it is the place's leaf. */
static size_t groups_narrow(const struct making *m, struct group *groups, size_t n,
	uint32_t *cover)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		group_narrow(m, &groups[i]);
		if (groups[i].from < groups[i].to)
			groups[kept++] = groups[i];
		else
			cover[groups[i].place] = groups[i].around;
	}
	return kept;
}

/*
 * Makes the node of a group that was narrowed; as deep as an address has steps, since each node
 * begins behind the end of the one above.
 */
static void node_make(const struct making *m, uint32_t number, const struct group *all)
{
	unsigned bit = common_bits(m, all->from, all->to - 1);
	struct trie_node node = {.bit = bit, .leaf = m->made->leaves};
	struct group groups[PLACES];
	uint32_t cover[PLACES], last = RANGE_NONE;
	size_t n = places_fill(m, all, bit, cover, groups);

	n = groups_narrow(m, groups, n, cover);
	for (size_t i = 0; i < n; i++)
		node.children |= UINT64_C(1) << groups[i].place;
	for (unsigned i = 0; i < PLACES; i++) {
		if (i && (cover[i] == last || node.children >> i & 1))
			continue;
		node.changes |= UINT64_C(1) << i;
		leaf_push(m->made, last = cover[i]);
	}
	node.child = n ? nodes_reserve(m->made, (uint32_t)n) : 0;
	m->made->node[number] = node;
	for (size_t i = 0; i < n; i++)
		node_make(m, node.child + (uint32_t)i, &groups[i]);
}

static void parents_make(const struct making *m, uint32_t n)
{
	uint32_t *parent = m->made->parent = memory_resize(NULL, n, sizeof *parent);

	for (uint32_t i = 0; i < n; i++) {
		uint32_t around = i ? i - 1 : RANGE_NONE;

		while (around != RANGE_NONE &&
			!range_holds(range_at(m, around), m->bits,
				trie_address(range_at(m, i), m->bits)))
			around = parent[around];
		parent[i] = around;
	}
}

static void starts_make(const struct making *m, uint32_t n)
{
	uint64_t *starts = m->made->starts = memory_new(TRIE_STARTS * sizeof *starts);

	for (uint32_t i = 0; i < n; i++) {
		const uint8_t *range = range_at(m, i);
		unsigned length = length_of(m, i), first = (unsigned)range[0] << 8 | range[1],
			 count = length < 16 ? 1u << (16 - length) : 1;

		for (unsigned start = first; start < first + count; start++)
			starts[start / 64] |= UINT64_C(1) << start % 64;
	}
}

void trie_make(struct trie_made *made, const uint8_t *ranges, uint32_t n, unsigned bits)
{
	struct making making = {made, ranges, bits, bits / 8 + 1};
	struct group all = {0, n, RANGE_NONE, 0};

	*made = (struct trie_made){0};
	if (!n)
		return;
	parents_make(&making, n);
	starts_make(&making, n);
	group_narrow(&making, &all);
	if (all.from == all.to)
		leaf_push(made, all.around);
	else
		node_make(&making, nodes_reserve(made, 1), &all);
}

void trie_clear(struct trie_made *made)
{
	free(made->node);
	free(made->leaf);
	free(made->parent);
	free(made->starts);
	*made = (struct trie_made){0};
}
