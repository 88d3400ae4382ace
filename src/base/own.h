/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ownership that can be read: a local that owns something is declared with its end, and handing it
 * over is spelled.
 *
 *	until_return(rule_free) struct rule *rule = rule_new();
 *	...
 *	return give(rule);
 *
 * A destructor takes the address of the pointer, accepts one that is NULL and leaves NULL there,
 * so the same function is called by hand and by the compiler.
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

#define until_return(destructor) __attribute__((cleanup(destructor)))

/* The pointer's value; the variable itself no longer owns it. */
#define give(pointer)                                                                             \
	({                                                                                        \
		__auto_type given_ = (pointer);                                                   \
		(pointer) = NULL;                                                                 \
		given_;                                                                           \
	})

/* Likewise for a descriptor: the variable is left at -1. */
static inline int give_fd(int *fd)
{
	int given = *fd;

	*fd = -1;
	return given;
}

#define array_size(array) (sizeof(array) / sizeof((array)[0]))

/* Frees what malloc gave; `pointer` is the address of any pointer. */
void memory_free(void *pointer);

/* Closes a descriptor that is not negative, and leaves -1. */
void fd_close(int *fd);

/* Closes a stream that is not NULL, and leaves NULL. */
void file_close(FILE **file);
