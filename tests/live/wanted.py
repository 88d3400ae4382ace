# SPDX-License-Identifier: Apache-2.0
"""The setting `events = rules`: what no rule asks for is not told, and a place that a rule names is watched though the
settings do not say so."""
import os
import shutil
import subprocess
import time
import tempfile

from live import SCRATCH, Saker, check, finish, within

place = tempfile.mkdtemp(prefix="saker-wanted-", dir="/opt")
rules, settings = os.path.join(SCRATCH, "rules"), os.path.join(SCRATCH, "saker.conf")
os.mkdir(rules)
with open(settings, "w") as f:
    f.write("events = rules\n")
with open(os.path.join(rules, "deleted.yml"), "w") as f:
    f.write(f"""title: Something of the place is removed
id: 6f5a7a52-3c52-4dd4-8a07-3f2b7d3a7b10
level: low
logsource: {{product: linux, category: file_delete}}
detection:
  selection: {{TargetFilename|startswith: {place}/}}
  condition: selection
""")


try:
    with Saker("--config", settings, "--rules", rules) as saker:
        path = os.path.join(place, "x")
        with open(path, "w") as f:
            f.write("x")
        os.unlink(path)
        program = os.path.join(SCRATCH, "new")  # which has mapped no library before
        shutil.copy("/bin/true", program)
        subprocess.run([program], check=True)
        gone = within(5, lambda: [e for e in saker.events("file_delete") if e["file.path"] == path])
        found = within(5, lambda: saker.detections())
        within(5, lambda: saker.count("process_exec", program))
        # until the rules are read everything is told, so only what came after that counts
        unasked = [e for e in saker.events("library_load") if e.get("process.executable") == program]
        unasked += [e for kind in ("file_create", "file_write") for e in saker.events(kind) if e["file.path"] == path]
    check("what a rule asks for is told, in the place that it names", gone, saker.output())
    check("and detected", found, saker.output())
    check("what no rule asks for is not", not unasked, unasked)
    check("the life of processes is told all the same", saker.count("process_exec") > 0 and saker.count("process_exit") > 0)
finally:
    os.rmdir(place)

# The governor: of what comes in any number so many are told in a second, the others are counted; starts always.
FILES, START = 5000, 200
crowd = os.path.join(SCRATCH, "crowd")
os.mkdir(crowd)
with open(settings, "w") as f:
    f.write(f"watch = {crowd}/\nfile_events_max = 100\n")
with Saker("--config", settings) as saker:
    for i in range(FILES):
        os.close(os.open(f"{crowd}/{i}", os.O_CREAT | os.O_RDONLY))
        if i % (FILES // START) == 0:
            subprocess.run([program], check=True)
    time.sleep(1.5)
    open(f"{crowd}/last", "w").close()  # by which a hole is seen
    time.sleep(1.5)
    within(5, lambda: saker.count("process_exec", program) >= START)
    told = len([e for e in saker.events("file_create") if e["file.path"].startswith(crowd)])
    starts = saker.count("process_exec", program)
gaps = saker.events("sensor_gap")  # with the last one, of what no later record showed
held_back = sum(e["saker.count"] for e in gaps)
print(f"# {told} of {FILES + 1} files told, {held_back} held back, {starts} starts told")
check("a crowd of file events is held back", 0 < told < FILES / 2, told)
check("each one is counted", told + held_back >= FILES + 1, gaps)
check("as that", "governor" in {e["saker.cause"] for e in gaps if e.get("saker.class") == "file"}, gaps)
check("starts are not", starts == START, starts)
finish()
