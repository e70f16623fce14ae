"""sets.py: the sets of negatives that tests/mine/encoder.py trains with.

usage: sets.py DIR [NAME=MINED.jsonl]…

The pool is the positives of DIR/train.jsonl, for every set. DIR/sets/SET.jsonl gets a line for
each pair, with `negs`, the lines of its negatives in DIR/train.jsonl. MINED is what
another miner found for the pairs; see tests/mine/miners.py.
"""
import os
import random
import sys

import verifier
from common import NEGATIVES, read, tg, write

DIR = sys.argv[1]
DEPTH, PERC_POS = 200, 0.95
pairs = read(DIR + "/train.jsonl")
draw = random.Random(13)
line = {}
for i, pair in enumerate(pairs):
    line.setdefault(pair["pos"][0], i)
own = [line[p["pos"][0]] for p in pairs]


def put(name, sets):
    sets = list(sets)
    write("%s/sets/%s.jsonl" % (DIR, name), ({"negs": s} for s in sets))
    short = sum(len(s) < NEGATIVES for s in sets)
    print("%-12s %.2f negatives a pair; %d pairs have fewer than %d" % (name, sum(map(len, sets)) / len(sets), short, NEGATIVES), flush=True)
    return sets


def ours(*options):
    given = [{"query": p["query"], "pos": p["pos"], "code_language": "python"} for p in pairs]
    for row in tg("tg-mine", "negatives", "-i", DIR + "/pool.idx", "-n", str(NEGATIVES), *options, rows=given):
        yield [line[text] for text in row.get("neg") or []]


def theirs(name):
    """Return what another miner found, by query and positive."""
    found = {(r["query"], r["pos"][0]): [line[n] for n in r["neg"]] for r in read(name)}
    return [found.get((p["query"], p["pos"][0]), []) for p in pairs]


def verified(sets):
    for pair, negs in zip(pairs, sets):
        yield [n for n in negs if not verifier.answers(pair["query"], pair["pos"][0], pairs[n]["query"], pairs[n]["pos"][0])]


os.makedirs(DIR + "/sets", exist_ok=True)
list(tg("tg-mine", "index", "-o", DIR + "/pool.idx", "--vectors", DIR + "/doc-vectors.npy", rows=({"text": p["pos"][0], "code_language": "python"} for p in pairs)))
asked = ({"query": p["query"], "code_language": "python"} for p in pairs)
top, percent = [], []
for i, row in enumerate(tg("tg-mine", "search", "-i", DIR + "/pool.idx", "-k", str(DEPTH), rows=asked)):
    hits = [(own[h["doc"]], h["score"]) for h in row["hits"]]
    score = dict(hits).get(own[i])
    top.append([d for d, _ in hits if d != own[i]][:NEGATIVES])
    percent.append([d for d, s in hits if score is not None and s <= PERC_POS * score][:NEGATIVES])
put("random", (draw.sample(range(len(pairs)), NEGATIVES) for _ in pairs))
put("top-k", top)
put("percpos", percent)
mined = put("ours", ours())
kept = put("ours-verified", verified(mined))
print("the verifier says yes of %.2f %% of the negatives of top-k, and %.2f %% of ours" % tuple(
    100 * (1 - sum(map(len, b)) / sum(map(len, a))) for a, b in ((top, list(verified(top))), (mined, kept))))
print(verifier.told())
put("ours-hybrid", ours("--by", "hybrid", "--query-vectors", DIR + "/query-vectors.npy"))
for word in sys.argv[2:]:
    name, mined = word.split("=", 1)
    put(name, theirs(mined))
