/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much each rule says: detections in the store by rule, how many a day, and how many of them
 * an exception made expected ones.
 */
#pragma once

#include "cli/command.h"

/* `saker rules noise [--since TIME]`. */
int rules_noise(struct invocation *invocation);
