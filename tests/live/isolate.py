# SPDX-License-Identifier: Apache-2.0
"""Isolation of a control group of the test's own: what stays reachable and what does not, to both versions of IP, in
both directions; that it outlives its maker; and that nobody else notices."""
import json
import os
import subprocess
import sys
import time

from live import PROGRAM, check, finish, run

tree = next((t for t in ("/sys/fs/cgroup", "/sys/fs/cgroup/unified")
             if os.path.exists(os.path.join(t, "cgroup.controllers"))), None)
if not tree:
    print("1..0 # SKIP the unified tree of control groups is not mounted")
    sys.exit(0)
group = os.path.join(tree, f"saker-isolate-{os.getpid()}")
scope = f"cgroup:{group}"
os.mkdir(group)

# In a network of its own, with two addresses that are no loopback ones.
TRY = f"""
import ctypes, os, socket, subprocess, sys
libc = ctypes.CDLL(None)
libc.unshare(0x40000000)
for command in ("ip link set lo up", "ip addr add 192.0.2.1/32 dev lo", "ip addr add 192.0.2.2/32 dev lo",
                "ip -6 addr add 2001:db8::1/128 dev lo nodad", "ip -6 addr add 2001:db8::2/128 dev lo nodad"):
    subprocess.run(command.split(), check=True)
if "inside" in sys.argv:
    open("{group}/cgroup.procs", "w").write("0")
for name in ("192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2", "127.0.0.1"):
    family = socket.AF_INET6 if ":" in name else socket.AF_INET
    for kind in ("tcp", "udp"):
        for port in (80, 81):
            s = socket.socket(family, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
            s.settimeout(2)
            try:
                s.connect((name, port)) if kind == "tcp" else s.sendto(b"x", (name, port))
                print(name, kind, port, "done")
            except OSError as e:
                print(name, kind, port, e.errno or "timeout")
"""


def attempt(*where):
    done = run(sys.executable, "-c", TRY, *where)
    lines = [line.rsplit(" ", 1) for line in done.stdout.splitlines()]
    return {what: result for what, result in lines} or {"": done.stderr}


def isolate(*options):
    return run(PROGRAM, "isolate", "--scope", scope, *options)


REFUSED, UNHEARD = "1", "111"  # EPERM; ECONNREFUSED: it got there, and nobody listens
try:
    before = attempt("inside")
    check("everything is reachable before", before.get("192.0.2.1 tcp 80") == UNHEARD, before)

    begun = isolate("--allow", "192.0.2.1", "--allow", "[2001:db8::1]:80")
    check("it begins", begun.returncode == 0 and "isolated in" in begun.stdout, begun.stdout + begun.stderr)
    again = isolate()
    check("a second time it is said to be there already", again.returncode == 2 and "already" in again.stderr, again.stderr)
    inside, outside = attempt("inside"), attempt()
    check("an address that is allowed is reached", inside.get("192.0.2.1 tcp 80") == UNHEARD, inside)
    check("by datagrams too", inside.get("192.0.2.1 udp 81") == "done", inside)
    check("another one is refused", inside.get("192.0.2.2 tcp 80") == REFUSED, inside)
    check("datagrams to it too", inside.get("192.0.2.2 udp 80") == REFUSED, inside)
    check("IPv6: the allowed port is reached", inside.get("2001:db8::1 tcp 80") == UNHEARD, inside)
    check("IPv6: another port is not", inside.get("2001:db8::1 tcp 81") == REFUSED, inside)
    check("IPv6: another address is not", inside.get("2001:db8::2 tcp 80") == REFUSED and
          inside.get("2001:db8::2 udp 80") == REFUSED, inside)
    check("loopback works", inside.get("127.0.0.1 tcp 80") == UNHEARD, inside)
    check("nobody outside of the group is touched", outside == before, outside)
    status = isolate("--status", "--json")
    counts = json.loads(status.stdout)
    check("what was refused is counted", counts["connections and datagrams asked for"] >= 6, status.stdout)
    check("and to whom", any(p["address"] == "192.0.2.2:80" for p in counts["peers"]), status.stdout)

    released = run(PROGRAM, "release", "--scope", scope)
    check("it is released", released.returncode == 0, released.stderr)
    check("and all is as before", attempt("inside") == before)
    check("there is nothing to release then", run(PROGRAM, "release", "--scope", scope).returncode == 2)

    dry = subprocess.Popen([PROGRAM, "isolate", "--scope", scope, "--dry-run", "4", "--json"], stdout=subprocess.PIPE, text=True)
    time.sleep(1)
    during = attempt("inside")
    counted = json.loads(dry.communicate()[0])
    check("a dry run refuses nothing", during == before, during)
    check("and counts what it would", counted["connections and datagrams asked for"] >= 8, counted)
finally:
    run(PROGRAM, "release", "--scope", scope)
    os.rmdir(group)
finish()
