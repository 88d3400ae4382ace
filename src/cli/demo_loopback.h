/* SPDX-License-Identifier: Apache-2.0 */
/* What the demonstration says over loopback. Each is the work of a child (demo_child.h). */
#pragma once

/*
 * Two connections to itself, with Derusbi's handshake both ways, the older form on the first, the
 * newer on the second.
 */
int say_handshakes(const void *context);

/*
 * One connection to itself with three beacons, each after so many milliseconds (`const int *`),
 * give or take a fifth.
 */
int say_beacons(const void *context);

/* Opens a raw socket and binds it to 127.0.0.1 with a port between 31800 and 31900. */
int bind_raw(const void *context);
