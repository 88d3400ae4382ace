/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The 64-bit key of a value: multiply 64 by 64 bits and fold, 16 bytes at a step. The seed is made
 * from all values of a set (compile.c), so that nobody can write a feed of values that collide.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "intel/indicator/lanes.h"

#define KEY_A UINT64_C(0x9e3779b97f4a7c15)
#define KEY_B UINT64_C(0xd6e8feb86659fd93)

static inline uint64_t key_load8(const void *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof value);
	return value;
}

static inline uint64_t key_load4(const void *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof value);
	return value;
}

static inline uint64_t key_fold(uint64_t a, uint64_t b)
{
	__extension__ typedef unsigned __int128 wide;
	wide product = (wide)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/*
 * The key of the bytes after `change` (of lanes.h) has made them alike: no copy of them is made,
 * since reading back what was just written in other pieces would cost more than all the rest.
 */
static inline __attribute__((always_inline)) uint64_t key_of_changed(
	uint64_t seed, const void *bytes, size_t n, uint64_t (*change)(uint64_t word))
{
	const uint8_t *at = bytes;
	/* no value makes a factor zero unless it knows the seed */
	uint64_t key = seed ^ (n * KEY_B), secret = seed + KEY_A, a, b;

	for (; n > 16; at += 16, n -= 16)
		key = key_fold(change(key_load8(at)) ^ secret, change(key_load8(at + 8)) ^ key);
	if (n >= 8) {
		a = key_load8(at);
		b = key_load8(at + n - 8);
	} else if (n >= 4) {
		a = key_load4(at);
		b = key_load4(at + n - 4);
	} else {
		a = n ? (uint64_t)at[0] | (uint64_t)at[n / 2] << 8 | (uint64_t)at[n - 1] << 16 : 0;
		b = 0;
	}
	key = key_fold(change(a) ^ secret, change(b) ^ key);
	return key_fold(key ^ KEY_B, (seed >> 1) ^ KEY_A);
}

static inline __attribute__((always_inline)) uint64_t key_of(
	uint64_t seed, const void *bytes, size_t n)
{
	return key_of_changed(seed, bytes, n, lanes_same);
}
