/* SPDX-License-Identifier: Apache-2.0 */
/* Names for payloads that have the shape of a known tool's message. */
#pragma once

#include <stddef.h>

#include "base/text.h"

/*
 * The name of the message that a TCP payload of `length` bytes is, of which the first `kept` are
 * at `bytes`; no text if it is none. Known are the Derusbi server variant's handshake in both
 * forms (64 bytes, w1 == ~w0 and w2 == ROR32(w0, 7), or w3 and w8 in their place) and its
 * messages of type 2 and 4 (six words: size, type, checksum, xor key, compressed, plain size;
 * Novetta 2014, RSA 2014). A message counts only if its size is that of the payload and the
 * checksum is the sum of the bytes behind the header, as they were sent or with the xor undone.
 */
struct text payload_name(const unsigned char *bytes, size_t kept, size_t length);
