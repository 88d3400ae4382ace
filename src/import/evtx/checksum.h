/* SPDX-License-Identifier: Apache-2.0 */
/* The checksum of EVTX files: CRC-32 as in Ethernet (ITU-T V.42, polynomial 0xEDB88320). */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Continues a checksum; that of no bytes is 0. */
uint32_t checksum_add(uint32_t checksum, const void *bytes, size_t n);
