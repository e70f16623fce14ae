"""verifier.py: a scripted verifier, which says whether a function answers a query.

It knows what no miner has seen: the docstring that was taken out of the function. It says yes
if that says nearly what the query does, or if the function has most of its shingles or its name
in common with the positive and the docstrings have many words in common. So it stands for a
model that errs now and then; `read` holds what a reader said of some records, by their
digests, and rates() tells how often the verifier errs by that.
"""
import hashlib
import os
import re

from common import likeness, shingles

READ = os.path.join(os.path.dirname(os.path.abspath(__file__)), "read")
SAME, LIKE, NEAR = 0.6, 0.3, 0.65
SAID_YES = 0.0305  # share of the negatives of top-k of which the verifier says yes; sets.py prints it
COMMON = set("a an the of to in for and or is are be by on with from that this if it as at return returns get given".split())


def said(text):
    return {w[:6] for w in re.findall(r"[a-z0-9]+", text.lower())} - COMMON


def name(code):
    found = re.search(r"\bdef\s+(\w+)", code)
    return found[1].strip("_").lower() if found else ""


def answers(query, positive, docstring, function):
    """Return whether a function whose docstring was taken out is said to answer the query."""
    a, b = said(query), said(docstring)
    same = len(a & b) / max(len(a | b), 1)
    if same >= SAME or function == positive:
        return True
    return same >= LIKE and (name(positive) == name(function) or likeness(shingles(positive), shingles(function)) >= NEAR)


def digest(query, positive, function):
    """Return what a record is known by in `read`."""
    return hashlib.sha256("\0".join((query, positive, function)).encode()).hexdigest()[:16]


def read():
    """Yield how each record that was read was drawn, and what the reader and the verifier said of it."""
    with open(READ, encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith("#"):
                yield tuple(line.split()[1:])


def rates():
    """Return the shares of functions that answer and that do not of which the verifier says yes.

    Few of the negatives that were drawn at random answer, so more were read of which the
    verifier says yes; SAID_YES, their share of all negatives of top-k, weighs both.
    """
    said = {v: [r == "yes" for drawn, r, w in read() if w == v and drawn != "tg-mine"] for v in ("yes", "no")}
    right = SAID_YES * sum(said["yes"]) / len(said["yes"])
    missed = (1 - SAID_YES) * sum(said["no"]) / len(said["no"])
    return right / (right + missed), (SAID_YES - right) / (1 - right - missed)


def told():
    """Return what was read and how the verifier errs, as a sentence."""
    counts = [(name, sum(d == name for d, _, _ in read()), sum(d == name and r == "yes" for d, r, _ in read()))
              for name in ("top-k", "tg-mine", "said-yes")]
    catches, alarms = rates()
    return "%d records were read: %s. The verifier finds %.0f %% of those that answer, and errs in %.1f %% of the others" % (
        sum(n for _, n, _ in counts), ", ".join("%d of %d negatives of %s answer" % (y, n, c) for c, n, y in counts if n),
        100 * catches, 100 * alarms)
