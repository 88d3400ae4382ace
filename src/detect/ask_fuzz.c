// SPDX-License-Identifier: Apache-2.0
// Fuzzing of recorded events: any bytes, asked about by rules of every kind.

#include "detect/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char yaml[] =
	"title: a\nlogsource: {category: test}\ndetection:\n"
	"  s1: {F|contains: [abc, x, '*a?b*'], G|re: 'a.c', H|cidr: 10.0.0.0/8, "
	"I|windash|endswith: -x}\n"
	"  s2: {A.B: 1, C: null, D|exists: true, E|gte: 3, J|fieldref: F, K|hour: 3, L|cased: Q}\n"
	"  s3: [word, 'w?rd']\n"
	"  condition: 1 of s* and not all of s*\n"
	"---\ntitle: b\nlogsource: {product: windows}\n"
	"detection: {s: {Image|endswith: x, EventID: 4688}, condition: not s}\n"
	"---\ntitle: c\nlogsource: {product: linux}\n"
	"detection: {s: {ParentImage|startswith: /, AncestorImage: x, ImageDeleted: false}, "
	"condition: s}\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct rules *rules;
	const struct rule *hits[4];

	if (!rules) {
		rules = rules_new();
		rules_add(rules, "x.yml", text_of(yaml));
		rules_compile(rules);
	}
	rules_match_json(rules, (struct text){(const char *)data, size}, hits, 4, NULL);
	return 0;
}
