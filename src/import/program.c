// SPDX-License-Identifier: Apache-2.0
// Logsources by program.

#include "base/own.h"
#include "import/program.h"

enum { FACILITY_AUTH = 4, FACILITY_CRON = 9, FACILITY_AUTHPRIV = 10 };

static const struct {
	struct text name, service;
} programs[] = {
#define PROGRAM(name, service) {TEXT(name), TEXT(service)},
#include "import/program.def"
#undef PROGRAM
};

static void source_add(struct record *record, struct text service)
{
	for (unsigned i = 0; i < record->source_count; i++)
		if (text_equal(record->sources[i].service, service))
			return;
	if (record->source_count < RECORD_SOURCES)
		record->sources[record->source_count++] = (struct logsource){
			.product = TEXT("linux"), .service = service};
}

/* "sshd" is meant by "sshd-session" too, but "su" not by "sudo". */
static bool is_of(struct text program, struct text name)
{
	return text_starts(program, name) &&
		(program.n == name.n || strchr("-.[(:/@", program.at[name.n]));
}

void program_sources(struct record *record, struct text program, int facility)
{
	program = text_basename(program);
	source_add(record, TEXT("syslog"));
	for (size_t i = 0; i < array_size(programs); i++)
		if (is_of(program, programs[i].name))
			source_add(record, programs[i].service);
	if (facility == FACILITY_AUTH || facility == FACILITY_AUTHPRIV)
		source_add(record, TEXT("auth"));
	if (facility == FACILITY_CRON)
		source_add(record, TEXT("cron"));
}
