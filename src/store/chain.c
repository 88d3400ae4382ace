// SPDX-License-Identifier: Apache-2.0
// A chain over what is kept: each sealed batch, detection and notice carries the SHA-256 of its
// own bytes and of the one before it. What is changed, taken away or put between them later does
// not fit any more.

#include <openssl/evp.h>
#include <stdio.h>

#include "base/own.h"
#include "store/store_private.h"

enum { HASH = STORE_CHAIN };

static const struct {
	const char *what, *base; /* the chain of the last row that retention took */
	enum store_sql last, all;
} tables[STORE_CHAINS] = {
	[STORE_CHAIN_batch] = {"blocks", "store.chain.batch", SQL_batch_chain, SQL_batch_chained},
	[STORE_CHAIN_detection] = {"detections", "store.chain.detection", SQL_detection_chain,
		SQL_detection_chained},
	[STORE_CHAIN_notice] = {"notices", "store.chain.notice", SQL_notice_chain,
		SQL_notice_chained},
};

void store_chain_warm(void)
{
	unsigned char hash[EVP_MAX_MD_SIZE];

	EVP_Digest("", 0, hash, NULL, EVP_sha256(), NULL);
}

static void context_free(EVP_MD_CTX **context)
{
	EVP_MD_CTX_free(*context);
}

/* Numbers and bytes with their lengths, so that nothing can be moved from one to the next. */
static bool link_make(const unsigned char before[HASH], const struct store_link *link,
	unsigned char chain[HASH])
{
	until_return(context_free) EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) &&
		EVP_DigestUpdate(context, before, HASH) &&
		EVP_DigestUpdate(context, link->numbers, sizeof link->numbers);

	for (size_t i = 0; good && i < array_size(link->bytes); i++) {
		uint64_t n = link->bytes[i].n;

		good = EVP_DigestUpdate(context, &n, sizeof n) &&
			(!n || EVP_DigestUpdate(context, link->bytes[i].at, n));
	}
	return good && EVP_DigestFinal_ex(context, chain, NULL);
}

static void chain_take(struct text bytes, unsigned char chain[HASH])
{
	memset(chain, 0, HASH);
	if (bytes.n == HASH)
		memcpy(chain, bytes.at, HASH);
}

static void base_read(struct store *store, enum store_chain which, unsigned char chain[HASH])
{
	until_return(arena_clear) struct arena arena = {0};

	chain_take(store_get(store, tables[which].base, &arena), chain);
}

bool store_chain(struct store *store, enum store_chain which, const struct store_link *link,
	unsigned char chain[HASH])
{
	sqlite3_stmt *last = store_statement(store, tables[which].last);
	unsigned char before[HASH];
	bool found;

	if (!last)
		return false;
	found = sqlite3_step(last) == SQLITE_ROW;
	if (found)
		chain_take(store_column(last, 0), before);
	if (sqlite3_reset(last) != SQLITE_OK)
		return false;
	if (!found)
		base_read(store, which, before);
	return link_make(before, link, chain);
}

int store_chain_base(struct store *store, enum store_chain which, struct text chain)
{
	return chain.n == HASH ? store_value(store, tables[which].base, chain) : 0;
}

/* A row of one of the three statements: number, chain, four numbers, four values. */
static struct store_link link_of(sqlite3_stmt *row)
{
	struct store_link link = {.numbers = {0}};

	for (int i = 0; i < STORE_LINK_NUMBERS; i++)
		link.numbers[i] = sqlite3_column_int64(row, 2 + i);
	for (int i = 0; i < STORE_LINK_BYTES; i++)
		link.bytes[i] = store_column(row, 2 + STORE_LINK_NUMBERS + i);
	return link;
}

static int table_verify(struct store *store, enum store_chain which, struct store_proof *proof,
	struct error *err)
{
	sqlite3_stmt *row = store_statement(store, tables[which].all);
	unsigned char chain[HASH], made[HASH];
	int code;

	if (!row)
		return store_refuse(store, err, "read the chain");
	proof->what = tables[which].what;
	base_read(store, which, chain);
	while ((code = sqlite3_step(row)) == SQLITE_ROW) {
		struct text kept = store_column(row, 1);
		struct store_link link = link_of(row);

		if (kept.n != HASH && !proof->chained) {
			proof->unchained++;
			continue;
		}
		if (!proof->chained && proof->unchained)
			memset(chain, 0, HASH); /* it begins behind what was there before */
		proof->chained++;
		if (!link_make(chain, &link, made))
			return fail(err, "cannot compute SHA-256");
		if ((kept.n != HASH || memcmp(kept.at, made, HASH)) && !proof->broken++)
			proof->first_broken = sqlite3_column_int64(row, 0);
		chain_take(kept, chain);
	}
	sqlite3_reset(row);
	memcpy(proof->head, chain, HASH);
	return code == SQLITE_DONE ? 0 : store_refuse(store, err, "read the chain");
}

int store_verify(struct store *store, struct store_proof proofs[STORE_CHAINS], struct error *err)
{
	int status = 0;

	memset(proofs, 0, STORE_CHAINS * sizeof *proofs);
	/* one moment of it, whatever is written meanwhile */
	if (sqlite3_exec(store->db, "begin", NULL, NULL, NULL) != SQLITE_OK)
		return store_refuse(store, err, "read the chain");
	for (int i = 0; i < STORE_CHAINS && !status; i++)
		status = table_verify(store, (enum store_chain)i, &proofs[i], err);
	sqlite3_exec(store->db, "commit", NULL, NULL, NULL);
	return status;
}
