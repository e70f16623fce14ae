"""common.py: lines of JSON, tg's programs and tables, for tests/mine/prove."""
import collections
import json
import math
import re
import subprocess
import sys

NEGATIVES = 7


def read(name):
    with open(name, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def write(name, rows):
    with open(name, "w", encoding="utf-8") as out:
        out.writelines(json.dumps(row) + "\n" for row in rows)


def tg(*words, rows=None):
    """Run a program on rows; yield the rows that it writes."""
    given = None if rows is None else "".join(json.dumps(row) + "\n" for row in rows).encode()
    done = subprocess.run(words, input=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        sys.exit("%s: exit status %d\n%s" % (" ".join(words), done.returncode, done.stderr.decode()[-2000:]))
    for line in done.stdout.splitlines():
        yield json.loads(line)


def shingles(text):
    """Return the runs of three tokens of a text, names and all, each with how often it stands there."""
    tokens = re.findall(r"\w+|[^\w\s]", text)
    return collections.Counter(zip(tokens, tokens[1:], tokens[2:]))


def likeness(a, b):
    """Return the share of the shingles of both that both have."""
    return sum((a & b).values()) / max(sum((a | b).values()), 1)


def wilson(n, of):
    """Return the ends of the 95 % interval of a share."""
    if of == 0:
        return 0, 1
    z, p = 1.96, n / of
    middle, half = p + z * z / 2 / of, z * math.sqrt(p * (1 - p) / of + z * z / 4 / of / of)
    return max(0, (middle - half) / (1 + z * z / of)), min(1, (middle + half) / (1 + z * z / of))


def share(n, of):
    return "%5.1f %%" % (100 * n / of) if of else "      -"
