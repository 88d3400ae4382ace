// SPDX-License-Identifier: Apache-2.0
// Tests: rules read back from their image answer as they did; an image that is cut or changed is
// refused or harmless; a change of the files is noticed.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "detect/exception.h"
#include "detect/image.h"

static const char yaml[] =
	"title: a\nid: one\nlevel: high\ntags: [attack.t1059.004, attack.execution]\n"
	"logsource: {category: test}\ndetection:\n"
	"  s1: {F|contains: [abc, x, '*a?b*'], G|re|i: 'a.c', H|cidr: 10.0.0.0/8}\n"
	"  s2: {A.B: 1, C: null, D|exists: true, E|gte: 3, J|fieldref: F, K|hour: 3, L|cased: Q}\n"
	"  s3: [word, 'w?rd']\n"
	"  condition: 1 of s* and not all of s*\n"
	"---\ntitle: b\nlogsource: {product: windows}\n"
	"detection: {s: {Image|endswith: x, EventID: 4688}, condition: s}\n"
	"saker: {action: none}\n"
	"---\nexception: known\nrules: [one]\nmatch: {F: abc}\nreason: a test\n"
	"---\ntitle: c\nlogsource: {category: test}\ndetection: {s: {F|re: '('}, condition: s}\n";

static const char *const events[] = {
	"{\"logsource\":{\"category\":\"test\"},\"F\":\"abc\",\"G\":\"ABC\",\"H\":\"10.1.2.3\"}",
	"{\"logsource\":{\"category\":\"test\"},\"F\":\"xyz\",\"G\":\"abc\",\"H\":\"10.1.2.3\"}",
	"{\"logsource\":{\"category\":\"test\"},\"F\":\"a word\"}",
	"{\"logsource\":{\"category\":\"test\"},\"F\":\"nothing\"}",
	"{\"Channel\":\"Security\",\"EventID\":4688,\"NewProcessName\":\"yx\"}",
	"{\"Channel\":\"Security\",\"EventID\":4689,\"NewProcessName\":\"yx\"}",
};

static struct rules *sample_new(void)
{
	struct rules *rules = rules_new();

	rules_add(rules, "x.yml", text_of(yaml));
	return rules;
}

static void rules_read_back_answer_as_they_did(void **state)
{
	until_return(rules_free) struct rules *rules = sample_new();
	struct text image = rules_image(rules);
	until_return(memory_free) char *owned = (char *)image.at;
	until_return(rules_free) struct rules *again = rules_new();
	size_t found = 0;

	assert_true(rules_from_image(again, image));
	rules_compile(rules);
	rules_compile(again);
	assert_int_equal(rules_count(again), rules_count(rules));
	assert_int_equal(rules_problems(again), rules_problems(rules));
	assert_int_equal(rules_exceptions(again), 1);
	assert_true(text_is(rules_get(again, 0)->techniques.at[0], "T1059.004"));
	for (size_t i = 0; i < array_size(events); i++) {
		const struct rule *hits[4], *hits_again[4];
		struct error err;
		int64_t n = rules_match_json(rules, text_of(events[i]), hits, 4, &err);

		assert_int_equal(rules_match_json(again, text_of(events[i]), hits_again, 4, &err),
			n);
		found += (size_t)n;
		for (int64_t h = 0; h < n; h++) {
			assert_int_equal(hits[h]->number, hits_again[h]->number);
			assert_int_equal(
				!rules_match_exception(rules, hits[h], NUMBER_NONE),
				!rules_match_exception(again, hits_again[h], NUMBER_NONE));
		}
	}
	assert_int_equal(found, 4);
	assert_non_null(owned);
}

/* However it is damaged: refused, or rules that can be asked. */
static void image_try(const char *bytes, size_t n)
{
	until_return(rules_free) struct rules *rules = rules_new();
	const struct rule *hits[4];

	if (!rules_from_image(rules, (struct text){bytes, n}))
		return;
	rules_compile(rules);
	for (size_t i = 0; i < array_size(events); i++)
		rules_match_json(rules, text_of(events[i]), hits, 4, NULL);
}

static void a_damaged_image_is_refused_or_harmless(void **state)
{
	until_return(rules_free) struct rules *rules = sample_new();
	struct text image = rules_image(rules);
	until_return(memory_free) char *bytes = (char *)image.at;

	for (size_t n = 0; n < image.n; n += 1 + n / 100) {
		until_return(memory_free) char *cut = memory_new(n + 1);

		memcpy(cut, bytes, n);
		image_try(cut, n);
	}
	for (size_t i = 0; i < image.n; i++) {
		char was = bytes[i];

		bytes[i] = (char)(was ^ (i % 3 ? 0xff : 1));
		image_try(bytes, image.n);
		bytes[i] = was;
	}
}

static void file_write(const char *path, const char *text)
{
	until_return(fd_close) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static size_t load(const char *path, const char *cache)
{
	until_return(rules_free) struct rules *rules = rules_new();
	struct error err;

	assert_true(rules_add_cached(rules, &path, 1, cache, &err) >= 0);
	rules_compile(rules);
	return rules_count(rules);
}

static void a_change_of_the_files_is_noticed(void **state)
{
	char folder[] = "/tmp/saker-image-XXXXXX", path[64], cache[64], first[80];

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/rules", folder);
	snprintf(cache, sizeof cache, "%s/cache", folder);
	snprintf(first, sizeof first, "%s/a.yml", path);
	assert_int_equal(mkdir(path, 0700), 0);
	file_write(first, yaml);
	assert_int_equal(load(path, cache), 2);
	sleep(3); /* until the files have settled */
	assert_int_equal(load(path, cache), 2); /* makes the image */
	assert_int_equal(load(path, cache), 2); /* takes it */
	file_write(first, "title: a\nlogsource: {category: t}\n"
		"detection: {s: {F: b}, condition: s}\n");
	assert_int_equal(load(path, cache), 1);
	snprintf(path, sizeof path, "rm -r '%s'", folder);
	assert_int_equal(system(path), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_read_back_answer_as_they_did),
		cmocka_unit_test(a_damaged_image_is_refused_or_harmless),
		cmocka_unit_test(a_change_of_the_files_is_noticed),
	};

	return cmocka_run_group_tests_name("image", tests, NULL, NULL);
}
