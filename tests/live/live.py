# SPDX-License-Identifier: Apache-2.0
"""For the live tests: `saker run` with a store of its own, its lines with the time at which they came, and TAP.

    with Saker() as saker:
        saker.demo()
        check("it saw the shell", saker.line("Shell started below a web server"))
    finish()
"""
import atexit
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

PROGRAM, EVENTS, NOTHING, STARTS, OPENS = sys.argv[1:6]
if os.geteuid() != 0 or not os.path.exists("/sys/kernel/btf/vmlinux"):
    print("1..0 # SKIP needs root and a kernel with BTF")
    sys.exit(0)

SCRATCH = tempfile.mkdtemp(prefix="saker-live-")
os.chmod(SCRATCH, 0o755)
results = []

atexit.register(shutil.rmtree, SCRATCH, ignore_errors=True)
# whoever ends a test ends what it started
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def check(sentence, passed, why=""):
    """One test. `why` is shown if it failed."""
    results.append(bool(passed))
    print(f"{'ok' if passed else 'not ok'} {len(results)} - {sentence}")
    if not passed:
        for line in str(why).splitlines()[-40:]:
            print("# " + line)
    sys.stdout.flush()
    return passed


def finish():
    print(f"1..{len(results)}")
    sys.exit(0 if all(results) else 1)


def within(seconds, condition):
    """The first true value of condition() within that time, else its last."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value or time.monotonic() > end:
            return value
        time.sleep(0.02)


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class Saker:
    """A `saker run` of our own. Lines of its output are kept as (time, text)."""

    def __init__(self, *options, store=None):
        self.store = store or tempfile.mkdtemp(dir=SCRATCH)
        self.lines, self.errors = [], []
        self.process = subprocess.Popen([PROGRAM, "run", "--store", self.store, *options], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self.readers = [threading.Thread(target=self.read, args=pair, daemon=True)
                        for pair in ((self.process.stdout, self.lines), (self.process.stderr, self.errors))]
        for reader in self.readers:
            reader.start()

    @staticmethod
    def read(stream, into):
        for line in stream:
            into.append((time.time(), line.rstrip("\n")))

    def __enter__(self):
        if not self.wait_for("saker is watching", 20):
            self.stop()
            check("saker runs", False, self.output())
            finish()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Ends it in order; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for reader in self.readers:
            reader.join(5)
        return self.process.returncode

    def output(self):
        return "\n".join(text for _, text in self.lines + self.errors)

    def line(self, part, after=0.0):
        """The first line with this part that came after that time, as (time, text)."""
        return next((line for line in list(self.lines) if part in line[1] and line[0] >= after), None)

    def wait_for(self, part, seconds, after=0.0):
        return within(seconds, lambda: self.line(part, after))

    def children(self):
        """{role: pid} of the processes that the parent keeps."""
        found = {}
        for name in os.listdir("/proc"):
            if not name.isdigit():
                continue
            try:
                with open(f"/proc/{name}/stat") as f:
                    fields = f.read().rpartition(")")[2].split()
                with open(f"/proc/{name}/cmdline") as f:
                    words = f.read().split("\0")
            except OSError:
                continue
            if int(fields[1]) == self.process.pid and fields[0] != "Z":
                role = words[words.index("--role") + 1] if "--role" in words else words[0]
                found[role] = int(name)
        return found

    def memory(self):
        """Resident bytes of all its processes together: the proportional share of each, so that what they share
        counts once, and the plain sum."""
        shared = plain = 0
        for pid in [self.process.pid, *self.children().values()]:
            try:
                with open(f"/proc/{pid}/smaps_rollup") as f:
                    text = f.read()
            except OSError:
                continue
            plain += 1024 * int(re.search(r"^Rss: +(\d+)", text, re.M)[1])
            shared += 1024 * int(re.search(r"^Pss: +(\d+)", text, re.M)[1])
        return shared, plain

    def demo(self, *options):
        """Takes the nine steps; gives what it says of each."""
        done = run(PROGRAM, "demo", "web-shell", "--fast", "--json", *options)
        self.demo_output = done.stdout + done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def count(self, kind, executable=None):
        """How many events of that kind are in the store; for sensor_gap how many events are missing."""
        done = run(EVENTS, self.store, kind, *([executable] if executable else []))
        return int(done.stdout) if done.returncode == 0 else -1

    def events(self, kind):
        done = run(EVENTS, self.store)
        return [e for e in map(json.loads, done.stdout.splitlines()) if e["event.kind"] == kind]

    def detections(self):
        done = run(PROGRAM, "detections", "--store", self.store, "--json")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def is_whole(self):
        """Whether SQLite finds nothing wrong with the database."""
        with sqlite3.connect(f"file:{self.store}/saker.db?mode=ro", uri=True) as database:
            return database.execute("pragma integrity_check").fetchall() == [("ok",)]
