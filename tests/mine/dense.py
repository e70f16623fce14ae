#!/usr/bin/env python3
"""dense: hold tg-mine search --by dense against NumPy's sgemm and FAISS.

    dense.py DIR KERNEL

Vectors are random and of length 1, with 384 numbers. Rates are GFLOP/s of CPU time, two
operations for each number of each pair; runs of both sides take turns, and the best of
each counts. Rates of tg-mine are those of the whole program, which opens the index and
checks all vectors, reads the queries twice, and writes the hits.
"""
import json
import os
import subprocess
import sys
import time

import faiss
import numpy
from tap import end, ok

DIR, KERNEL = sys.argv[1:3]
DIMS, DOCS, QUERIES, MANY, SLICE = 384, 100000, 20000, 500000, 4000


def run(*words, out="out", kernel=None):
    """Run a program; return its seconds, and those of all its cores."""
    env = dict(os.environ, TG_KERNEL=kernel) if kernel else os.environ
    begin = time.monotonic()
    with open(f"{DIR}/{out}", "wb") as f:
        child = subprocess.Popen(words, stdout=f, stderr=subprocess.DEVNULL, env=env)
        _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"dense: {' '.join(words)}: exit status {child.returncode}")
    return time.monotonic() - begin, used.ru_utime + used.ru_stime


def make(name, n, seed):
    """Write n vectors, and a line for each."""
    drawn = numpy.random.default_rng(seed).standard_normal((n, DIMS), dtype="float32")
    drawn /= numpy.linalg.norm(drawn, axis=1, keepdims=True)
    numpy.save(f"{DIR}/{name}.npy", drawn)
    with open(f"{DIR}/{name}.jsonl", "w") as f:
        f.writelines(f'{{"text":"t{i}","query":"q{i}"}}\n' for i in range(n))
    return drawn


def index(name):
    run("tg-mine", "index", "-o", f"{DIR}/{name}.idx", "--vectors", f"{DIR}/{name}.npy", f"{DIR}/{name}.jsonl")


def search(docs, queries, *options, **how):
    return run("tg-mine", "search", "-i", f"{DIR}/{docs}.idx", "--by", "dense", "--query-vectors",
               f"{DIR}/{queries}.npy", *options, f"{DIR}/{queries}.jsonl", **how)


def hits(out="out"):
    with open(f"{DIR}/{out}") as f:
        return [[h["doc"] for h in json.loads(line)["hits"]] for line in f]


def sgemm(a, b):
    begin = time.process_time()
    a @ b.T
    return 2 * len(a) * len(b) * DIMS / (time.process_time() - begin) / 1e9


def kernel_rate():
    out = subprocess.run([KERNEL, str(DOCS // 5), str(DIMS)], check=True, capture_output=True, text=True).stdout
    return out.split()[0], float(out.split()[1])


def speed(docs, queries):
    """Compare the rates of sgemm, the kernel and the program on one core."""
    best = [0.0] * 3
    for _ in range(6):
        for n in (DOCS // 5, 2000, 96):
            best[0] = max(best[0], sgemm(queries[:512], docs[:n]), sgemm(docs[:n], queries[:512]))
        name, rate = kernel_rate()
        best[1] = max(best[1], rate)
    flop = 2 * DOCS * QUERIES * DIMS / 1e9
    for _ in range(3):
        best[0] = max(best[0], sgemm(queries[:512], docs[:DOCS // 5]))
        best[2] = max(best[2], flop / search("docs", "queries", "--threads", "1")[1])
    print(f"# GFLOP/s on one core: sgemm {best[0]:.1f}, kernel {name} {best[1]:.1f}, "
          f"tg-mine search of {QUERIES} queries and {DOCS} documents {best[2]:.1f}")
    ok(best[1] >= 0.85 * best[0], f"the kernel alone has {best[1] / best[0]:.2f} of sgemm's rate, 0.85 wanted")
    ok(best[2] >= 0.6 * best[0], f"the whole program has {best[2] / best[0]:.2f} of it, 0.6 wanted")


def ranks(docs):
    """Compare the first 100 with FAISS, for queries whose first 101 scores differ."""
    queries = make("few", 1000, 3)
    seconds = search("docs", "few", "-k", "100", "--threads", "1")[1]
    flat = faiss.IndexFlatIP(DIMS)
    flat.add(docs)
    faiss.omp_set_num_threads(1)
    begin = time.process_time()
    _, theirs = flat.search(queries, 100)
    theirs_seconds = time.process_time() - begin
    scores = numpy.vstack([-numpy.sort(-(q @ docs.T.astype("float64")))[:, :101]
                           for q in numpy.array_split(queries.astype("float64"), 20)])
    clear = (numpy.diff(-scores, axis=1) > 1e-6).all(axis=1)
    wrong = sum(list(a) != b for a, b, c in zip(theirs, hits(), clear) if c)
    print(f"# {len(queries)} queries, k 100, one core: FAISS {theirs_seconds:.1f} s, tg-mine {seconds:.1f} s")
    ok(clear.sum() >= len(queries) / 2, f"{clear.sum()} of {len(queries)} queries have no ties")
    ok(wrong == 0, f"rank for rank with FAISS ({wrong} of them differ)")


def bytes_of(queries, *options, **how):
    search("docs", queries, *options, **how)
    with open(f"{DIR}/out", "rb") as f:
        return f.read()


def same_bytes():
    """Compare the output over kernels, threads, shards and their batches.

    The plain kernel has a hundredth of the others' speed, so it gets few queries.
    """
    with open("/proc/cpuinfo") as f:
        flags = f.read()
    kernels = [k for k, flag in (("avx2", " avx2 "), ("avx512", " avx512f ")) if flag in flags]
    make("fewer", 20, 6)
    tiny, one = bytes_of("fewer"), bytes_of("few")
    ok(bytes_of("fewer", kernel="plain") == tiny and all(bytes_of("few", kernel=k) == one for k in kernels),
       f"the same bytes by the kernels {', '.join(['plain'] + kernels)}")
    ok(all(bytes_of("few", "--threads", str(n)) == one for n in (1, 2, 3, 16)),
       "the same bytes by 1, 2, 3 and 16 threads")
    for shards in (2, 7, 100):
        joined = b"".join(bytes_of("few", "--shard", f"{i}/{shards}") for i in range(1, shards + 1))
        ok(joined == one, f"the same bytes by {shards} shards")


def extrapolate():
    """Measure a slice of 500,000 queries to 500,000 documents on two cores."""
    make("many", MANY, 4)
    index("many")
    make("slice", SLICE, 5)
    wall, cpu = min(search("many", "slice", "--threads", "2") for _ in range(3))
    minutes = wall * MANY / SLICE / 60
    print(f"# {SLICE} queries to {MANY} documents, two threads: {wall:.1f} s, {cpu:.1f} s of CPU time")
    ok(minutes < 75, f"{MANY} queries would take {minutes:.0f} minutes, {MANY // SLICE} times as long; 75 wanted")


docs, queries = make("docs", DOCS, 1), make("queries", QUERIES, 2)
index("docs")
speed(docs, queries)
ranks(docs)
same_bytes()
extrapolate()
end()
