# SPDX-License-Identifier: Apache-2.0
"""`saker bench sensor --quick`: every figure is there, and nothing is left behind, also after an interrupt."""
import glob
import json
import signal
import subprocess
import time

from live import PROGRAM, Saker, check, finish, run, within


def read(path):
    try:
        with open(path) as f:
            return f.read()
    except OSError:
        return ""


def engines():
    return [p for p in glob.glob("/proc/[0-9]*/comm") if read(p) == "saker-engine\n"]


def folders():
    return set(glob.glob("/tmp/saker-bench-*"))


before = folders()
done = run(PROGRAM, "bench", "sensor", "--quick", "--rounds", "1", "--json", "--peer", "nobody=sleep 100")
check("it measures", done.returncode == 0, done.stderr)
figures = json.loads(done.stdout or "{}")
loads = ("call", "start", "true", "open", "connect", "shell")
check("each load has its figures for each side", all(figures.get(load, {}).get(side, {}).get("cpu_ns", 0) > 0
      for load in loads for side in ("none", "saker", "nobody")), done.stdout)
check("all starts of a quick run are seen", figures.get("starts_seen") == 1000 and figures.get("flood_seen") == 50, done.stdout)
check("saker's own cost is there", figures.get("memory_mb", 0) > 10 and figures.get("start_ms", 0) > 50 and
      figures.get("cpu_s_per_100k", 0) > 0, done.stdout)
check("its folder is gone", folders() == before, folders())

bench = subprocess.Popen([PROGRAM, "bench", "sensor", "--quick"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
time.sleep(2)
bench.send_signal(signal.SIGINT)
check("an interrupt ends it", bench.wait(30) == 2)
check("and leaves nothing", within(5, lambda: not engines() and folders() == before), (engines(), folders()))

with Saker() as saker:
    refused = run(PROGRAM, "bench", "sensor", "--quick")
check("beside another saker it refuses", refused.returncode == 2 and "running already" in refused.stderr, refused.stderr)
check("a peer without a name is refused", run(PROGRAM, "bench", "sensor", "--peer", "x").returncode == 2)
finish()
