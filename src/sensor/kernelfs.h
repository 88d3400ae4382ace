/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small files of the kernel's own file systems (tracefs, securityfs, cgroup2), read through a
 * mount that nobody else sees: nothing is mounted on the host.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* A descriptor of a fresh, unattached mount of that type; -1 with a sentence. */
int kernelfs_open(const char *type, struct error *err);

/* Reads at most size - 1 bytes of a file below the mount, without its line end; -1 if it is not
 * there. */
int kernelfs_read(int mount, const char *path, char *text, size_t size);

/* Where the unified (v2) cgroup tree is mounted; -1 with a sentence if it is not. */
int cgroup_root(char *path, size_t size, struct error *err);

/* The id that the kernel gives a folder of the unified tree, and its depth there (the root: 0); -1
 * with a sentence. */
int cgroup_identify(const char *folder, uint64_t *id, uint32_t *level, struct error *err);
