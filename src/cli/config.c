// SPDX-License-Identifier: Apache-2.0
// `saker config`: the settings with their defaults; --explain says what each one does.

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cli/command.h"
#include "daemon/settings.h"

static void setting_json(const struct setting *setting, struct json_writer *out)
{
	json_writer_reset(out);
	json_object_open(out);
	json_pair(out, "name", setting->name);
	json_pair(out, "type", setting->type);
	json_pair(out, "default", setting->default_);
	json_pair(out, "sentence", setting->sentence);
	json_object_close(out);
	printf("%.*s\n", (int)out->n, out->at);
}

int command_config(struct invocation *invocation)
{
	bool explain = invocation->argc == 2 && !strcmp(invocation->argv[1], "--explain");
	struct json_writer out = {0};

	if (invocation->argc > 1 && !explain)
		return usage(invocation);
	for (size_t i = 0; i < setting_count; i++) {
		const struct setting *setting = &setting_table[i];

		if (invocation->json)
			setting_json(setting, &out);
		else if (explain)
			printf("%s# %s (%s)\n%s = %s\n", i ? "\n" : "", setting->sentence,
				setting->type, setting->name, setting->default_);
		else
			printf("%s = %s\n", setting->name, setting->default_);
	}
	json_writer_clear(&out);
	return EXIT_done;
}
