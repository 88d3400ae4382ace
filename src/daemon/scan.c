// SPDX-License-Identifier: Apache-2.0
// The process that reads the files of others: it is handed one descriptor after the other and says
// what the bytes behind them are. It has no files of its own, no network, and knows no names.

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/own.h"
#include "daemon/message.h"
#include "daemon/rights.h"

enum { BLOCK = 1 << 17, BYTES = 256 };

struct scanning {
	EVP_MD_CTX *sha256, *sha1, *md5;
	uint64_t seen[BYTES], n; /* how often each byte came, and bytes in all */
	unsigned char block[BLOCK];
};

static bool scanning_begin(struct scanning *s)
{
	memset(s->seen, 0, sizeof s->seen);
	s->n = 0;
	return EVP_DigestInit_ex(s->sha256, EVP_sha256(), NULL) &&
		EVP_DigestInit_ex(s->sha1, EVP_sha1(), NULL) &&
		EVP_DigestInit_ex(s->md5, EVP_md5(), NULL);
}

static bool block_take(struct scanning *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		s->seen[s->block[i]]++;
	s->n += n;
	return EVP_DigestUpdate(s->sha256, s->block, n) &&
		EVP_DigestUpdate(s->sha1, s->block, n) && EVP_DigestUpdate(s->md5, s->block, n);
}

/* Shannon's entropy of the bytes, in hundredths of a bit: 0 for none or all alike, at most 800. */
static uint32_t entropy_of(const struct scanning *s)
{
	double sum = 0;

	for (unsigned i = 0; i < BYTES; i++) {
		double p = s->n ? (double)s->seen[i] / (double)s->n : 0;

		if (s->seen[i])
			sum -= p * log2(p);
	}
	return (uint32_t)(sum * 100 + 0.5);
}

/* False if it cannot be read to its end, or grew meanwhile. */
static bool file_scan(struct scanning *s, int fd, uint64_t size, struct message_hashed *found)
{
	ssize_t n;

	if (!scanning_begin(s))
		return false;
	for (uint64_t at = 0; (n = pread(fd, s->block, BLOCK, (off_t)at)) > 0; at += (uint64_t)n) {
		if (!at) {
			found->head_length = n < SCAN_HEAD ? (uint32_t)n : SCAN_HEAD;
			memcpy(found->head, s->block, found->head_length);
		}
		if (s->n + (uint64_t)n > size || !block_take(s, (size_t)n))
			return false;
	}
	found->entropy = entropy_of(s);
	return !n && s->n == size && EVP_DigestFinal_ex(s->sha256, found->sha256, NULL) &&
		EVP_DigestFinal_ex(s->sha1, found->sha1, NULL) &&
		EVP_DigestFinal_ex(s->md5, found->md5, NULL);
}

struct scanner {
	struct channel *parent;
	struct scanning scanning;
};

static void on_scan(void *context, enum message message, const void *bytes, size_t n, int *fds,
	size_t fd_count)
{
	struct scanner *scanner = context;
	const struct message_scan *scan = bytes;
	struct message_hashed found = {.id = scan->id};

	if (fd_count)
		found.known = file_scan(&scanner->scanning, fds[0], scan->size, &found);
	channel_send(scanner->parent, MESSAGE_scanned, &found, sizeof found);
	channel_flush(scanner->parent, NULL);
}

int role_scan(const struct post *post)
{
	static struct scanner scanner;
	struct message_rights rights;
	struct error err = {0};

	scanner.scanning.sha256 = EVP_MD_CTX_new();
	scanner.scanning.sha1 = EVP_MD_CTX_new();
	scanner.scanning.md5 = EVP_MD_CTX_new();
	if (rights_drop(RIGHTS_scan, post, &rights, &err)) {
		dprintf(2, "saker: the scan process %s\n", err.text);
		return 1;
	}
	scanner.parent = channel_new(post->channel, ROLE_scan, ROLE_parent);
	for (;;) {
		struct pollfd wait = {channel_fd(scanner.parent), POLLIN, 0};

		if (poll(&wait, 1, -1) < 0 && errno != EINTR)
			return 1;
		if (channel_receive(scanner.parent, on_scan, &scanner, &err))
			return 0;
	}
}
