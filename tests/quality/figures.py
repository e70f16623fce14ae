"""figures: what a set of pairs is like, counted without a model."""
import collections
import json
import re
import subprocess
import zlib

WORDS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_]+")
NAMES = re.compile(r"[A-Za-z_][A-Za-z0-9_]{2,}")
BINS = (5, 15, 40, 100)


def words(text):
    """Words of a text; each character of a script without blanks counts as one."""
    return WORDS.findall(text.lower())


def histogram(texts):
    """Counts of texts of at most 5, 15, 40 and 100 words, and of longer ones."""
    counts = [0] * (len(BINS) + 1)
    for text in texts:
        counts[sum(len(words(text)) > b for b in BINS)] += 1
    return counts


def quantile(numbers, q):
    numbers = sorted(numbers)
    return numbers[min(len(numbers) - 1, int(q * len(numbers)))] if numbers else 0


def distinct3(texts):
    """Share of different ones among the runs of three words of all texts; None for none."""
    runs = [tuple(w[i:i + 3]) for w in map(words, texts) for i in range(len(w) - 2)]
    return len(set(runs)) / len(runs) if runs else None


def compression(texts):
    """Compressed length of all texts by their length: little where they repeat each other."""
    data = "\n".join(texts).encode()
    return len(zlib.compress(data, 9)) / len(data) if data else None


def overlap(query, positive):
    """Share of the names and words of a query that stand in its positive; None for none."""
    mine, theirs = (set(n.lower() for n in NAMES.findall(t)) for t in (query, positive))
    return len(mine & theirs) / len(mine) if mine else None


def mean(numbers):
    numbers = [n for n in numbers if n is not None]
    return sum(numbers) / len(numbers) if numbers else None


def near_copies(pairs):
    """Negatives of the pairs, and by tg-mine audit those that are equal to or alike a positive
    (but for names, literals, comments and layout), and those that share most of its shingles."""
    lines = "".join(json.dumps(p, ensure_ascii=False) + "\n" for p in pairs if p["neg"])
    if not lines:
        return 0, 0, 0
    audit = subprocess.run(["tg-mine", "audit", "--json"], input=lines.encode(),
                           stdout=subprocess.PIPE, check=True)
    sums = json.loads(audit.stdout)
    return (sums["negatives"], sums["found"]["positive"]["negatives"] + sums["near_by"]["alike"],
            sums["near_by"]["shingles"])


def outcomes(kept, ended):
    """Count what became of documents: declined, gate:CODE, judged 0, 1 and 2, error, other."""
    counts = collections.Counter({"judged 1": len(kept)})
    for record in ended:
        tg = record["tg"]
        end = tg.get("error") or tg["rejected"]
        if "error" in tg:
            counts["error"] += 1
        elif end["tool"] == "tg-gate":
            counts["gate:" + end["code"]] += 1
        elif end["code"] == "not_applicable":
            counts["declined"] += 1
        elif "verdict" in tg.get("judge", {}):
            counts["judged %s" % tg["judge"]["verdict"]] += 1
        else:
            counts["other"] += 1
    return counts
