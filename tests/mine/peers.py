#!/usr/bin/env python3
"""peers: hold tg-mine against bm25s, method lucene with numba, on the same terms.

    peers.py DIR TOP-K

DIR/functions.jsonl has the functions: 100,000 of them are the documents, 1,000 others
the long queries, whole as they are; the first lines of their comments, or their names,
are the short ones. Times are CPU time on one core, the best of several runs that take
turns. That of tg-mine is of the whole program: it opens the index, reads the queries,
cuts them into terms and writes the hits. That of bm25s is of retrieve() alone, with
queries that are terms already.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import time

os.environ["NUMBA_NUM_THREADS"] = "1"
import bm25s
import numpy
from tap import end, ok

DIR = sys.argv[1]
K = int(sys.argv[2])
DOCS, QUERIES, RUNS = 100000, 1000, 5


def tg(*words, data=None):
    """Run a program; return its output and what the system says that it used."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out:
        given.write(data or b"")
        given.seek(0)
        child = subprocess.Popen(words, stdin=given, stdout=out, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            sys.exit(f"peers: {' '.join(words)}: exit status {child.returncode}")
        out.seek(0)
        return out.read(), used


def cpu(used):
    return used.ru_utime + used.ru_stime


def lines(rows):
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def short_query(row):
    """Return the first words of a function's comment, else those of its name."""
    said = re.search(r"(?:#|//|/\*\*?|\"\"\")\s*([A-Za-z][^\n]{10,80})", row["text"])
    name = re.sub(r"([a-z])([A-Z])", r"\1 \2", row["name"])
    return said.group(1) if said else " ".join(re.findall("[A-Za-z]+", name)) or "open file"


def make_files():
    """Part the functions into documents and queries."""
    drawn, _ = tg("tg-sample", "-n", str(DOCS + QUERIES), f"{DIR}/functions.jsonl")
    queries, _ = tg("tg-sample", "-n", str(QUERIES), "--seed", "1", data=drawn)
    taken = set(queries.splitlines())
    with open(f"{DIR}/docs.jsonl", "wb") as f:
        f.writelines(line + b"\n" for line in drawn.splitlines() if line not in taken)
    rows = [json.loads(line) for line in queries.splitlines()]
    return {
        "long": [{"query": row["text"], "code_language": row["code_language"]} for row in rows],
        "short": [{"query": short_query(row)} for row in rows],
    }


def terms_of(rows):
    out, _ = tg("tg-mine", "terms", data=lines(rows))
    return [json.loads(line) for line in out.splitlines()]


def search(rows, *options):
    out, used = tg("tg-mine", "search", "-i", f"{DIR}/idx", "-k", str(K), *options, data=lines(rows))
    return [json.loads(line)["hits"] for line in out.splitlines()], cpu(used)


def best_times(peer, terms, rows):
    """Return the best times of bm25s, of exact searches and of others."""
    best = [1e9] * 3
    peer.retrieve(terms[:10], k=K, show_progress=False, n_threads=1)
    for _ in range(RUNS):
        begin = time.process_time()
        peer.retrieve(terms, k=K, show_progress=False, n_threads=1)
        best[0] = min(best[0], time.process_time() - begin)
        best[1] = min(best[1], search(rows, "--exact")[1])
        best[2] = min(best[2], search(rows)[1])
    return best


def differences(peer, terms, found):
    """Count queries whose scores differ from bm25s's, and those whose ranks do.

    The document at each rank must have, by bm25s, the score that is its best at that
    rank: documents of one score may change places.
    """
    scores = ranks = 0
    for words, hits in zip(terms, found):
        known = [w for w in words if w in peer.vocab_dict]
        theirs = peer.get_scores(known) if known else numpy.zeros(DOCS, dtype="float32")
        best = -numpy.sort(-theirs)[:K]
        best = best[best > 0]
        ours = numpy.array([h["score"] for h in hits])
        same = len(ours) == len(best)
        scores += not same or bool(numpy.any(abs(ours - best) > 1e-4 * best))
        at = theirs[[h["doc"] for h in hits]]
        ranks += not same or bool(numpy.any(abs(at - best) > 1e-5 * best))
    return scores, ranks


def loss(exact, cut):
    """Return the share of the first ten hits of exact searches that others find."""
    shares = []
    for a, b in zip(exact, cut):
        first = {h["doc"] for h in a[:10]}
        if first:
            shares.append(len(first & {h["doc"] for h in b[:10]}) / len(first))
    return sum(shares) / len(shares)


queries = make_files()
seconds = min(cpu(tg("tg-mine", "index", "-o", f"{DIR}/idx", f"{DIR}/docs.jsonl")[1]) for _ in range(3))
docs, _ = tg("tg-mine", "terms", f"{DIR}/docs.jsonl")
docs = [json.loads(line) for line in docs.splitlines()]
peer = bm25s.BM25(method="lucene", k1=1.2, b=0.75, backend="numba")
begin = time.process_time()
peer.index(docs, show_progress=False)
peer_seconds = time.process_time() - begin
print(f"# {len(docs)} functions, {sum(map(len, docs)) / len(docs):.1f} terms each; index of "
      f"{os.path.getsize(f'{DIR}/idx') / 1e6:.0f} MB, texts included")
print(f"# indexing: tg-mine {len(docs) / seconds:.0f} functions/s of text; "
      f"bm25s {len(docs) / peer_seconds:.0f}/s of terms")
ok(len(docs) == DOCS, "there are 100,000 functions")
ok(len(docs) / seconds >= 20000, "20,000 functions or more are indexed in a second")
for kind, rows in queries.items():
    terms = terms_of([{"text": r["query"], **{k: v for k, v in r.items() if k != "query"}} for r in rows])
    exact, cut = search(rows, "--exact")[0], search(rows)[0]
    scores, ranks = differences(peer, terms, exact)
    ok(scores == 0, f"{kind} queries: all scores are bm25s's to 1e-4 ({scores} of {len(rows)} differ)")
    ok(ranks == 0, f"{kind} queries: rank for rank ({ranks} of {len(rows)} differ)")
    kept = loss(exact, cut)
    ok(kept >= 0.95, f"{kind} queries: cutting terms keeps {100 * kept:.1f} % of the exact first ten")
    times = best_times(peer, terms, rows)
    rates = [len(rows) / t for t in times]
    print(f"# {kind} queries, {sum(map(len, terms)) / len(terms):.1f} terms, k {K}, queries/s: bm25s "
          f"{rates[0]:.0f}, tg-mine --exact {rates[1]:.0f}, tg-mine {rates[2]:.0f}")
    if kind == "long":
        ok(times[1] < times[0], f"{kind} queries: tg-mine --exact is {times[0] / times[1]:.1f} times as fast as bm25s")
        ok(times[2] < times[0], f"{kind} queries: tg-mine is {times[0] / times[2]:.1f} times as fast as bm25s")
end()
