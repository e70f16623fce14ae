#!/usr/bin/env python3
"""parts.py: tg-mine in parts has the bytes of one run; its times and memory, command by command.

usage: parts.py DIR

DIR/docs.jsonl holds 100,000 functions, as peers.py leaves them. QUERIES of them are searched
for by their names and get negatives. Times are CPU seconds, and rates are by them, so that other
work on the machine disturbs little; memory is the most that was resident, with pages of the
index that the system can take back at any time.
"""
import hashlib
import json
import os
import re
import subprocess
import sys

from tap import end, ok

DIR = sys.argv[1]
QUERIES = 2000


def run(*words):
    """Run tg-mine; return the digest of its output, its CPU seconds and its memory in MB."""
    child = subprocess.Popen(["tg-mine", *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    digest = hashlib.sha256()
    for block in iter(lambda: child.stdout.read(1 << 20), b""):
        digest.update(block)
    _, status, used = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"parts: tg-mine {' '.join(words)}: exit status {os.waitstatus_to_exitcode(status)}")
    return digest.hexdigest(), used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def whole(words, n):
    """Return the digest of all parts of a command, one behind the other."""
    digest = hashlib.sha256()
    for i in range(1, n + 1):
        out = subprocess.run(["tg-mine", words[0], "--shard", f"{i}/{n}", *words[1:]], stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, check=True).stdout
        digest.update(out)
    return digest.hexdigest()


def digest_of(name):
    with open(name, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


docs, idx, pairs = (f"{DIR}/{n}" for n in ("docs.jsonl", "parts.idx", "parts.jsonl"))
with open(docs, encoding="utf-8") as lines, open(pairs, "w", encoding="utf-8") as out:
    for _, line in zip(range(QUERIES), lines):
        row = json.loads(line)
        words = " ".join(re.findall("[A-Za-z]+", re.sub("([a-z])([A-Z])", r"\1 \2", row["name"]))) or "main"
        out.write(json.dumps({"query": words, "pos": [row["text"]], "code_language": row["code_language"]}) + "\n")

_, seconds, memory = run("index", "-o", idx, docs)
print(f"# index: {100000 / seconds:.0f} functions/s, {memory:.0f} MB; the index has {os.path.getsize(idx) / 1e6:.0f} MB")
_, _, small = run("index", "-o", idx + ".small", "--memory", "16", docs)
print(f"# index --memory 16: {small:.0f} MB")
ok(digest_of(idx) == digest_of(idx + ".small"), "an index has the same bytes with less memory")
for n in (2, 5):
    parts = [f"{idx}.{i}" for i in range(1, n + 1)]
    for i, part in enumerate(parts, 1):
        run("index", "-o", part, "--shard", f"{i}/{n}", docs)
    run("merge", "-o", idx + ".small", *reversed(parts))
    ok(digest_of(idx) == digest_of(idx + ".small"), f"{n} parts of an index, merged, have the bytes of one run")
    for part in parts:
        os.remove(part)
os.remove(idx + ".small")
for words in (("search", "-i", idx, "-k", "100", pairs), ("negatives", "-i", idx, "-n", "7", pairs)):
    digest, seconds, memory = run(words[0], "--threads", "1", *words[1:])
    print(f"# {words[0]}: {QUERIES / seconds:.0f} queries/s on one core, {memory:.0f} MB")
    for threads in ("2", "7"):
        ok(run(words[0], "--threads", threads, *words[1:])[0] == digest, f"{words[0]} in {threads} threads writes the bytes of one")
    for n in (2, 7):
        ok(whole(words, n) == digest, f"{words[0]}: {n} parts, one behind the other, are the whole")
with open(pairs + ".mined", "wb") as out:
    subprocess.run(["tg-mine", "negatives", "-i", idx, pairs], stdout=out, stderr=subprocess.DEVNULL, check=True)
_, seconds, memory = run("audit", "--json", pairs + ".mined")
print(f"# audit: {QUERIES / seconds:.0f} rows/s with 7 negatives each, {memory:.0f} MB")
end()
