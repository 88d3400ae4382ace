/* SPDX-License-Identifier: Apache-2.0 */
/* The value of an indicator: from the text of a feed to the bytes that are kept and looked up. */
#pragma once

#include "intel/indicators.h"

/* Of each type: its bytes in a set, 0 for a text. */
extern const uint8_t indicator_widths[INDICATOR_TYPES];

struct value {
	enum indicator_type type;
	size_t n;
	uint8_t bytes[INDICATOR_VALUE_MAX];
	const char *remark; /* it was taken, but: a sentence; else NULL */
};

/*
 * Reads a value of that type, or of INDICATOR_TYPES: the type is told from the text. Defanged
 * forms are taken ("hxxp://", "example[.]org"). NULL, or why it cannot be taken, to be written
 * behind the value: "is no domain".
 */
const char *value_read(enum indicator_type type, struct text text, struct value *value);

/* The key by which a set of that seed finds the value. */
uint64_t value_key(uint64_t seed, enum indicator_type type, const uint8_t *bytes, size_t n);

/* Reads 2 * n hexadecimal digits. */
bool hash_read(struct text text, uint8_t *bytes, size_t n);
