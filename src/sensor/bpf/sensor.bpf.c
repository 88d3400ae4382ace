// SPDX-License-Identifier: GPL-2.0-or-later
// All programs of the sensor as one object, since they share their maps; one file for each kind of
// activity.

#include "sensor/bpf/act.bpf.c"

#include "sensor/bpf/file.bpf.c"

#include "sensor/bpf/process.bpf.c"

#include "sensor/bpf/deny.bpf.c"

#include "sensor/bpf/refuse.bpf.c"

#include "sensor/bpf/network.bpf.c"

#include "sensor/bpf/iter.bpf.c"

char LICENSE[] SEC("license") = "GPL";
