// SPDX-License-Identifier: Apache-2.0
// saker store: whether what is kept is whole.

#include <string.h>

#include "base/json.h"
#include "base/own.h"
#include "base/printable.h"
#include "cli/look.h"
#include "intrusion/words.h"
#include "store/store.h"

static bool pass_over(void *context, struct text json)
{
	++*(int64_t *)context;
	return true;
}

static void proof_print(const struct store_proof *proof, struct arena *arena)
{
	printf("%-10s  %lld chained", proof->what, (long long)proof->chained);
	if (proof->unchained)
		printf(", %lld from before there was a chain", (long long)proof->unchained);
	if (proof->broken)
		printf(", BROKEN at %lld of them, first at %.*s",
			(long long)proof->broken,
			TEXT_PRINT(time_words(proof->first_broken, arena)));
	printf("\n            head %.*s\n",
		TEXT_PRINT(arena_hex(arena, proof->head, sizeof proof->head)));
}

static void proof_json(
	const struct store_proof *proof, struct json_writer *out, struct arena *arena)
{
	char time[FIELD_BUFFER];

	json_object_open(out);
	json_pair(out, "what", proof->what);
	json_key(out, TEXT("chained"));
	json_number(out, proof->chained);
	json_key(out, TEXT("unchained"));
	json_number(out, proof->unchained);
	json_key(out, TEXT("broken"));
	json_number(out, proof->broken);
	if (proof->broken) {
		json_key(out, TEXT("first_broken"));
		json_string(out, time_text(proof->first_broken, time));
	}
	json_key(out, TEXT("head"));
	json_string(out, arena_hex(arena, proof->head, sizeof proof->head));
	json_object_close(out);
}

static int store_check(struct invocation *invocation)
{
	until_return(store_close) struct store *store = NULL;
	until_return(arena_clear) struct arena arena = {0};
	until_return(json_writer_clear) struct json_writer out = {0};
	struct store_proof proofs[STORE_CHAINS];
	struct store_query all = {0};
	struct error err, damage = {0};
	int64_t events = 0;
	bool broken = false;

	store = store_open(invocation->store, STORE_read, &err);
	if (!store || store_verify(store, proofs, &err))
		return refuse(invocation, "%s", err.text);
	broken = store_read(store, &all, pass_over, &events, &damage) != 0;
	json_array_open(&out);
	for (int i = 0; i < STORE_CHAINS; i++) {
		broken |= proofs[i].broken != 0;
		if (invocation->json)
			proof_json(&proofs[i], &out, &arena);
		else
			proof_print(&proofs[i], &arena);
	}
	json_array_close(&out);
	if (invocation->json)
		printf("%.*s\n", (int)out.n, out.at);
	else
		printf("%-10s  %lld can be read\n", "events", (long long)events);
	if (damage.text[0])
		fprintf(stderr, "saker store: %s\n", damage.text);
	if (look_finish(invocation, stdout, "standard output") != EXIT_done)
		return EXIT_refused;
	return broken ? EXIT_found : EXIT_done;
}

int command_store(struct invocation *invocation)
{
	if (invocation->argc != 2 || strcmp(invocation->argv[1], "verify"))
		return usage(invocation);
	return store_check(invocation);
}
