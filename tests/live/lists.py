# SPDX-License-Identifier: Apache-2.0
"""Hashes of what is started, and what is listed: hashes, networks, names that a name server has answered for.

What is refused is refused only to processes of a folder of the test's own, and only for loopback addresses."""
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile

from live import EVENTS, SCRATCH, Saker, check, finish, within

scope = os.path.join(SCRATCH, "scope")
lists = os.path.join(SCRATCH, "lists")
os.mkdir(scope)
os.mkdir(lists)
program = os.path.join(scope, "listed-program")
shutil.copy("/bin/true", program)
with open(program, "ab") as f:
    f.write(os.urandom(16))  # nobody else has this one
os.utime(program, (1, 1))
with open(program, "rb") as f:
    content = f.read()
digests = {name: hashlib.new(name, content).hexdigest() for name in ("sha256", "sha1", "md5")}
with open(os.path.join(lists, "list.txt"), "w") as f:
    f.write(f"127.9.0.0/16\n{digests['md5']}\nevil.example\n")
receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.bind(("127.0.0.1", 0))
receiver.settimeout(10)
settings = os.path.join(SCRATCH, "saker.conf")
with open(settings, "w") as f:
    f.write(f"indicators = {lists}\nheartbeat = 127.0.0.1:{receiver.getsockname()[1]}\nheartbeat_seconds = 1\n")

TRY = """
import socket, sys
kind = socket.SOCK_STREAM if sys.argv[1] == "tcp" else socket.SOCK_DGRAM
s = socket.socket(socket.AF_INET, kind)
try:
    s.connect((sys.argv[2], 9)) if kind == socket.SOCK_STREAM else s.sendto(b"x", (sys.argv[2], 9))
    print("done")
except OSError as e:
    print(e.errno)
"""


def attempt(transport, address, folder):
    done = subprocess.run([sys.executable, "-c", TRY, transport, address], cwd=folder, capture_output=True, text=True)
    return done.stdout.strip()


def attempt_nowhere():
    """To an address for documentation, out of a network without any way to it."""
    done = subprocess.run(["unshare", "-n", sys.executable, "-c", TRY, "tcp", "192.0.2.7"], cwd=scope, capture_output=True,
                          text=True)
    return done.stdout.strip()


def executions(saker):
    return [e for e in saker.events("process_exec") if e.get("process.executable") == program]


with Saker("--prevent", "--scope", f"dir:{scope}", "--config", settings) as saker:
    subprocess.run([program], check=True)
    subprocess.run([program], check=True)
    inside = {(t, a): attempt(t, a, scope) for t in ("tcp", "udp") for a in ("127.9.1.1", "127.8.1.1")}
    unresolved = attempt_nowhere()
    # a name server of its own, in a network of its own, says that evil.example is 192.0.2.7
    subprocess.run([os.path.join(os.path.dirname(EVENTS), "..", "actions", "dns"), scope], check=True)
    resolved = within(5, lambda: attempt_nowhere() == "1")
    outside = attempt("tcp", "127.9.1.1", tempfile.gettempdir())
    written = os.path.join(scope, "written")
    with open(written, "wb") as f:
        f.write(b"PK\x03\x04" + bytes(range(256)) * 16)
    beats = [receiver.recv(1024).decode() for _ in range(2)]
    within(10, lambda: len(executions(saker)) == 2)
    writes = within(10, lambda: [e for e in saker.events("file_write") if e.get("file.path") == written])
    told = within(10, lambda: [d for d in saker.detections() if d.get("rule.id") == "indicator-hash"])
    refused = within(10, lambda: [d for d in saker.detections() if d.get("rule.id") == "indicator-address"])

found = executions(saker)
check("both starts are in the store", len(found) == 2, found)
for name, digest in digests.items():
    check(f"both have the {name} that others compute", all(e.get(f"process.hash.{name}") == digest for e in found), found)
check("and the first bytes", all(e.get("process.file.header_bytes", "")[:8] == "7f454c46" for e in found), found)
check("a file that was written has its hash, entropy and first bytes", writes and
      writes[0].get("file.hash.sha256") == hashlib.sha256(b"PK\x03\x04" + bytes(range(256)) * 16).hexdigest() and
      writes[0].get("file.entropy") == "8.00" and writes[0].get("file.header_bytes", "")[:8] == "504b0304", writes)
check("a listed MD5 is detected", told, saker.output())
check("it gives signs of life", " heartbeat - number=1 " in beats[0] and "number=2 " in beats[1], beats)
check("a listed network is refused to TCP", inside["tcp", "127.9.1.1"] == "1", inside)
check("and to UDP", inside["udp", "127.9.1.1"] == "1", inside)
check("another network is not", inside["tcp", "127.8.1.1"] != "1" and inside["udp", "127.8.1.1"] == "done", inside)
check("an address is refused once a name server has said that a listed name stands for it", unresolved != "1" and resolved,
      (unresolved, resolved))
check("nobody outside of the scope is refused", outside != "1", outside)
check("what was refused is told", any(d.get("prevention.rung") == "connect" and d.get("prevention.result") == "prevented"
                                      for d in refused or []), refused)
finish()
