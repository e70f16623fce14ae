"""encoder.py: a bi-encoder of averaged token vectors, trained with each set of negatives.

usage: encoder.py DIR SET…        (SET none: negatives of the batch alone)

DIR/sets/SET.jsonl has the pairs of DIR/train.jsonl in their order with `negs`, lines of their
negatives in DIR/train.jsonl. Words that were not seen keep a random vector, so that equal ones
still say something. InfoNCE over
the positives of the batch and SHOWN hard negatives a query, drawn anew in each epoch. Each of
SEEDS runs leaves nDCG@10 of all queries of DIR/held.jsonl over DIR/held-docs.jsonl in
DIR/runs/SET-SEED.npy; what lies there is kept. The first run of none leaves its vectors of the
pairs, too, to mine with: DIR/query-vectors.npy and DIR/doc-vectors.npy.
"""
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"
import re
import sys
import time

import numba
import numpy
from common import NEGATIVES, read

SEEDS, EPOCHS, BATCH, SHOWN, WIDTH, LONGEST = 5, 8, 256, 3, 64, 128
TEMPERATURE, RATE = (numpy.float32(os.environ.get(*x)) for x in (("TEMPERATURE", 0.05), ("RATE", 0.1)))
WORDS, OTHERS = 40000, 1 << 15


def words(text):
    """Return the words of a text and the parts of its names, in small letters, the first LONGEST."""
    found = []
    for name in re.findall(r"[A-Za-z0-9_]+", text[:8192]):
        parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+", name)
        found += [p.lower() for p in parts] + ([name.lower()] if len(parts) > 1 else [])
        if len(found) >= LONGEST:
            break
    return found[:LONGEST]


class Texts:
    """Texts as numbers of words, one behind the other."""

    def __init__(self, texts, number):
        rows = [[number(w) for w in words(t)] or [0] for t in texts]
        self.start = numpy.cumsum([0] + [len(r) for r in rows])
        self.words = numpy.fromiter((w for r in rows for w in r), dtype=numpy.int64)


def vocabulary(texts):
    """Return what gives a word its number: one of its own, or one of OTHERS by hash."""
    count = {}
    for t in texts:
        for w in words(t):
            count[w] = count.get(w, 0) + 1
    known = {w: i for i, w in enumerate(sorted((w for w in count if count[w] > 1), key=lambda w: (-count[w], w))[:WORDS])}

    def number(word):
        at = known.get(word)
        if at is None:
            h = 14695981039346656037
            for b in word.encode():
                h = (h ^ b) * 1099511628211 % (1 << 64)
            at = len(known) + h % OTHERS
        return at

    return number, len(known) + OTHERS


@numba.njit(fastmath=True, cache=True)
def average(table, start, words, which):
    """Return the mean vector of the words of some texts."""
    out = numpy.zeros((len(which), table.shape[1]), dtype=numpy.float32)
    for i, text in enumerate(which):
        for w in words[start[text] : start[text + 1]]:
            for j in range(table.shape[1]):
                out[i, j] += table[w, j]
        out[i] /= start[text + 1] - start[text]
    return out


@numba.njit(fastmath=True, cache=True)
def spread(slopes, start, words, which, out, touched):
    """Add the slopes by mean vectors to those by the vectors of their words."""
    for i, text in enumerate(which):
        n = start[text + 1] - start[text]
        for w in words[start[text] : start[text + 1]]:
            touched[w] = True
            for j in range(slopes.shape[1]):
                out[w, j] += slopes[i, j] / n


@numba.njit(fastmath=True, cache=True)
def descend(table, slopes, touched, squares):
    """Take a step of Adagrad, with one rate a word, and set the slopes to 0."""
    for w in range(len(touched)):
        if touched[w]:
            touched[w] = False
            squares[w] += (slopes[w] * slopes[w]).mean()
            table[w] -= RATE / (numpy.sqrt(squares[w]) + numpy.float32(1e-8)) * slopes[w]
            slopes[w] = 0


def encode(table, texts, which):
    """Return unit vectors of some texts, and the lengths that they had."""
    mean = average(table, texts.start, texts.words, which)
    length = numpy.sqrt((mean * mean).sum(1, keepdims=True)) + numpy.float32(1e-12)
    return mean / length, length


def train(seed, queries, docs, negs, size):
    """Return the trained table of vectors; negs: an array of documents a query, -1 for none, or None."""
    draw = numpy.random.default_rng(seed)
    table = draw.normal(size=(size, WIDTH)).astype(numpy.float32)
    slopes, squares = numpy.zeros_like(table), numpy.zeros(size, dtype=numpy.float32)
    touched = numpy.zeros(size, dtype=numpy.bool_)
    n = len(queries.start) - 1
    for epoch in range(EPOCHS):
        for batch in numpy.array_split(draw.permutation(n), n // BATCH):
            candidates = batch
            if negs is not None:
                drawn = negs[batch][:, draw.permutation(negs.shape[1])[:SHOWN]].ravel()
                candidates = numpy.concatenate([batch, drawn[drawn >= 0]])
            q, q_length = encode(table, queries, batch)
            d, d_length = encode(table, docs, candidates)
            scores = q @ d.T / TEMPERATURE
            own = DOC[batch][:, None] == DOC[candidates][None, :]
            numpy.fill_diagonal(own, False)
            scores[own] = -1e9
            p = numpy.exp(scores - scores.max(1, keepdims=True))
            p /= p.sum(1, keepdims=True)
            p[numpy.arange(len(batch)), numpy.arange(len(batch))] -= 1
            p /= len(batch) * TEMPERATURE
            for unit, length, slope, texts, which in ((q, q_length, p @ d, queries, batch), (d, d_length, p.T @ q, docs, candidates)):
                slope -= unit * (unit * slope).sum(1, keepdims=True)
                spread(slope / length, texts.start, texts.words, which, slopes, touched)
            descend(table, slopes, touched, squares)
    return table


def ndcg(table, queries, docs, doc):
    """Return nDCG@10 of each query, whose only document that counts is its own."""
    every, _ = encode(table, docs, numpy.arange(len(docs.start) - 1))
    rank = []
    for at in range(0, len(doc), 256):
        here = numpy.arange(at, min(at + 256, len(doc)))
        scores = encode(table, queries, here)[0] @ every.T
        rank.append((scores > scores[numpy.arange(len(here)), doc[here]][:, None]).sum(1))
    rank = numpy.concatenate(rank)
    return numpy.where(rank < 10, 1 / numpy.log2(rank + 2), 0)


def negatives(name, n):
    """Return the negatives of a set as an array of documents, -1 where there is none."""
    if name == "none":
        return None
    out = numpy.full((n, NEGATIVES), -1)
    for i, row in enumerate(read("%s/sets/%s.jsonl" % (DIR, name))):
        out[i, : len(row["negs"])] = row["negs"][:NEGATIVES]
    return out


DIR = sys.argv[1]
began = time.process_time()
pairs, held, held_docs = (read("%s/%s.jsonl" % (DIR, f)) for f in ("train", "held", "held-docs"))
number, size = vocabulary([t for r in pairs for t in (r["query"], r["pos"][0])])
# equal documents count as one: those of a pair are not told from those of another
first = {}
DOC = numpy.array([first.setdefault(r["pos"][0], i) for i, r in enumerate(pairs)])
queries, docs = Texts((r["query"] for r in pairs), number), Texts((r["pos"][0] for r in pairs), number)
held_queries, held_texts = Texts((r["query"] for r in held), number), Texts((r["text"] for r in held_docs), number)
own = numpy.array([r["doc"] for r in held])
print("%d pairs, %d words; read in %.0f s" % (len(pairs), size, time.process_time() - began), flush=True)
os.makedirs(DIR + "/runs", exist_ok=True)
for seed in range(int(os.environ.get("SEEDS", SEEDS))):
    for name in sys.argv[2:]:
        run = "%s/runs/%s-%d.npy" % (DIR, name, seed)
        if os.path.exists(run):
            continue
        began = time.process_time()
        table = train(seed, queries, docs, negatives(name, len(pairs)), size)
        if (name, seed) == ("none", 0):
            every = numpy.arange(len(pairs))
            numpy.save(DIR + "/query-vectors.npy", encode(table, queries, every)[0])
            numpy.save(DIR + "/doc-vectors.npy", encode(table, docs, every)[0])
        result = ndcg(table, held_queries, held_texts, own)
        numpy.save(run, result)
        print("%-12s seed %d: nDCG@10 %.4f, %.0f s" % (name, seed, result.mean(), time.process_time() - began), flush=True)
