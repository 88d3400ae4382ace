# SPDX-License-Identifier: Apache-2.0
"""The nine steps, in detect mode: each is detected within a second, none is stopped, the timeline tells them in order."""
import datetime
import os
import re
import signal
import shutil
import subprocess
import tempfile
import time

from live import PROGRAM, Saker, check, finish, run

LATE = 1.0  # seconds from the beginning of a step to the line of its detection


def begin(step):
    whole, _, fraction = step["@timestamp"].rstrip("Z").partition(".")
    second = datetime.datetime.fromisoformat(whole).replace(tzinfo=datetime.timezone.utc).timestamp()
    return second + float("0." + fraction)


def earliest(saker, step):
    """Seconds from the beginning of the step to the first line of one of its rules; None if there was none."""
    lines = [saker.wait_for(rule + ":", 2, begin(step)) for rule in step["rules"]]
    return min((line[0] - begin(step) for line in lines if line), default=None)


def correlate():
    """A shell below something called httpd runs a program of a temporary folder, and a service account looks around."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        server, tool = (os.path.join(folder, name) for name in ("httpd", "tool"))
        shutil.copy("/bin/bash", server)
        shutil.copy("/bin/true", tool)
        subprocess.run([server, "-c", f"dash -c '{tool}; true'; true"], check=True)
        for command in ("id", "uname", "hostname", "last"):
            subprocess.run(["setpriv", "--reuid=33", "--regid=33", "--clear-groups", command], check=False,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.time()


with Saker() as saker:
    steps = saker.demo()
    check("the demonstration took nine steps", len(steps) == 9, saker.demo_output)
    check("none was stopped", all(step["outcome"] == "done" for step in steps), saker.demo_output)
    delays = {step["step"]: earliest(saker, step) for step in steps}
    for number, delay in delays.items():
        print(f"# step {number}: " + ("not detected" if delay is None else f"detected after {delay * 1000:.0f} ms"))
    seen = [number for number, delay in delays.items() if delay is not None and delay <= LATE]
    check("at least eight of the nine steps are detected within a second", len(seen) >= 8, saker.output())
    done = correlate()
    for rule in ("Shell below a web server, and then a program from a temporary folder", "Service account looks around"):
        check(f"several events together: {rule}", saker.wait_for(rule, 2, done - 5), saker.output())
    check("so many processes need less than 80 MB", saker.memory()[0] < 80e6, saker.memory())
    check("nothing is missing", saker.count("sensor_gap") == 0)
    with subprocess.Popen([PROGRAM, "hunt", "--store", saker.store, "--follow", "event.kind = process_exec and process.args = followed"],
                          stdout=subprocess.PIPE, text=True) as follower:
        time.sleep(1)
        for _ in range(3):
            run("/bin/echo", "followed")
        time.sleep(3)
        follower.send_signal(signal.SIGINT)
        followed = follower.stdout.read().splitlines()
    check("a hunt that follows shows what comes, once each", len(followed) == 3 and follower.returncode == 0, followed)

check("it ended in order", saker.process.returncode == 0, saker.output())
check("it ended with a summary", saker.line("detections"), saker.output())
timeline = run(PROGRAM, "timeline", "--store", saker.store).stdout
places = [timeline.find(rule) for step in steps if step["step"] in seen
          for rule in step["rules"][:1] if rule in timeline]
check("the timeline tells the steps in order", len(places) >= 8 and places == sorted(places), timeline)
times = re.findall(r"^(2\d{3}-\d\d-\d\dT[\d:.]+Z)", timeline, re.M)
check("its times do not go back", times and times[1:] == sorted(times[1:]), timeline)
check("it says from which ancestors the shell came", re.search(r"ancestry .*httpd > dash", timeline), timeline)
page = run(PROGRAM, "timeline", "--store", saker.store, "--format", "html").stdout
check("the page is one file that asks for nothing else",
      "<html" in page and not re.search(r"(src|href)=[\"']?(https?:|//)", page), page[:2000])
detections = saker.detections()
check("detections are in the store", len(detections) >= 8)
if detections:
    tree = run(PROGRAM, "tree", detections[0]["detection.id"], "--store", saker.store)
    check("the tree around the first shows the web server", tree.returncode == 0 and "httpd" in tree.stdout,
          tree.stdout + tree.stderr)


def hunt(*question):
    done = run(PROGRAM, "hunt", "--store", saker.store, *question)
    return done.stdout + done.stderr


below = hunt("descendant of (process.name = httpd) and event.kind = process_exec | count by process.name")
check("a hunt finds what the web server has started", re.search(r"^(dash|sh|bash) +\d", below, re.M), below)
follows = hunt("sequence by process.entity_id [event.kind = process_exec and descendant of (process.name = httpd)] "
               "[event.kind = process_exit]", "--json")
check("and each start with its end", follows.count('"sequence"') >= 3, follows[:2000])
matched = hunt("--rule", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../content/rules"), "--limit", "0")
check("rules over the past find what they found live", all(
    rule in matched for step in steps if step["step"] in (1, 2) for rule in step["rules"][:1]), matched[-2000:])
finish()
