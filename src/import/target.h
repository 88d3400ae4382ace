/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was asked of a web server, under the names that rules use: cs-method, cs-uri, cs-uri-stem,
 * cs-uri-query. Rules look for paths under cs-uri-query too, so that field has several values: the
 * query and the whole target, each as it was sent and with %XX decoded once.
 */
#pragma once

#include "import/lines.h"

/* Adds the fields of a target: "/a/b.php?x=1". */
void target_add(struct record *record, struct record_names *names, struct text target);

/* The same of a request line: "GET /a/b.php?x=1 HTTP/1.1"; whatever else it is, it is cs-uri. */
void request_add(struct record *record, struct record_names *names, struct text request);

/* %XX decoded once, in the arena; the text itself where there is none. */
struct text percent_decoded(struct arena *arena, struct text text);
