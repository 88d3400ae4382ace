# SPDX-License-Identifier: Apache-2.0
"""Files in protected places: looked through when they were written and before they are opened; and who makes them
unreadable one after the other is stopped. Everything happens in a folder of the test's own."""
import hashlib
import os
import re
import signal
import subprocess
import sys
import threading
import time

from live import SCRATCH, Saker, check, finish, is_alive, run, within

SHELL = '<?php system($_GET["c"]); ?>\n'
WEB = os.path.join(SCRATCH, "web")
FOLDERS = [os.path.join(WEB, name) for name in ("a", "b", "c")]
LISTED = "nothing but a text whose hash is listed\n" * 8


def write(path, text, mode="w"):
    with open(path, mode) as f:
        f.write(text)


def reads(path):
    """Whether another program may open it."""
    return run("cat", path).returncode == 0


def documents(count=60):
    """Readable files that are old, so that they are known for what they are."""
    paths = []
    for i in range(count):
        path = os.path.join(FOLDERS[i % 3], f"document{i}.txt")
        write(path, f"This is document {i}, which somebody wrote for others to read.\n" * 40)
        paths.append(path)
    return paths


def damaged(paths):
    count = 0
    for path in paths:
        with open(path, "rb") if os.path.exists(path) else open(os.devnull, "rb") as f:
            count += not f.read(7) == b"This is"
    return count


os.makedirs(os.path.join(SCRATCH, "indicators"))
for folder in FOLDERS:
    os.makedirs(folder)
with open("/bin/true", "rb") as f:
    LISTED_PROGRAM = f.read() + b"listed"
write(os.path.join(SCRATCH, "indicators", "listed.txt"), hashlib.sha256(LISTED.encode()).hexdigest() + "\n" +
      hashlib.sha256(LISTED_PROGRAM).hexdigest() + "\n")
settings = os.path.join(SCRATCH, "saker.conf")
write(settings, f"scan_folders = {WEB}\nindicators = {SCRATCH}/indicators\n")
os.mkfifo(os.path.join(WEB, "fifo"))
old, listed, good = (os.path.join(WEB, name) for name in ("old.php", "listed.bin", "good.txt"))
write(old, SHELL)
write(listed, LISTED)
write(good, "an ordinary page\n")

RANSOM = """
import os, sys
for path in sys.argv[1:]:
    try:
        with open(path, "r+b") as f:
            n = len(f.read()); f.seek(0); f.write(os.urandom(n))
        os.rename(path, path + ".locked")
    except OSError:
        pass
"""
COPIES = """
import os, sys
for path in sys.argv[1:]:
    try:
        with open(path, "rb") as f:
            n = len(f.read())
        with open(path + ".locked", "wb") as f:
            f.write(os.urandom(n))
        os.unlink(path)
    except OSError:
        pass
"""
# a program for each file
LOOP = 'for f in "$@"; do head -c $(wc -c <"$f") /dev/urandom >"$f.new" && cat "$f.new" >"$f"; rm -f "$f.new"; done'

with Saker("--config", settings) as saker:
    check("without --prevent a web shell is read", reads(old))
    write(os.path.join(WEB, "dropped.php"), SHELL)
    check("and told when it is written", within(5, lambda: saker.line("YARA: Web_Shell_PHP_Command")), saker.output())
os.unlink(os.path.join(WEB, "dropped.php"))

with Saker("--config", settings, "--prevent", "--scope", "dir:" + WEB) as saker:
    within(5, lambda: "guard" in saker.children())
    check("a web shell that was there before is not opened", within(3, lambda: not reads(old)), saker.output())
    check("it is told with the rule", saker.wait_for("old.php", 3) and "prevented by hold" in saker.wait_for("old.php", 3)[1],
          saker.output())
    check("nor again", not reads(old))
    check("it can be renamed and removed", not os.rename(old, old + ".txt") and not os.unlink(old + ".txt"))
    check("a file whose hash is listed is not opened", not reads(listed))
    check("told as that", saker.wait_for("hash is listed", 3), saker.output())
    check("an ordinary file is", reads(good) and reads(good))
    dropped = os.path.join(WEB, "dropped.php")
    write(dropped, SHELL)
    check("a web shell is told when it is written", within(3, lambda: any(
        "dropped.php" in text and "writes" in text for _, text in saker.lines)), saker.output())
    check("and not opened", not reads(dropped))
    check("a fifo makes nobody wait but who opens it", run("timeout", "1", "cat", os.path.join(WEB, "fifo")).returncode == 124
          and reads(good))
    program = os.path.join(WEB, "program")
    subprocess.run(["cp", "/bin/true", program], check=True)
    check("a program runs", run(program).returncode == 0)
    hostile = os.path.join(WEB, "hostile")
    write(hostile, LISTED_PROGRAM, "wb")
    os.chmod(hostile, 0o755)
    try:
        started = run(hostile).returncode == 0
    except PermissionError:
        started = False
    check("one whose hash is listed does not", not started)
    later = os.path.join(WEB, "later")
    os.mkdir(later)
    time.sleep(1.2)
    write(os.path.join(later, "x.php"), SHELL)
    check("a folder that is made later is protected within a second", not reads(os.path.join(later, "x.php")))

    for name, command in (("rewritten in place", [sys.executable, "-c", RANSOM]),
                          ("replaced by copies", [sys.executable, "-c", COPIES]),
                          ("rewritten by a program for each", ["setsid", "bash", "-c", LOOP, "loop"])):
        paths = documents()
        time.sleep(1.1)
        done = run(*command, *paths)
        lost = damaged(paths)
        print(f"# {name}: {lost} of {len(paths)} files were lost, the program ended with {done.returncode}")
        check(f"files that are {name}: at most 20 are lost", 1 <= lost <= 20, saker.output())
        check("and who does it is ended", within(3, lambda: done.returncode in (-signal.SIGKILL, 137)), done.returncode)
        for path in paths:
            for end in ("", ".locked", ".new"):
                if os.path.exists(path + end):
                    os.unlink(path + end)
    told = within(3, lambda: [text for _, text in saker.lines if "made unreadable" in text])
    check("each is told", len(told) >= 3, saker.output())

    paths = documents(12)
    time.sleep(1.1)
    run(sys.executable, "-c", COPIES.replace("os.unlink(path)", "pass"), *paths)
    for path in paths:  # by this test, not by who made the copies, and who has ended
        os.unlink(path)
    check("who only removes the originals is not blamed", within(3, lambda: len(
        [1 for _, text in saker.lines if "made unreadable" in text]) > len(told)) and reads(good), saker.output())
    for path in paths:
        os.unlink(path + ".locked")
    paths = documents()
    time.sleep(1.1)
    done = run("gzip", *paths)
    check("files may be packed", done.returncode == 0 and all(os.path.exists(path + ".gz") for path in paths), done.stderr)

    guard = saker.children()["guard"]
    os.kill(guard, signal.SIGSTOP)
    fresh = os.path.join(WEB, "fresh.txt")
    write(fresh, "nobody has seen this\n")
    began = time.monotonic()
    check("a guard that is stopped holds nobody for ever", reads(fresh) and time.monotonic() - began < 2)
    os.kill(guard, signal.SIGKILL)
    check("one that was killed comes again", within(10, lambda: saker.children().get("guard", guard) != guard))
    check("and guards", within(5, lambda: not reads(dropped)), saker.output())
    os.kill(saker.children()["scan"], signal.SIGSTOP)
    check("a scan process that is stopped does not matter here", reads(good) and not reads(dropped))
check("it ended in order", saker.process.returncode == 0, saker.output())
check("and nothing is held any more", reads(dropped))
finish()
