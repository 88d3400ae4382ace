# SPDX-License-Identifier: Apache-2.0
"""kill -9 of each process of saker: the host goes on, the child comes back, the store is whole and says what happened."""
import os
import shutil
import signal
import tempfile
import time

from live import NOTHING, Saker, check, finish, is_alive, run, within

folder = tempfile.mkdtemp(prefix="saker-live-killed-", dir="/tmp")
program = os.path.join(folder, "program")
shutil.copy(NOTHING, program)


def start_one():
    """Whether a program in the watched place starts, and how long that took."""
    began = time.monotonic()
    done = run(program)
    return done.returncode == 0 and time.monotonic() - began < 1


def kill_child(saker, role):
    pid = saker.children().get(role)
    if not check(f"there is a process {role}", pid, saker.children()):
        return
    os.kill(pid, signal.SIGKILL)
    check(f"without {role} programs start at once", start_one())
    came_back = within(2, lambda: saker.children().get(role) not in (None, pid))
    check(f"{role} is there again within two seconds", came_back, saker.children())
    said = within(5, lambda: [e for e in saker.events("sensor_child")
                              if role in str(e.get("saker.about", "")) + str(e.get("message", ""))])
    check(f"an event says that {role} ended", said, saker.events("sensor_child"))
    check("the store is whole", saker.is_whole())


try:
    with Saker("--prevent", "--scope", "dir:" + folder) as saker:
        for role in ("engine", "store", "scan", "watchdog", "witness"):
            kill_child(saker, role)
        signals = within(5, lambda: [e for e in saker.events("process_signal") if e.get("call.own")
                                     and e["call.operation"] == "SIGKILL" and e["process.pid"] == os.getpid()])
        check("who sent the signals is told", signals and len(signals) >= 4, saker.events("process_signal"))
        check("and detected", [d for d in saker.detections() if d["rule.name"] == "Saker itself was touched"],
              saker.output())
        before = saker.count("detection")
        saker.demo()
        check("and afterwards detections still arrive", within(5, lambda: saker.count("detection") >= before + 8),
              saker.output())

        children = saker.children()
        saker.process.kill()
        check("without the parent programs start at once", start_one())
        saker.process.wait()
        check("its children end by themselves",
              within(5, lambda: not any(is_alive(pid) for pid in children.values())), children)
        check("the store is whole", saker.is_whole())

    with Saker("--prevent", "--scope", "dir:" + folder, store=saker.store) as again:
        told = within(5, lambda: [e for e in again.events("sensor_child") + again.events("sensor_notice")
                                  if str(saker.process.pid) in str(e)])
        check("the next one says that the parent before it was killed", told,
              again.events("sensor_child") + again.events("sensor_notice"))
        check("and sees", start_one() and within(3, lambda: again.count("process_exec", program)))
    check("it ended in order", again.process.returncode == 0, again.output())
finally:
    shutil.rmtree(folder, ignore_errors=True)
finish()
