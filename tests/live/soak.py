# SPDX-License-Identifier: Apache-2.0
"""Mixed load for a while: SOAK_MINUTES (0.2), starts, files, connections, memory and names. Memory must not grow, no
event may be neither kept nor counted as missing, and nothing may be left hanging."""
import os
import re
import sqlite3
import subprocess
import sys
import time

from live import EVENTS, NOTHING, OPENS, SCRATCH, STARTS, Saker, check, finish, run

SECONDS = 60 * float(os.environ.get("SOAK_MINUTES", "0.2"))
folder = os.path.join(SCRATCH, "load")
os.mkdir(folder)
program = os.path.join(SCRATCH, "soaked")
subprocess.run(["cp", NOTHING, program], check=True)
secret = os.path.join(folder, "id_rsa")
open(secret, "w").close()

FILES = f"""
import os, time
n = 0
while True:
    for i in range(200):
        path = "{folder}/f%d" % (n % 5000)
        n += 1
        with open(path, "w") as f:
            f.write("x" * (n % 4096))
        os.rename(path, path + ".new")
        os.unlink(path + ".new")
    time.sleep(0.2)
"""
NETWORK = """
import socket, time
listener = socket.socket(); listener.bind(("127.0.0.1", 0)); listener.listen(16)
datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
while True:
    for i in range(50):
        client = socket.create_connection(listener.getsockname())
        server, _ = listener.accept()
        client.sendall(b"x" * 100); server.recv(100)
        client.close(); server.close()
        datagram.sendto(b"x", ("127.0.0.1", 20000 + i))
    time.sleep(0.2)
"""
loads = []
samples, started = [], 0
with Saker() as saker:
    begin = time.monotonic()
    for text in (FILES, NETWORK):
        loads.append(subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.DEVNULL))
    try:
        while time.monotonic() - begin < SECONDS:
            done = run(STARTS, "1000", "2", program)
            started += 1000 if done.returncode == 0 else 0
            run(OPENS, "20000", secret)
            samples.append((time.monotonic() - begin, *saker.memory()))
    finally:
        for load in loads:
            load.kill()
            load.wait()
    time.sleep(2)
    alive = set(saker.children())
output = saker.output()

third = max(1, len(samples) // 3)
middle = sum(s[1] for s in samples[third:2 * third] or samples) / max(1, len(samples[third:2 * third] or samples))
last = sum(s[1] for s in samples[-third:]) / third
# millions of events: counted by a program, not read here
counted = subprocess.run([EVENTS, saker.store, "process_exec", program], capture_output=True, text=True)
kept = int(counted.stdout or -1)
missing = int((re.search(r"missing +(\d+)", output) or [0, 0])[1])
print(f"# {SECONDS:.0f} s; {started} starts, {kept} in the store, {missing} counted as missing; memory (shared once) "
      f"{samples[0][1] / 1e6:.1f} MB at first, {middle / 1e6:.1f} MB in the middle, {last / 1e6:.1f} MB at the end, "
      f"{max(s[1] for s in samples) / 1e6:.1f} MB at most")
for line in output.splitlines():
    if any(word in line for word in ("missing ", "cost ", "events ")):
        print("# " + line.strip())
check("every start is in the store or counted as missing", kept == started or kept < started <= kept + missing, output)
with sqlite3.connect(f"file:{saker.store}/saker.db?mode=ro", uri=True) as database:
    rows = sum(database.execute(query).fetchone()[0] for query in (
        "select sum(n) from batch", "select count(*) from notice", "select count(*) from detection"))
numbered = int(re.search(r"events +(\d+)", output)[1])
unkept = int(re.search(r"not kept (\d+)", output)[1])
check("events that were numbered are those in the store and those that were counted as not kept", numbered == rows + unkept,
      f"{numbered} numbered, {rows} in the store, {unkept} not kept\n" + output)
# the queue and the caches fill in the first minutes
if SECONDS >= 300:
    check("memory does not grow in the last third", last < middle * 1.10 + 2e6, samples[-5:])
else:
    check("memory is bounded", max(s[1] for s in samples) < 100e6, samples[-5:])
check("all its processes live", {"engine", "store"} <= alive, alive)
check("the store is whole", saker.is_whole())
check("it ended in order", saker.process.returncode == 0, output)
finish()
