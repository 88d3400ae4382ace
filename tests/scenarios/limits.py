#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""limits.py SAKER: what a hostile log or rule may cost. Each case ends within its time and memory, with one of saker's own
exit codes, and is told in a sentence. Prints TAP."""
import gzip
import io
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

RULE = """title: Nothing
id: 33333333-3333-4333-8333-333333333301
logsource: {category: test}
detection: {s: {F: x}, condition: s}
"""
MEGABYTE = 1 << 20
# sanitizers keep what is freed, and a shadow of all of it
SLACK = 8 if "asan" in sys.argv[1] else 1


def chunks(piece, total):
    """About `total` bytes of one piece, as many writes."""
    piece = piece * max(1, MEGABYTE // len(piece))
    for _ in range(total // len(piece)):
        yield piece


def feed(stream, pieces):
    try:
        for piece in pieces:
            stream.write(piece)
        stream.close()
    except (BrokenPipeError, ValueError):
        pass


def run(command, folder, seconds, pieces=()):
    """Exit code, output, megabytes at most, seconds; -1 if it took too long."""
    with open(folder / "output", "w+b") as output:
        began = time.monotonic()
        child = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=output, stderr=output,
                                 env={**os.environ, "SAKER_CACHE": "", "ASAN_OPTIONS": "detect_leaks=0"})
        writer = threading.Thread(target=feed, args=(child.stdin, pieces), daemon=True)
        writer.start()
        watch = threading.Timer(seconds, lambda: os.kill(child.pid, signal.SIGKILL))
        watch.start()
        _, status, usage = os.wait4(child.pid, 0)
        watch.cancel()
        child.returncode = os.waitstatus_to_exitcode(status)
        writer.join(5)
        output.seek(0)
        text = output.read().decode(errors="replace")
    return child.returncode, text, usage.ru_maxrss / 1024, time.monotonic() - began


class Cases:
    def __init__(self, saker):
        self.saker = str(pathlib.Path(saker).resolve())
        self.number = self.failed = 0

    def case(self, name, pattern, words, *, files=None, pieces=(), megabytes=120, seconds=30):
        self.number += 1
        with tempfile.TemporaryDirectory() as scratch:
            folder = pathlib.Path(scratch)
            (folder / "rule.yml").write_text(RULE)
            for path, content in (files or {}).items():
                (folder / path).write_bytes(content() if callable(content) else content)
            code, text, most, took = run([self.saker, *words], folder, seconds * SLACK, pieces)
        good = 0 <= code <= 2 and re.search(pattern, text) and most <= megabytes * SLACK
        print(f"{'ok' if good else 'not ok'} {self.number} - {name}")
        print(f"# exit {code}, {most:.0f} of {megabytes} MB, {took:.1f} of {seconds} s")
        if not good:
            self.failed += 1
            for line in text.splitlines()[:5]:
                print(f"# {line[:300]}")


def zeros():
    packed = io.BytesIO()
    with gzip.open(packed, "wb", 1) as out:
        for piece in chunks(b"\0", 1 << 30):
            out.write(piece)
    return packed.getvalue()


def bomb():
    """Nine levels of nine aliases each: a billion values."""
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for above, below in zip("abcdefgh", "bcdefghi"):
        lines.append(f"{below}: &{below} [" + ", ".join([f"*{above}"] * 9) + "]")
    return ("\n".join(lines) + "\ntitle: bomb\nlogsource: {category: test}\n"
            "detection: {s: {F: *i}, condition: s}\n").encode()


def growing(cases):
    """A log that grows faster than it is read is read up to where it ended at the beginning."""
    cases.number += 1
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        (folder / "rule.yml").write_text(RULE)
        log = folder / "log.jsonl"
        line = b'{"F":"y","logsource":{"category":"test"}}\n'
        log.write_bytes(line * 200000)
        stop = threading.Event()

        def grow():
            with open(log, "ab") as out:
                while not stop.is_set():
                    out.write(line * 1000)
                    out.flush()

        thread = threading.Thread(target=grow)
        thread.start()
        code, text, most, took = run([cases.saker, "scan", "--rules", "rule.yml", "--format", "text", "log.jsonl"], folder,
                                     60 * SLACK)
        stop.set()
        thread.join()
    good = code == 0 and "it grew while it was read" in text and most < 120 * SLACK
    cases.failed += not good
    print(f"{'ok' if good else 'not ok'} {cases.number} - a log that grows while it is read")
    print(f"# exit {code}, {most:.0f} MB, {took:.1f} s: {' '.join(text.split())[-200:]}")


def main():
    cases = Cases(sys.argv[1])
    scan = ["scan", "--rules", "rule.yml", "--format", "text"]
    cases.case("a line of 1 GB", "longer than 16 MiB", [*scan, "--log", "ndjson", "-"], pieces=chunks(b"a", 1 << 30))
    cases.case("a JSON text of 1 GB without an end", "longer than 16 MiB", [*scan, "--log", "ndjson", "-"],
               pieces=chunks(b'{"a":"' + b"b" * 100, 1 << 30))
    cases.case("JSON that is 100,000 deep", "left out", [*scan, "log.jsonl"],
               files={"log.jsonl": b'{"a":' * 100000 + b"1" + b"}" * 100000 + b"\n" + b'{"F":"x"}\n'})
    cases.case("an array that is 100,000 deep", "left out|no log", [*scan, "log.json"],
               files={"log.json": b"[" * 100000 + b"1" + b"]" * 100000})
    cases.case("an event of half a million values", "1 events", [*scan, "log.jsonl"], megabytes=400,
               files={"log.jsonl": b"{" + b",".join(b'"k%d":%d' % (i, i) for i in range(500000)) + b"}\n"})
    cases.case("a gigabyte of zeros, packed", "no log that saker knows|left out|0 events", [*scan, "zeros.gz"],
               files={"zeros.gz": zeros})
    cases.case("random bytes that begin as an event log", "left out|0 events", [*scan, "log.evtx"],
               files={"log.evtx": lambda: b"ElfFile\0" + os.urandom(4 << 20)})
    cases.case("YAML: a billion values by aliases", "rule.yml:.*(alias|values|large)", ["rules", "check", "rule.yml"],
               files={"rule.yml": bomb})
    cases.case("YAML that is 100,000 deep", "rule.yml:.*(deep|level|nest)", ["rules", "check", "rule.yml"],
               files={"rule.yml": b"title: deep\ndetection: " + b"[" * 100000 + b"]" * 100000 + b"\n"})
    cases.case("a rule file of 64 MB", "larger than 4 MiB", ["rules", "check", "rule.yml"],
               files={"rule.yml": b"a" * (64 << 20)})
    cases.case("a condition of 10,000 parentheses", "rule.yml:.*nested", ["rules", "check", "rule.yml"],
               files={"rule.yml": RULE.replace("condition: s", "condition: " + "(" * 10000 + "s" + ")" * 10000).encode()})
    cases.case("a catastrophe of a regular expression", r"rule.yml:.*\(a\+\)\+.*took too long.*switched off",
               [*scan, "--logsource", "category=test", "log.jsonl"],
               files={"rule.yml": RULE.replace("{F: x}", "{F|re: '(a+)+$'}").encode(),
                      "log.jsonl": b'{"F":"' + b"a" * 5000 + b'b"}\n' + b'{"F":"' + b"a" * 4000 + b'b"}\n'})
    cases.case("an expression of 10,000 alternatives, nested", "events|rule.yml:", [*scan, "--logsource", "category=test",
                                                                                    "log.jsonl"],
               files={"rule.yml": RULE.replace("{F: x}", "{F|re: '" + "(" * 200 + "a" + "|b){1,200}" * 200 + "'}").encode(),
                      "log.jsonl": b'{"F":"' + b"ab" * 5000 + b'"}\n'})
    cases.case("a million indicators of nonsense", "left out", ["indicators", "check", "list.txt"], megabytes=200,
               files={"list.txt": b"nonsense\n" * 1000000})
    growing(cases)
    print(f"1..{cases.number}")
    sys.exit(cases.failed > 0)


main()
