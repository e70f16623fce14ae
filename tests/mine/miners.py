"""miners.py: what other miners make of pairs of docstring and function, for tests/mine/audit.

usage: miners.py pairs FUNCTIONS.jsonl PAIRS [N]
       miners.py mine PAIRS HN_MINE.py MODEL DIR
       miners.py margin PAIRS MODEL | FOLDER OUT
"""
import importlib.util
import json
import os
import random
import sys

import numpy
import torch
from pairs import pair_of

NEGATIVES = 7


def pairs(functions, out, n):
    with open(functions, encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines if '"code_language":"python"' in line]
    random.Random(13).shuffle(records)
    with open(out, "w", encoding="utf-8") as to:
        for pair in filter(None, map(pair_of, records)):
            to.write(json.dumps({"query": pair[0], "pos": [pair[1]]}) + "\n")
            n -= 1
            if n == 0:
                break


class Model:
    """The model as hn_mine asks it, each text of which is encoded once."""

    def __init__(self, model):
        self.model = model

    def encode(self, texts, batch_size):
        return self.model.encode(texts, batch_size=32, normalize_embeddings=True)

    encode_queries = encode


def mine(pairs_file, script, model_folder, out):
    from datasets import Dataset
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.util import mine_hard_negatives

    model = SentenceTransformer(model_folder, device="cpu")
    spec = importlib.util.spec_from_file_location("hn_mine", script)
    hn_mine = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hn_mine)
    random.seed(13)
    hn_mine.find_knn_neg(Model(model), pairs_file, None, out + "/hn_mine.jsonl", [2, 200], NEGATIVES, False)
    with open(pairs_file, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    given = Dataset.from_list([{"anchor": r["query"], "positive": r["pos"][0]} for r in rows])
    for name, rules in (("top", {}), ("margin", {"relative_margin": 0.05})):
        mined = mine_hard_negatives(given, model, num_negatives=NEGATIVES, output_format="n-tuple", verbose=False, **rules)
        mined.to_json(out + "/mine_hard_negatives-" + name + ".jsonl")


class Vectors:
    """The vectors of tests/mine/encoder.py, as mine_hard_negatives asks a model for them."""

    device = "cpu"

    def __init__(self, folder, rows):
        queries, docs = numpy.load(folder + "/query-vectors.npy"), numpy.load(folder + "/doc-vectors.npy")
        self.queries = {r["query"]: queries[i] for i, r in enumerate(rows)}
        self.docs = {r["pos"][0]: docs[i] for i, r in enumerate(rows)}

    def encode_query(self, texts, **_):
        return numpy.stack([self.queries[t] for t in texts])

    def encode_document(self, texts, **_):
        return numpy.stack([self.docs[t] for t in texts])

    def similarity(self, a, b):
        return torch.as_tensor(a) @ torch.as_tensor(b).T

    def similarity_pairwise(self, a, b):
        return (torch.as_tensor(a) * torch.as_tensor(b)).sum(1)


def margin(pairs_file, folder, out):
    """Write the pairs with what mine_hard_negatives finds with the margin that its pages recommend.

    The folder has a model, or the vectors of tests/mine/encoder.py.
    """
    from datasets import Dataset
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.util import mine_hard_negatives

    with open(pairs_file, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    own = os.path.exists(folder + "/doc-vectors.npy")
    model = Vectors(folder, rows) if own else SentenceTransformer(folder, device="cpu")
    given = Dataset.from_list([{"anchor": r["query"], "positive": r["pos"][0]} for r in rows])
    mined = mine_hard_negatives(given, model, num_negatives=NEGATIVES, relative_margin=0.05, batch_size=64,
                                output_format="n-tuple", verbose=False)
    with open(out, "w", encoding="utf-8") as to:
        for row in mined:
            negatives = [row["negative_%d" % i] for i in range(1, NEGATIVES + 1)]
            to.write(json.dumps({"query": row["anchor"], "pos": [row["positive"]], "neg": negatives}) + "\n")


if sys.argv[1] == "pairs":
    pairs(sys.argv[2], sys.argv[3], int(sys.argv[4]) if len(sys.argv) > 4 else 2000)
elif sys.argv[1] == "margin":
    margin(*sys.argv[2:])
else:
    mine(*sys.argv[2:])
