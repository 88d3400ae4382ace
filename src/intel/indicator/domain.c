// SPDX-License-Identifier: Apache-2.0
// Domains: their ends and the keys of these.

#include "intel/indicator/domain.h"
#include "intel/indicator/key.h"

enum { LABEL_MAX = 63 };

/* While a name is walked from its end in words of eight bytes, the last of them the highest. */
struct walk {
	struct domain *domain;
	uint64_t secret, chain; /* the chain goes over all whole words so far */
	size_t labels;
};

/* Notes the end that has `n` bytes: all words so far and, of the next, the high bytes. */
static inline void probe_add(struct walk *walk, size_t n, uint64_t part)
{
	struct domain *domain = walk->domain;

	domain->lengths[domain->probes] = (uint16_t)n;
	domain->keys[domain->probes++] =
		key_fold(part ^ walk->secret, walk->chain ^ (n * KEY_B));
}

/* Notes the ends that begin in a word, which is in lower case and has `n` bytes behind it. */
static inline void dots_walk(struct walk *walk, uint64_t word, size_t n)
{
	for (uint64_t dots = lanes_find(word, '.'); dots;) {
		unsigned bit = 63 - (unsigned)__builtin_clzll(dots);

		dots ^= UINT64_C(1) << bit;
		/* the last 2 to 8 labels are seven probes; the whole name is the eighth */
		if (++walk->labels > 1 && walk->labels <= DOMAIN_PROBES)
			probe_add(walk, n + 7 - bit / 8, word & -(UINT64_C(2) << bit));
	}
}

/* The first `n` bytes, fewer than eight, as the highest of a word. */
static inline uint64_t first_bytes(struct text text, size_t n)
{
	uint64_t word = 0;

	if (!n)
		return 0;
	if (text.n >= 8)
		word = key_load8(text.at);
	else
		memcpy(&word, text.at, text.n);
	return word << (64 - 8 * n);
}

bool domain_split(struct text text, uint64_t seed, struct domain *domain)
{
	struct walk walk = {domain, seed + KEY_A, seed ^ KEY_B, 0};
	size_t behind = 0;
	uint64_t word;

	if (text.n && text.at[text.n - 1] == '.')
		text.n--;
	if (!text.n || text.n > DOMAIN_MAX)
		return false;
	domain->name = text;
	domain->probes = 0;
	for (; text.n - behind >= 8; behind += 8) {
		word = lanes_lower(key_load8(text.at + text.n - behind - 8));
		dots_walk(&walk, word, behind);
		walk.chain = key_fold(word ^ walk.secret, walk.chain);
	}
	word = lanes_lower(first_bytes(text, text.n - behind));
	dots_walk(&walk, word, behind);
	probe_add(&walk, text.n, word);
	return true;
}

uint64_t domain_key(uint64_t seed, struct text name)
{
	struct domain domain;

	return domain_split(name, seed, &domain) ? domain.keys[domain.probes - 1] : 0;
}

bool domain_ends(const struct domain *domain, size_t n, struct text lower)
{
	const char *end = domain->name.at + domain->name.n - n;

	if (lower.n != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((char)lanes_lower((uint8_t)end[i]) != lower.at[i])
			return false;
	return true;
}

static bool is_label(struct text label)
{
	for (size_t i = 0; i < label.n; i++) {
		char c = label.at[i];

		if (!((c | 32) >= 'a' && (c | 32) <= 'z') && !(c >= '0' && c <= '9') && c != '-' &&
			c != '_')
			return false;
	}
	return label.n && label.n <= LABEL_MAX;
}

/* "xn--..." or letters: a number at the end would be half of an address. */
static bool is_top(struct text label)
{
	for (size_t i = 0; i < label.n; i++)
		if ((label.at[i] | 32) >= 'a' && (label.at[i] | 32) <= 'z')
			return label.n > 1;
	return false;
}

bool domain_is_valid(struct text text)
{
	size_t labels = 0, start = 0;

	if (text.n && text.at[text.n - 1] == '.')
		text.n--;
	if (!text.n || text.n > DOMAIN_MAX)
		return false;
	for (size_t i = 0; i <= text.n; i++) {
		struct text label = {text.at + start, i - start};

		if (i < text.n && text.at[i] != '.')
			continue;
		if (!is_label(label) || (i == text.n && !is_top(label)))
			return false;
		labels++;
		start = i + 1;
	}
	return labels > 1;
}
