"""miners.py: what other miners make of pairs of docstring and function, for tests/mine/audit.

usage: miners.py pairs FUNCTIONS.jsonl PAIRS [N]
       miners.py mine PAIRS HN_MINE.py MODEL DIR
"""
import ast
import importlib.util
import json
import random
import sys

NEGATIVES = 7


def pair_of(record):
    """Return the first paragraph of a function's docstring and the function without it, or None."""
    text = record["text"]
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return None
    if len(tree.body) != 1 or not isinstance(tree.body[0], ast.FunctionDef):
        return None
    f = tree.body[0]
    words = (ast.get_docstring(f) or "").split("\n\n")[0].split()
    if not 4 <= len(words) <= 60 or len(f.body) < 2 or f.body[0].lineno == f.lineno:
        return None
    lines = text.split("\n")
    return " ".join(words), "\n".join(lines[: f.body[0].lineno - 1] + lines[f.body[0].end_lineno :])


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


if sys.argv[1] == "pairs":
    pairs(sys.argv[2], sys.argv[3], int(sys.argv[4]) if len(sys.argv) > 4 else 2000)
else:
    mine(*sys.argv[2:])
