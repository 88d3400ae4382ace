// SPDX-License-Identifier: Apache-2.0
// What the bytes of a file are.

#include <math.h>
#include <openssl/evp.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "daemon/digest.h"

enum { BLOCK = 1 << 17, BYTES = 256 };

struct digest {
	EVP_MD_CTX *sha256, *sha1, *md5;
	uint64_t seen[BYTES], n; /* how often each byte came, and bytes in all */
	unsigned char block[BLOCK];
};

static bool begin(struct digest *d)
{
	memset(d->seen, 0, sizeof d->seen);
	d->n = 0;
	return EVP_DigestInit_ex(d->sha256, EVP_sha256(), NULL) &&
		EVP_DigestInit_ex(d->sha1, EVP_sha1(), NULL) &&
		EVP_DigestInit_ex(d->md5, EVP_md5(), NULL);
}

struct digest *digest_new(void)
{
	struct digest *d = memory_new(sizeof *d);

	d->sha256 = EVP_MD_CTX_new();
	d->sha1 = EVP_MD_CTX_new();
	d->md5 = EVP_MD_CTX_new();
	/* what a hash needs is there from now on */
	begin(d);
	return d;
}

static bool block_take(struct digest *d, size_t n)
{
	for (size_t i = 0; i < n; i++)
		d->seen[d->block[i]]++;
	d->n += n;
	return EVP_DigestUpdate(d->sha256, d->block, n) &&
		EVP_DigestUpdate(d->sha1, d->block, n) && EVP_DigestUpdate(d->md5, d->block, n);
}

/* Shannon's entropy of the bytes, in hundredths of a bit: 0 for none or all alike, at most 800. */
static uint32_t entropy_of(const struct digest *d)
{
	double sum = 0;

	for (unsigned i = 0; i < BYTES; i++) {
		double p = d->n ? (double)d->seen[i] / (double)d->n : 0;

		if (d->seen[i])
			sum -= p * log2(p);
	}
	return (uint32_t)(sum * 100 + 0.5);
}

bool digest_file(struct digest *d, int fd, uint64_t size, struct message_hashed *found)
{
	ssize_t n;

	if (!begin(d))
		return false;
	for (uint64_t at = 0; (n = pread(fd, d->block, BLOCK, (off_t)at)) > 0; at += (uint64_t)n) {
		if (!at) {
			found->head_length = n < SCAN_HEAD ? (uint32_t)n : SCAN_HEAD;
			memcpy(found->head, d->block, found->head_length);
		}
		if (d->n + (uint64_t)n > size || !block_take(d, (size_t)n))
			return false;
	}
	found->entropy = entropy_of(d);
	return !n && d->n == size && EVP_DigestFinal_ex(d->sha256, found->sha256, NULL) &&
		EVP_DigestFinal_ex(d->sha1, found->sha1, NULL) &&
		EVP_DigestFinal_ex(d->md5, found->md5, NULL);
}
