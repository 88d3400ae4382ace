/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes of Derusbi's handshake and of its messages (server variant; Novetta 2014, RSA 2014),
 * with nothing in them: around the words that make the shape everything is random.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { HANDSHAKE_BYTES = 64, MESSAGE_HEADER_BYTES = 24, MESSAGE_BEACON = 4 };
enum handshake_form { HANDSHAKE_old, HANDSHAKE_new };

/*
 * Turns 64 bytes into a handshake: the first word w0 stays, two others follow from it (little
 * endian). Old: w1 = ~w0, w2 = w0 rotated right by 7; new: w3 and w8.
 */
void handshake_shape(uint8_t bytes[HANDSHAKE_BYTES], enum handshake_form form);

/*
 * Writes the header in front of `n` bytes that stand at bytes + MESSAGE_HEADER_BYTES, as they are
 * sent: whole size, type, sum of those bytes, key, not compressed, plain size.
 */
void message_shape(uint8_t *bytes, size_t n, uint32_t type, uint32_t key);
