// SPDX-License-Identifier: Apache-2.0
// `saker doctor`: what this kernel lets saker see and stop, tried out, and by which rung each deny
// rule would be enforced.

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/own.h"
#include "cli/command.h"
#include "daemon/content.h"
#include "daemon/login_source.h"
#include "daemon/settings.h"
#include "detect/folder.h"
#include "detect/plan.h"
#include "detect/rules.h"
#include "sensor/load.h"

struct examination {
	struct sensor *sensor;
	struct rules *rules;
	struct plan plan;
};

static void examination_clear(struct examination *examination)
{
	plan_clear(&examination->plan);
	rules_free(&examination->rules);
	sensor_close(&examination->sensor);
}

static const struct capability *capability_find(const struct sensor *sensor, const char *about)
{
	const struct capability *all;
	size_t n = sensor_capabilities(sensor, &all);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(all[i].about, about))
			return &all[i];
	return NULL;
}

static bool works(const struct sensor *sensor, const char *about)
{
	const struct capability *capability = capability_find(sensor, about);

	return capability && !strcmp(capability->state, "works");
}

/* The capability that refuses acts of a rule's category, whichever of the two ways it has. */
static const char *refusing_capability(const struct sensor *sensor, struct text category)
{
	static const struct {
		const char *category, *about;
	} all[] = {
		{"driver_load", "rung_module"},
		{"process_access", "rung_attach"},
		{"bpf", "rung_bpf"},
	};

	if (text_is(category, "process_creation"))
		return works(sensor, "rung_modify") ? "rung_modify" : "rung_lsm";
	for (size_t i = 0; i < array_size(all); i++)
		if (text_is(category, all[i].category))
			return all[i].about;
	return "rung_file";
}

/* The strongest rung that would enforce a deny rule here, and why not a stronger one. */
static const char *rung_of(const struct examination *examination, const struct rule *rule,
	const char **why)
{
	const struct sensor *sensor = examination->sensor;
	bool is_exec = text_is(rule->category, "process_creation");
	const char *about = refusing_capability(sensor, rule->category);
	const struct capability *capability = capability_find(sensor, about);

	*why = examination->plan.why_not[rule->number];
	if (!*why && works(sensor, about))
		return strncmp(capability->via, "lsm", 3) ? "modify" : "lsm";
	if (!*why && capability)
		*why = capability->message;
	if (is_exec && !examination->plan.why_not[rule->number] && works(sensor, "rung_signal"))
		return "signal";
	if (is_exec && works(sensor, "rung_hold"))
		return "hold (inside --scope dir:), else kill";
	return works(sensor, "rung_kill") ? "kill" : "none";
}

static void pair(struct json_writer *out, const char *key, const char *value)
{
	json_key(out, text_of(key));
	json_string(out, text_of(value));
}

static void report_json(const struct examination *examination)
{
	until_return(json_writer_clear) struct json_writer out = {0};
	const struct capability *all;
	size_t n = sensor_capabilities(examination->sensor, &all);

	json_object_open(&out);
	json_key(&out, TEXT("capabilities"));
	json_array_open(&out);
	for (size_t i = 0; i < n; i++) {
		json_object_open(&out);
		pair(&out, "about", all[i].about);
		pair(&out, "state", all[i].state);
		pair(&out, "via", all[i].via);
		pair(&out, "message", all[i].message);
		json_object_close(&out);
	}
	json_array_close(&out);
	json_key(&out, TEXT("rules"));
	json_array_open(&out);
	for (size_t i = 0; examination->rules && i < rules_count(examination->rules); i++) {
		const struct rule *rule = rules_get(examination->rules, i);
		const char *why;

		if (rule->action != ACTION_deny)
			continue;
		json_object_open(&out);
		json_key(&out, TEXT("id"));
		json_string(&out, rule->id);
		json_key(&out, TEXT("title"));
		json_string(&out, rule->title);
		pair(&out, "rung", rung_of(examination, rule, &why));
		pair(&out, "why_no_stronger", why ? why : "");
		json_object_close(&out);
	}
	json_array_close(&out);
	json_object_close(&out);
	printf("%.*s\n", (int)out.n, out.at);
}

static void capabilities_print(const struct sensor *sensor, bool rungs)
{
	const struct capability *all;
	size_t n = sensor_capabilities(sensor, &all);

	printf("%s\n", rungs ? "\nwhat it can stop, tried on programs of its own"
			     : "what saker sees on this kernel");
	for (size_t i = 0; i < n; i++) {
		if (!strncmp(all[i].about, "rung_", 5) != rungs)
			continue;
		printf("  %-22s %-7s %s\n", all[i].about + (rungs ? 5 : 0), all[i].state,
			all[i].via);
		if (*all[i].message)
			printf("  %-22s         %s\n", "", all[i].message);
	}
}

/* Logins and accounts are told by a log. */
static void log_print(const struct settings *settings)
{
	const char *found = login_source(settings->auth_log);

	printf("  %-22s %-7s %s\n", "session, account", found ? "works" : "absent",
		found ? found : "log of logins");
	if (!found)
		printf("  %-22s         %s\n", "",
			"install rsyslog or systemd, or name a log by the setting `auth_log`");
}

/* Files are looked through where the folders are and the rules are. */
static void guard_print(const struct settings *settings)
{
	char rules[4096];
	bool has_rules = *settings->yara || content_folder("yara", rules, sizeof rules);
	size_t n = 0;

	for (size_t i = 0; i < settings->scan_folders.n; i++)
		n += !access(settings->scan_folders.at[i], F_OK);
	printf("  %-22s %-7s %s\n", "file_guard", has_rules ? "works" : "absent",
		has_rules ? "fanotify, YARA, listed hashes" : "YARA rules");
	if (!has_rules)
		printf("  %-22s         %s\n", "",
			"those that came with saker are not there; name some by the setting "
			"`yara`");
	else
		printf("  %-22s         %zu of the %zu folders of `scan_folders` are there\n", "",
			n, settings->scan_folders.n);
}

static void rules_print(const struct examination *examination)
{
	printf("\ndeny rules, and how each would be enforced\n");
	for (size_t i = 0; i < rules_count(examination->rules); i++) {
		const struct rule *rule = rules_get(examination->rules, i);
		const char *why, *rung;

		if (rule->action != ACTION_deny)
			continue;
		rung = rung_of(examination, rule, &why);
		printf("  %-44.*s %s\n", (int)rule->title.n, rule->title.at, rung);
		if (why && *why)
			printf("  %-44s not stronger: %s\n", "", why);
	}
}

static int rules_load(struct examination *examination, const char *given, struct error *err)
{
	char folder[4096];

	examination->rules = rules_new();
	if (!given && !content_folder("rules", folder, sizeof folder))
		return fail(err, "the rules that came with saker are not there; give --rules DIR");
	if (rules_add_folder(examination->rules, given ? given : folder, err) < 0)
		return -1;
	rules_compile(examination->rules);
	plan_make(&examination->plan, examination->rules);
	return 0;
}

int command_doctor(struct invocation *invocation)
{
	static const struct option options[] = {{"rules", required_argument, NULL, 'r'}, {0}};
	until_return(examination_clear) struct examination examination = {0};
	struct sensor_options sensor_options = {.prevent = true};
	until_return(settings_clear) struct settings settings = {0};
	const char *rules = NULL;
	struct error err = {0};
	int c;

	opterr = 0;
	optind = 1;
	while ((c = getopt_long(invocation->argc, invocation->argv, ":", options, NULL)) >= 0) {
		if (c != 'r')
			return usage(invocation);
		rules = optarg;
	}
	if (optind < invocation->argc)
		return usage(invocation);
	settings_init(&settings);
	if (settings_read(&settings, SETTINGS_FILE, &err) < 0)
		return refuse(invocation, "%s", err.text);
	sensor_options.ia32 = settings.ia32;
	sensor_options.no_hooks = !strcmp(settings.hooks, "tracepoints");
	examination.sensor = sensor_open(&sensor_options, &err);
	if (!examination.sensor || rules_load(&examination, rules, &err) < 0)
		return refuse(invocation, "%s", err.text);
	sensor_prove(examination.sensor);
	if (invocation->json) {
		report_json(&examination);
		return EXIT_done;
	}
	capabilities_print(examination.sensor, false);
	log_print(&settings);
	guard_print(&settings);
	capabilities_print(examination.sensor, true);
	rules_print(&examination);
	return EXIT_done;
}
