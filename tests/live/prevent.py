# SPDX-License-Identifier: Apache-2.0
"""Prevention, in a scratch folder alone: the shell is stopped before its first instruction, all else goes on."""
import os
import shutil
import tempfile

from live import SCRATCH, Saker, check, finish, run

folder = tempfile.mkdtemp(prefix="saker-live-demo-", dir="/tmp")
os.chmod(folder, 0o755)
outside = os.path.join(SCRATCH, "httpd")
shutil.copy(os.path.realpath("/bin/sh"), outside)

try:
    with Saker("--prevent", "--scope", "dir:" + folder) as saker:
        steps = saker.demo("--folder", folder)
        check("the demonstration took nine steps", len(steps) == 9, saker.demo_output)
        shell = steps[0] if steps else {"outcome": "", "note": ""}
        check("the shell was stopped before its first instruction",
              shell["outcome"] == "stopped" and "has written nothing" in shell["note"], saker.demo_output)
        check("no other step was", all(step["outcome"] in ("done", "left out") for step in steps[1:]), saker.demo_output)
        check("the line of the detection says so", saker.wait_for("prevented by", 2), saker.output())

        # the same shape of process outside of the scope: a program called httpd that starts a shell
        free = run(outside, "-c", "/bin/sh -c 'echo ran'; exit")
        check("a web server outside of the scope starts its shell", free.stdout == "ran\n", free.stderr)
        check("and is detected", saker.wait_for("Shell started below a web server: httpd", 2), saker.output())
finally:
    shutil.rmtree(folder, ignore_errors=True)

asked = [d for d in saker.detections() if d.get("prevention.asked") == "deny"]
stopped = [d for d in asked if d.get("prevention.result") == "prevented"]
check("the store says by which rung", stopped and all(d.get("prevention.rung") for d in stopped), asked)
check("what was not in the scope was not stopped",
      not any(outside in d.get("parent.executable", "") for d in stopped), stopped)
check("it ended in order", saker.process.returncode == 0, saker.output())
finish()
