# SPDX-License-Identifier: Apache-2.0
"""Logins and accounts, from a log of the test's own: lines that are added, rotation, and a log that is cut."""
import os
import subprocess
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
# The journal, which another writer makes here: where systemd's tools are.
REMOTE, journal = "/lib/systemd/systemd-journal-remote", os.path.join(SCRATCH, "journal")
os.mkdir(journal)


def add_to_journal(number, identifier, message):
    entry = {"__REALTIME_TIMESTAMP": 1795000000000000 + number, "__MONOTONIC_TIMESTAMP": 1000000 + number,
             "_BOOT_ID": "0123456789abcdef0123456789abcdef", "_HOSTNAME": "host", "PRIORITY": 6, "SYSLOG_FACILITY": 10,
             "SYSLOG_IDENTIFIER": identifier, "SYSLOG_PID": os.getpid(), "MESSAGE": message}
    text = "".join(f"{name}={value}\n" for name, value in entry.items()) + "\n"
    subprocess.run([REMOTE, "-o", f"{journal}/remote.journal", "-"], input=text, text=True, stderr=subprocess.DEVNULL)
    os.chmod(f"{journal}/remote.journal", 0o644)


if os.path.exists(REMOTE) and os.path.exists("/usr/bin/journalctl"):
    add_to_journal(0, "sshd", "Accepted password for before from 192.0.2.1 port 1 ssh2")
    with open(settings, "w") as f:
        f.write(f"auth_log = journal:{journal}\n")
    with Saker("--config", settings) as saker:
        within(10, lambda: "/usr/bin/journalctl" in saker.children())
        time.sleep(1)
        add_to_journal(1, "sshd", "Accepted publickey for carol from 192.0.2.7 port 50000 ssh2: ED25519 SHA256:abc")
        within(10, lambda: saker.count("session_start"))
        os.kill(saker.children()["/usr/bin/journalctl"], 9)
        within(15, lambda: "/usr/bin/journalctl" in saker.children())
        time.sleep(1)
        add_to_journal(2, "sshd", "Failed password for root from 192.0.2.9 port 2 ssh2")
        within(10, lambda: saker.count("session_failed"))
        found_there = saker.events("session_start"), saker.events("session_failed")
    check("a login in the journal is told, and none from before", [
        e["login.user.name"] for e in found_there[0]] == ["carol"], found_there)
    check("its process too", found_there[0] and found_there[0][0].get("process.pid") == os.getpid(), found_there)
    check("journalctl is started again", len(found_there[1]) == 1, saker.output())
else:
    print("# the journal was not tried: systemd-journal-remote is not installed")
finish()
