# SPDX-License-Identifier: Apache-2.0
"""Logins and accounts, from a log of the test's own: lines that are added, rotation, and a log that is cut."""
import os
import time

from live import SCRATCH, Saker, check, finish, within

log = os.path.join(SCRATCH, "auth.log")
settings = os.path.join(SCRATCH, "saker.conf")
with open(log, "w") as f:
    f.write("Nov 25 15:54:16 host sshd[1]: Accepted password for before from 192.0.2.1 port 1 ssh2\n")
with open(settings, "w") as f:
    f.write(f"auth_log = {log}\n")


def add(line):
    with open(log, "a") as f:
        f.write("Nov 25 15:54:16 host " + line + "\n")


with Saker("--config", settings) as saker:
    add(f"sshd[{os.getpid()}]: Accepted publickey for alice from 192.0.2.7 port 50000 ssh2: ED25519 SHA256:abc")
    add("sudo[4]:    alice : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/id")
    add("useradd[6]: new user: name=eve, UID=1001, GID=1001")
    for _ in range(12):
        add("sshd[7]: Failed password for root from 192.0.2.9 port 2 ssh2")
    within(10, lambda: saker.count("session_failed") == 12)
    os.rename(log, log + ".1")
    add("sshd[8]: Failed password for bob from 192.0.2.8 port 2 ssh2")
    within(10, lambda: saker.count("session_failed") == 13)
    with open(log, "w"):
        pass
    time.sleep(2.5)  # until it was looked at
    add("sshd[9]: pam_unix(sshd:session): session closed for user alice")
    add("usermod[6]: add 'eve' to group 'sudo'")
    add("userdel[6]: delete user 'eve'")
    within(10, lambda: saker.count("account_delete") == 1)
    starts, failed = saker.events("session_start"), saker.events("session_failed")
    found = within(10, lambda: [d for d in saker.detections() if "guessed" in d.get("rule.name", "").lower()])

check("what stood there before is not told", not [e for e in starts if e["login.user.name"] == "before"], starts)
check("a login is told, with where from", [e for e in starts if e["login.user.name"] == "alice"
                                           and e.get("login.source.ip") == "192.0.2.7"], starts)
check("and which process it was", [e for e in starts if e.get("process.pid") == os.getpid()], starts)
check("sudo is told, with its command", [e for e in starts if e.get("login.command") == "/usr/bin/id"], starts)
check("refusals are told, also behind a rotation", len(failed) == 13, failed)
check("accounts that are made, changed and deleted are told",
      saker.count("account_create") == saker.count("account_change") == saker.count("account_delete") == 1)
check("the end of a session is told", saker.count("session_end") == 1)
check("many refusals of one address are detected", found, saker.output())
finish()
