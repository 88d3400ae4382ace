/* SPDX-License-Identifier: Apache-2.0 */
/*
 * saker-read, the program beside this one that has the libraries for what others made, so that
 * they take no room in the processes that watch.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Beside this program, or where it is installed; false if it is not there. */
bool reader_find(char *path, size_t size);
