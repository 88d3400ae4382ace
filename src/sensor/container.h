/* SPDX-License-Identifier: Apache-2.0 */
/* Which container a process is in, from the path of its cgroup. */
#pragma once

#include "base/text.h"

/*
 * The container's id, a part of `cgroup`: 64 hexadecimal digits as Docker, containerd, Podman,
 * CRI-O and Kubernetes name the cgroups of their containers, with systemd or without; the name
 * for LXC. No text where it is in none; the runtime's own helpers outside of the container
 * (conmon, lxc.monitor) are in none.
 */
struct text container_id(struct text cgroup);

/*
 * What made the container, by the form of the cgroup's path: docker, containerd, cri-o, podman,
 * lxc, systemd-nspawn; no text where it does not show.
 */
struct text container_runtime(struct text cgroup);
