/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events as sentences in plain English: who did what, where, and what was done about it. The
 * templates stand in sentence.def.
 */
#pragma once

#include "event/event.h"

/*
 * "httpd (pid 4242, www-data) started /bin/sh: sh -c id". For a detection: what the event did that
 * matched.
 */
struct text event_sentence(const struct event *event, struct arena *arena);
