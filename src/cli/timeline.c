// SPDX-License-Identifier: Apache-2.0
// saker timeline: the chronicle of what was found, in one of several formats.

#include <fcntl.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "cli/look.h"
#include "intrusion/range.h"
#include "intrusion/report/report.h"

struct wish {
	struct timeline_query query;
	struct text *ids;
	enum report_format format;
	const char *output; /* NULL: standard output */
};

static void wish_clear(struct wish *wish)
{
	memory_free(&wish->ids);
}

static int options_read(struct wish *wish, const struct invocation *invocation)
{
	struct error err;

	wish->ids = memory_new((size_t)invocation->argc * sizeof *wish->ids);
	for (int i = 1; i < invocation->argc; i++) {
		const char *value;

		if ((value = look_option(invocation, &i, "--since"))) {
			if (range_since(value, look_now(), &wish->query.from, &err))
				return refuse(invocation, "%s", err.text);
		} else if ((value = look_option(invocation, &i, "--format"))) {
			wish->format = report_format(value);
			if (wish->format == REPORT_FORMATS)
				return refuse(invocation, "'%.40s' is no format; write %s", value,
					report_formats());
		} else if ((value = look_option(invocation, &i, "--output"))) {
			if (!*value)
				return refuse(invocation, "--output needs a file");
			wish->output = value;
		} else if (invocation->argv[i][0] == '-') {
			return usage(invocation);
		} else {
			wish->ids[wish->query.id_count++] = text_of(invocation->argv[i]);
		}
	}
	wish->query.ids = wish->ids;
	return EXIT_done;
}

/* A report tells secrets of the host, so a new file is for its owner alone. */
static FILE *output_open(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

	if (!out && fd >= 0)
		close(fd);
	return out;
}

static int timeline_write(const struct invocation *invocation, const struct wish *wish,
	const struct timeline *timeline)
{
	until_return(file_close) FILE *out = NULL;

	if (!wish->output) {
		report_write(timeline, wish->format, stdout);
		return look_finish(invocation, stdout, "standard output");
	}
	out = output_open(wish->output);
	if (!out)
		return refuse(invocation, "cannot write '%s': %m", wish->output);
	report_write(timeline, wish->format, out);
	return look_finish(invocation, out, wish->output);
}

int command_timeline(struct invocation *invocation)
{
	until_return(wish_clear) struct wish wish = {
		.format = invocation->json ? FORMAT_jsonl : FORMAT_text,
	};
	until_return(store_close) struct store *store = NULL;
	until_return(timeline_free) struct timeline *timeline = NULL;
	struct error err;
	int status = options_read(&wish, invocation);

	if (status != EXIT_done)
		return status;
	store = store_open(invocation->store, STORE_read, &err);
	if (!store)
		return refuse(invocation, "%s", err.text);
	timeline = timeline_new(store, &wish.query, &err);
	if (!timeline)
		return refuse(invocation, "%s", err.text);
	return timeline_write(invocation, &wish, timeline);
}
