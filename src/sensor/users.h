/* SPDX-License-Identifier: Apache-2.0 */
/* Names of users, from the text of /etc/passwd as it was when the reader started. */
#pragma once

#include <stdint.h>

#include "base/text.h"

struct users;

/*
 * Lines that are none are skipped; of several names for one id the first counts. `passwd` may be
 * NULL.
 */
struct users *users_new(const char *passwd);
void users_free(struct users **users);

/* No text where the id is not known. Lives as long as the users. */
struct text users_name(const struct users *users, uint32_t uid);
