# SPDX-License-Identifier: Apache-2.0
"""What saker cannot work with: one sentence each, and exit code 2; or it goes on and says what it does without."""
import os
import subprocess
import tempfile

from live import PROGRAM, SCRATCH, Saker, check, finish, run


def refused(what, done, *words):
    """Whether it ended with 2 and one sentence that has these words."""
    sentences = [line for line in done.stderr.splitlines() if line.strip()]
    check(what, done.returncode == 2 and len(sentences) == 1 and all(word in sentences[0] for word in words),
          f"status {done.returncode}\n{done.stdout}{done.stderr}")


def run_apart(preparation, *options):
    """`saker run` in a mount namespace of its own, after these shell commands."""
    command = ["unshare", "-m", "--propagation", "private", "sh", "-c",
               preparation + '\nexec timeout 20 "$@"', "sh", PROGRAM, "run", *options]
    return run(*command)


rules = tempfile.mkdtemp(dir=SCRATCH)
with open(os.path.join(rules, "random.yml"), "wb") as f:
    f.write(os.urandom(4096))
with open(os.path.join(rules, "good.yml"), "w") as f:
    f.write("title: A program from here\nid: 66666666-6666-4666-8666-666666666666\nstatus: test\n"
            "logsource:\n  product: linux\n  category: process_creation\n"
            "detection:\n  s:\n    CommandLine|contains: saker-live-mark\n  condition: s\nlevel: low\n")

with Saker("--rules", rules) as saker:
    check("a rule file of random bytes is named", saker.line("random.yml"), saker.output())
    run("/bin/true", "saker-live-mark")
    check("the rule beside it works", saker.wait_for("A program from here", 2), saker.output())
    refused("a second one with the same store is refused", run(PROGRAM, "run", "--store", saker.store), saker.store)
    check("the first one goes on", saker.process.poll() is None)

store = tempfile.mkdtemp(dir=SCRATCH)
refused("a read-only store folder", run_apart(f"mount -t tmpfs none {store}; mount -o remount,ro {store}",
                                              "--store", store), store)
refused("a full store folder", run_apart(f"mount -t tmpfs -o size=64k none {store}; "
                                         f"head -c 65536 /dev/zero >{store}/fill 2>/dev/null", "--store", store), store)
refused("a kernel without BTF", run_apart("mount -t tmpfs none /sys/kernel/btf", "--store", store), "BTF")
refused("a file in the place of the store", run(PROGRAM, "run", "--store", os.path.join(rules, "good.yml")), "good.yml")
refused("a folder for rules that is not there", run(PROGRAM, "run", "--store", store, "--rules", "/nonexistent"),
        "/nonexistent")
refused("a scope that is none", run(PROGRAM, "run", "--store", store, "--scope", "planet:earth"), "planet:earth")
refused("a scope that is not there", run(PROGRAM, "run", "--store", store, "--prevent", "--scope", "cgroup:/no/such"),
        "/no/such")
open_store = tempfile.mkdtemp(dir="/tmp")
os.chmod(open_store, 0o777)
readable = tempfile.mkdtemp(dir="/tmp")
os.chmod(readable, 0o755)
copy = os.path.join(readable, "saker")
subprocess.run(["cp", PROGRAM, copy], check=True)
refused("not root", run("setpriv", "--reuid", "65534", "--clear-groups", copy, "run", "--store", open_store), "root")
subprocess.run(["rm", "-rf", open_store, readable], check=True)
finish()
