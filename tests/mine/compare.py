"""compare.py: nDCG@10 of the runs that tests/mine/encoder.py left, and how each differs from ours.

usage: compare.py DIR OURS SET…

The nDCG of a query is the mean of its seeds. Intervals of 95 % are by a paired bootstrap over
queries, 10,000 draws; they say nothing about other packages than those that were held out.
"""
import glob
import sys

import numpy

DIR, OURS = sys.argv[1:3]
draw = numpy.random.default_rng(13)


def runs(name):
    """Return nDCG@10 by seed and query, or None."""
    files = sorted(glob.glob("%s/runs/%s-[0-9].npy" % (DIR, name)))
    return numpy.stack([numpy.load(f) for f in files]) if files else None


def interval(values):
    """Return the interval of the mean of values."""
    means = [draw.choice(values, len(values)).mean() for _ in range(10000)]
    return numpy.percentile(means, [2.5, 97.5])


ours = runs(OURS)
print("%-16s%6s%10s%10s%22s%20s" % ("negatives", "seeds", "nDCG@10", "sd", "less " + OURS, "95 % interval"))
better = []
for name in sys.argv[3:]:
    these = runs(name)
    if these is None:
        print("%-16s  not measured" % name)
        continue
    gap = these.mean(0) - ours.mean(0)
    low, high = interval(gap) if name != OURS else (0, 0)
    better += [name] if gap.mean() > 0 else []
    print("%-16s%6d%10.4f%10.4f%22.4f%20s" % (name, len(these), these.mean(), these.mean(1).std(ddof=len(these) > 1),
                                           gap.mean(), "%.4f to %.4f" % (low, high)))
print("%s is %s" % (OURS, "at least as good as every other" if not better else "worse than " + ", ".join(better)))
