"""blind.py: whether negatives can be told from positives without reading the query.

usage: blind.py DIR [ROWS]

Pairs of DIR/train.jsonl get negatives out of its positives, and out of DIR/corpus.jsonl.
tg-mine audit gives the AUC of its classifier, and scikit-learn that of another: a logistic
regression over hashed runs of one to three tokens and the logarithm of the length, over a
positive and one negative a row, learnt from four fifths of the rows and measured on the
others, five times.
"""
import math
import random
import sys

import numpy
import scipy.sparse
from common import NEGATIVES, read, tg
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

DIR = sys.argv[1]
ROWS = int(sys.argv[2]) if len(sys.argv) > 2 else 3000
draw = random.Random(13)


def features(texts):
    """Return one row of features a text: hashed runs of tokens, and the length."""
    grams = HashingVectorizer(analyzer="word", token_pattern=r"\w+|[^\w\s]", ngram_range=(1, 3), n_features=1 << 18,
                              alternate_sign=False, lowercase=False)
    lengths = numpy.array([[math.log(1 + len(t)) / 10] for t in texts])
    return scipy.sparse.hstack([grams.transform(texts), lengths]).tocsr()


def auc(rows):
    """Return the mean AUC of the five parts."""
    texts = [r["pos"][0] for r in rows] + [draw.choice(r["neg"]) for r in rows]
    x, y = features(texts), numpy.repeat([1, 0], len(rows))
    part = numpy.tile(numpy.arange(len(rows)) % 5, 2)
    found = []
    for held in range(5):
        model = LogisticRegression(C=100, solver="liblinear").fit(x[part != held], y[part != held])
        found.append(roc_auc_score(y[part == held], model.decision_function(x[part == held])))
    return sum(found) / 5


def report(name, rows):
    rows = [{"query": r["query"], "pos": r["pos"][:1], "neg": r["neg"]} for r in rows if r.get("neg")]
    theirs = next(tg("tg-mine", "audit", "--json", rows=rows))["blind"]
    print("%-28s%6d%10.3f%20.3f" % (name, len(rows), theirs["auc"], auc(rows)), flush=True)


def mine(documents, pairs, kind):
    """Report on negatives out of documents."""
    python = [d["text"] for d in documents if d["code_language"] == "python"]
    given = [{"query": p["query"], "pos": p["pos"], "code_language": "python"} for p in pairs]
    list(tg("tg-mine", "index", "-o", DIR + "/blind.idx", rows=documents))
    report("%s: random" % kind, ({**p, "neg": draw.sample(python, NEGATIVES)} for p in given))
    for name, options in (("first that pass", ("--take", "top")), ("drawn of these", ("--take", "random")), ("tg-mine", ())):
        report("%s: %s" % (kind, name), tg("tg-mine", "negatives", "-i", DIR + "/blind.idx", "-n", str(NEGATIVES), *options, rows=given))


everything = read(DIR + "/train.jsonl")
sample = draw.sample(everything, ROWS)
print("AUC without the query; .5 is to guess. Written negatives are not measured: there is no set of them here.\n"
      "Functions without a docstring are told from those with one, whatever mines them: so the pool is once the\n"
      "functions that had one, as the positives do, and once all of them.")
print("%-28s%6s%10s%20s" % ("negatives", "rows", "tg-mine", "scikit-learn"))
mine([{"text": p["pos"][0], "code_language": "python"} for p in everything], sample, "documented")
mine([{k: d[k] for k in ("text", "code_language")} for d in read(DIR + "/corpus.jsonl")], sample, "all")
