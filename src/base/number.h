/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as text, of which one number has one spelling: the canonical one. */
#pragma once

#include "base/arena.h"

/* [-+] digits [. digits] [e [-+] digits]; `whole`: neither point nor exponent. */
bool number_is_decimal(struct text text, bool *whole);

/* 0x and 1 to 16 digits. */
bool number_is_hexadecimal(struct text text);

/*
 * A number as canonical decimal text ("4625", "-5", "1.5"), from decimal, hexadecimal or floating
 * notation; no text if it is none.
 */
struct text number_canonical(struct text number, struct arena *arena);
