"""planted.py: how often copies of a positive are chosen as negatives, and how hard the negatives are.

usage: planted.py DIR [QUERIES]

Copies of the positives in DIR/train.jsonl, one a query, are indexed along with
DIR/corpus.jsonl by tg-mine. A policy chooses seven negatives a query, of the code language of
the positive. Ranks count from 1 in the whole ranking by BM25 of these, with the positives in
it; a function that is not among the first DEPTH counts as in the middle.
"""
import random
import sys

import numpy
import transformations
from common import NEGATIVES, likeness, read, share, shingles, tg, wilson, write
from verifier import rates, told

DIR = sys.argv[1]
QUERIES = int(sys.argv[2]) if len(sys.argv) > 2 else 3500
DEPTH, LIKENESS, PERC_POS, FIRST = 1000, 0.65, 0.95, 20
WAYS = list(transformations.WAYS)
draw = random.Random(13)


def plant():
    """Write the copies; return the queries, each with the way and the text of its copy."""
    rows = read(DIR + "/train.jsonl")
    draw.shuffle(rows)
    wanted = {way: QUERIES // len(WAYS) for way in WAYS}
    chosen = []
    for row in rows:
        for way in sorted((w for w in WAYS if wanted[w]), key=lambda w: -wanted[w]):
            copy = transformations.make(way, row["pos"][0], draw)
            if copy is not None:
                wanted[way] -= 1
                chosen.append({**row, "way": way, "copy": copy})
                break
    write(DIR + "/copies.jsonl", ({"text": r["copy"], "code_language": "python"} for r in chosen))
    return chosen


def by_rank(rows, first):
    """Choose the ranks from one on."""
    return [r["hits"][first - 1 : first - 1 + NEGATIVES] for r in rows]


def top(rows, admits):
    """Choose the first that are no positive and that a rule admits."""
    for r in rows:
        found = []
        for hit in r["hits"]:
            if hit["doc"] != r["doc"] and admits(r, hit):
                found.append(hit)
                if len(found) == NEGATIVES:
                    break
        yield found


def perc_pos(row, hit):
    return row["score"] is not None and hit["score"] <= PERC_POS * row["score"]


def raw_guard(row, hit):
    if not perc_pos(row, hit):
        return False
    row.setdefault("shingles", shingles(row["pos"][0]))
    return likeness(row["shingles"], shingles(text(hit["doc"]))) < LIKENESS


def verified(chosen, rows):
    """Take out what the scripted verifier says that it answers the query; copies do."""
    catches, alarms = rates()
    for row, hits in zip(rows, chosen):
        yield [h for h in hits if draw.random() >= (catches if h["doc"] == row["planted"] else alarms)]


def ours(rows, *options):
    """Let tg-mine choose."""
    given = [{"query": r["query"], "pos": r["pos"], "code_language": "python"} for r in rows]
    out = tg("tg-mine", "negatives", "-i", DIR + "/planted.idx", "-n", str(NEGATIVES), *options, rows=given)
    return [[n for n in r.get("tg", {}).get("mined", {}).get("neg", []) if n] for r in out]


def at_random(rows):
    for r in rows:
        ranks = {h["doc"]: h["rank"] for h in r["hits"]}
        yield [{"doc": d, "rank": ranks.get(d, len(POOL) // 2)} for d in draw.sample(POOL, NEGATIVES)]


def head():
    print("%-34s%7s%11s%8s%8s%6s " % ("", "queries", "95 %", "mean", "median", "negs") + "".join("%13s" % w for w in WAYS))
    print("%-34s%7s%11s%8s%8s%6s " % ("policy", "with", "interval", "rank", "rank", "") + "".join(
        "%13s" % ("of %d" % sum(r["way"] == w for r in rows)) for w in WAYS))


def line(name, results):
    """Print what came of queries: (row, hits that were chosen) each."""
    caught = {way: [0, 0] for way in WAYS}
    ranks = []
    for row, hits in results:
        caught[row["way"]][1] += 1
        caught[row["way"]][0] += any(h["doc"] == row["planted"] for h in hits)
        ranks += [h["rank"] for h in hits]
    n = len(results)
    hit = sum(c[0] for c in caught.values())
    low, high = wilson(hit, n)
    print("%-34s%s%6.1f-%4.1f%8.1f%8.0f%6.2f " % (name, share(hit, n), 100 * low, 100 * high, numpy.mean(ranks or [0]),
                                                numpy.median(ranks or [0]), len(ranks) / max(n, 1))
          + "".join("%13s" % share(*caught[w]) for w in WAYS), flush=True)


def report(name, rows, chosen):
    REPORTED.append((name, list(zip(rows, chosen))))
    line(*REPORTED[-1])


REPORTED = []
rows = plant()
CORPUS = read(DIR + "/corpus.jsonl")
POOL = [i for i, d in enumerate(CORPUS) if d["code_language"] == "python"] + [len(CORPUS) + i for i in range(len(rows))]


def text(doc):
    return CORPUS[doc]["text"] if doc < len(CORPUS) else rows[doc - len(CORPUS)]["copy"]


for _ in tg("tg-mine", "index", "-o", DIR + "/planted.idx", DIR + "/corpus.jsonl", DIR + "/copies.jsonl"):
    pass
asked = ({"query": r["query"], "code_language": "python"} for r in rows)
for i, (row, found) in enumerate(zip(rows, tg("tg-mine", "search", "-i", DIR + "/planted.idx", "-k", str(DEPTH), rows=asked))):
    row["planted"] = len(CORPUS) + i
    hits = (hit for hit in found["hits"] if hit["doc"] >= len(CORPUS) or CORPUS[hit["doc"]]["code_language"] == "python")
    row["hits"] = [{**hit, "rank": j + 1} for j, hit in enumerate(hits)]
    row["score"] = next((h["score"] for h in row["hits"] if h["doc"] == row["doc"]), None)
print("%d queries to %d functions, a copy of the positive of each among them; the pool is the %d in Python;\n"
      "%d negatives a query are asked for" % (len(rows), len(CORPUS) + len(rows), len(POOL), NEGATIVES))
print(told())
head()
report("random", rows, list(at_random(rows)))
report("ranks 101-107", rows, by_rank(rows, 101))
report("top-k", rows, list(top(rows, lambda r, h: True)))
passed = list(top(rows, perc_pos))
report("PercPos 95 %", rows, passed)
report("PercPos, verified", rows, list(verified(passed, rows)))
report("PercPos, guard over raw tokens", rows, list(top(rows, raw_guard)))
report("tg-mine --take top", rows, ours(rows, "--take", "top"))
mined = ours(rows)
report("tg-mine", rows, mined)
report("tg-mine, verified", rows, list(verified(mined, rows)))
report("tg-mine --rank-max 100", rows, ours(rows, "--rank-max", "100"))
print("\nOf the queries whose positive is among the first %d:" % FIRST)
for name, results in REPORTED:
    line(name, [(r, h) for r, h in results if any(hit["doc"] == r["doc"] for hit in r["hits"][:FIRST])])
