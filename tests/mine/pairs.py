"""pairs.py: the corpus and the pairs of docstring and function that tests/mine/prove measures on.

usage: pairs.py DIR OUT

DIR/functions.jsonl and DIR/pairs.jsonl hold functions as tg-folder writes them. Docstrings are
taken out of all Python functions. OUT gets

corpus.jsonl     the functions of all packages that are not held out, as documents
train.jsonl      their pairs, {query, pos, doc} with the line of the positive in corpus.jsonl
held-docs.jsonl  the functions of the packages that are held out
held.jsonl       their pairs, with the line of the positive in held-docs.jsonl

A line has its package, too, and its path and first line.
"""
import ast
import json
import random
import re
import sys

SHORTEST, LONGEST = 4, 60  # words of a query


def parse(text):
    """Return the tree of a text that is one Python function, or None."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    one = len(tree.body) == 1 and isinstance(tree.body[0], (ast.FunctionDef, ast.AsyncFunctionDef))
    return tree if one else None


def separate(text):
    """Return the first paragraph of a function's docstring and the function without it; None: not so."""
    tree = parse(text)
    if tree is None:
        return None
    f = tree.body[0]
    docstring = ast.get_docstring(f)
    if docstring is None or len(f.body) < 2 or f.body[0].lineno == f.lineno or f.body[0].end_lineno == f.body[1].lineno:
        return None
    lines = text.split("\n")
    rest = "\n".join(lines[: f.body[0].lineno - 1] + lines[f.body[0].end_lineno :])
    return " ".join(docstring.split("\n\n")[0].split()), rest


def pair_of(record):
    """Return query and function of a record of tg-folder whose docstring can be a query, or None."""
    parts = separate(record["text"])
    return parts if parts and SHORTEST <= len(parts[0].split()) <= LONGEST else None


def place(path):
    """Return set, package and path in it of a file DIR/SET/REGISTRY/PACKAGE/…"""
    return re.search(r"(?:^|/)(mine|pairs|held)/(?:pypi|npm|go|crate)/([^/]+)/(.*)", path).groups()


def read(name):
    """Yield (set, document, query or None) of functions, each text once."""
    seen = set()
    with open(name, encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            parts = separate(record["text"]) if record["code_language"] == "python" else None
            query, text = parts or (None, record["text"])
            if text in seen:
                continue
            seen.add(text)
            if query and not SHORTEST <= len(query.split()) <= LONGEST:
                query = None
            part, package, path = place(record["path"])
            if "/test" in path:
                query = None
            at = "%s:%d" % (path, record["lines"][0])
            yield part, {"text": text, "code_language": record["code_language"], "package": package, "at": at}, query


class Files:
    """The files that are written, and their number of lines."""

    def __init__(self, folder):
        self.folder, self.open = folder, {}

    def put(self, name, row):
        """Write a line; return its number from 0."""
        if name not in self.open:
            self.open[name] = [open(self.folder + "/" + name + ".jsonl", "w", encoding="utf-8"), 0]
        self.open[name][0].write(json.dumps(row) + "\n")
        self.open[name][1] += 1
        return self.open[name][1] - 1


def pair(document, query, doc):
    return {"query": query, "pos": [document["text"]], **{k: v for k, v in document.items() if k != "text"}, "doc": doc}


def main(folder, out):
    files = Files(out)
    train = []
    for name in ("functions", "pairs"):
        for part, document, query in read("%s/%s.jsonl" % (folder, name)):
            if part == "held":
                doc = files.put("held-docs", document)
                if query:
                    files.put("held", pair(document, query, doc))
            else:
                doc = files.put("corpus", document)
                if query:
                    train.append(pair(document, query, doc))
    random.Random(13).shuffle(train)
    for row in train:
        files.put("train", row)
    for name, (file, lines) in sorted(files.open.items()):
        file.close()
        print("%8d %s" % (lines, name))


if __name__ == "__main__":
    main(*sys.argv[1:])
