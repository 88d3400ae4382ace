# SPDX-License-Identifier: Apache-2.0
"""20,000 starts from two processes while 300,000 opens flood: every start is in the store, or a gap says how many are
not, exactly; and all processes together stay below 90 MB."""
import os
import shutil
import subprocess
import tempfile
import threading

from live import NOTHING, OPENS, STARTS, Saker, check, finish, within

# where there is no log of logins, journalctl takes five of these megabytes
EXECS, FILE_OPENS, MEMORY = 20000, 300000, 90e6

folder = tempfile.mkdtemp(prefix="saker-live-flood-", dir="/tmp")
program = os.path.join(folder, "program")
target = os.path.join(folder, "shadow")  # a sensitive name: each of its opens is an event
shutil.copy(NOTHING, program)
open(target, "w").close()


def missing(saker):
    """Events of the lifecycle class that gaps say are missing."""
    return sum(e.get("saker.count", 0) for e in saker.events("sensor_gap")
               if e.get("saker.class", "lifecycle") == "lifecycle")


def accounted(saker):
    return saker.count("process_exec", program) + missing(saker) >= EXECS


def watch_memory(saker, done, seen):
    while not done.wait(0.2):
        seen.append(saker.memory())


try:
    with Saker("--quiet") as saker:
        done, seen = threading.Event(), []
        watcher = threading.Thread(target=watch_memory, args=(saker, done, seen))
        watcher.start()
        loads = [subprocess.Popen([OPENS, str(FILE_OPENS // 2), target], stdout=subprocess.PIPE, text=True)
                 for _ in range(2)]
        loads.append(subprocess.Popen([STARTS, str(EXECS), "2", program], stdout=subprocess.PIPE, text=True))
        within(300, lambda: all(load.poll() is not None for load in loads))
        ended = [load.poll() for load in loads]
        for load in loads:
            load.kill()
        check("the workloads ran", ended == [0, 0, 0], ended)
        for load in loads:
            print(f"# {os.path.basename(load.args[0])}: {load.stdout.read().strip()}")
        within(30, lambda: accounted(saker))
        done.set()
        watcher.join()
finally:
    shutil.rmtree(folder, ignore_errors=True)

reported, lost = saker.count("process_exec", program), missing(saker)
opens = saker.count("file_open")
print(f"# {reported} of {EXECS} starts in the store; lifecycle events missing by gaps: {lost}; opens: {opens}; "
      f"missing altogether: {saker.count('sensor_gap')}")
check("every start is reported, or a gap says exactly how many are not",
      reported == EXECS or reported < EXECS <= reported + lost, saker.output())
shared, plain = max(s[0] for s in seen), max(s[1] for s in seen)
print(f"# memory of all processes: {shared / 1e6:.1f} MB, what they share counted once; {plain / 1e6:.1f} MB summed up")
check("all processes together stay below 90 MB", shared < MEMORY, saker.output())
check("the store is whole", saker.is_whole())
check("it ended in order", saker.process.returncode == 0, saker.output())
finish()
