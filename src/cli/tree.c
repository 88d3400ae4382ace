// SPDX-License-Identifier: Apache-2.0
// saker tree: the processes around a detection or a process.

#include "base/own.h"
#include "cli/look.h"
#include "intrusion/report/report.h"

int command_tree(struct invocation *invocation)
{
	until_return(store_close) struct store *store = NULL;
	until_return(kin_free) struct kin *kin = NULL;
	until_return(tree_free) struct tree *tree = NULL;
	struct error err;

	if (invocation->argc != 2 || invocation->argv[1][0] == '-')
		return usage(invocation);
	store = store_open(invocation->store, STORE_read, &err);
	if (!store)
		return refuse(invocation, "%s", err.text);
	kin = kin_new(store);
	tree = tree_new(kin);
	if (tree_around(tree, store, text_of(invocation->argv[1]), &err))
		return refuse(invocation, "%s", err.text);
	if (invocation->json)
		report_tree_json(tree, stdout);
	else
		report_tree_text(tree, stdout);
	return look_finish(invocation, stdout, "standard output");
}
