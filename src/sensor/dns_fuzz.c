// SPDX-License-Identifier: Apache-2.0
// Any bytes as a message of DNS: every text that comes back can be read to its end.

#include "base/arena.h"
#include "sensor/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static volatile unsigned seen;

static void text_see(struct text text)
{
	for (size_t i = 0; i < text.n; i++)
		seen += (unsigned char)text.at[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena arena = {0};
	bool is_answer, is_cut;
	struct dns *dns = dns_read(&arena, bytes, n, &is_answer, &is_cut);

	if (dns) {
		text_see(dns->name);
		text_see(dns->type);
		text_see(dns->code);
		for (size_t i = 0; i < dns->answers.n; i++)
			text_see(dns->answers.at[i]);
		for (size_t i = 0; i < dns->resolved.n; i++)
			text_see(dns->resolved.at[i]);
	}
	arena_clear(&arena);
	return 0;
}
