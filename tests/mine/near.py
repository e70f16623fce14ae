#!/usr/bin/env python3
"""near.py: how many copies of functions tg-mine takes for near copies, and how many distinct ones.

usage: near.py DIR [FUNCTIONS]

DIR/functions.jsonl holds functions as tg-folder writes them. Copies are made of Python
functions in ways that leave what they do, or nearly so; the distinct functions are others of
the same package: drawn, and those that tg-mine search finds nearest. The latter hold real
copies too, of which DIR/nearest.txt shows some to read.
"""
import ast
import collections
import copy
import json
import random
import subprocess
import sys

FUNCTIONS = int(sys.argv[2]) if len(sys.argv) > 2 else 1500
THRESHOLDS = (0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.9)
folder = sys.argv[1]
draw = random.Random(13)


class Rename(ast.NodeTransformer):
    """Give all parameters and local names other names."""

    def __init__(self, tree):
        bound = [a.arg for a in ast.walk(tree) if isinstance(a, ast.arg)]
        bound += [n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
        self.names = {n: "other_%d" % i for i, n in enumerate(dict.fromkeys(bound))}

    def visit_Name(self, node):
        node.id = self.names.get(node.id, node.id)
        return node

    def visit_arg(self, node):
        node.arg = self.names.get(node.arg, node.arg)
        return self.generic_visit(node)


class Literals(ast.NodeTransformer):
    def visit_Constant(self, node):
        if isinstance(node.value, str):
            node.value += "!"
        elif isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
            node.value += 1
        return node

    def visit_JoinedStr(self, node):
        return node


def blocks(tree):
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list) and len(block) > 1:
                yield block


def names(node, kind):
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, kind)}


def reorder(tree):
    """Swap neighbours that are simple statements and share no name that either sets."""
    simple = (ast.Assign, ast.Expr, ast.AugAssign, ast.AnnAssign)
    changed = False
    for block in blocks(tree):
        i = 0
        while i + 1 < len(block):
            a, b = block[i], block[i + 1]
            if (isinstance(a, simple) and isinstance(b, simple)
                    and not names(a, ast.Store) & (names(b, ast.Load) | names(b, ast.Store))
                    and not names(b, ast.Store) & names(a, ast.Load)):
                block[i], block[i + 1] = b, a
                changed = True
                i += 1
            i += 1
    return changed


class Idiom(ast.NodeTransformer):
    """Write x += 1 as x = x + 1, if/else the other way round, and comparisons from behind."""

    changed = False
    back = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE, ast.Eq: ast.Eq, ast.NotEq: ast.NotEq}

    def visit_AugAssign(self, node):
        if not isinstance(node.target, ast.Name):
            return node
        self.changed = True
        load = ast.Name(node.target.id, ast.Load())
        return ast.Assign([node.target], ast.BinOp(load, node.op, self.visit(node.value)), lineno=1)

    def visit_If(self, node):
        self.generic_visit(node)
        if node.orelse and not isinstance(node.orelse[0], ast.If):
            self.changed = True
            node.body, node.orelse = node.orelse, node.body
            node.test = ast.UnaryOp(ast.Not(), node.test)
        return node

    def visit_Compare(self, node):
        self.generic_visit(node)
        if len(node.ops) == 1 and type(node.ops[0]) in self.back:
            self.changed = True
            node.left, node.comparators = node.comparators[0], [node.left]
            node.ops = [self.back[type(node.ops[0])]()]
        return node


def log_line(tree):
    body = tree.body[0].body
    body.insert(draw.randrange(len(body)), ast.parse("logger.debug('here')").body[0])
    return True


def idiom(tree):
    change = Idiom()
    change.visit(tree)
    return change.changed


def rename(tree):
    Rename(tree).visit(tree)
    return True


def literals(tree):
    Literals().visit(tree)
    return True


WAYS = {
    "rename": (rename,), "literals": (literals,), "reorder": (reorder,), "log line": (log_line,),
    "idiom": (idiom,), "rename, reorder": (rename, reorder),
    "rename, reorder, literals, log line": (rename, reorder, literals, log_line),
    "rename, idiom": (rename, idiom),
}


def no_docstring(tree):
    f = tree.body[0]
    if ast.get_docstring(f, clean=False) is not None:
        f.body = f.body[1:] or [ast.Pass()]


def read():
    found = collections.defaultdict(list)
    with open(folder + "/functions.jsonl", encoding="utf-8") as lines:
        for line in lines:
            f = json.loads(line)
            if f.get("code_language") != "python" or "/test" in f["path"]:
                continue
            try:
                tree = ast.parse(f["text"])
            except (SyntaxError, ValueError):
                continue
            if len(tree.body) == 1 and isinstance(tree.body[0], ast.FunctionDef):
                no_docstring(tree)
                if len(list(ast.walk(tree.body[0]))) > 40:
                    found["/".join(f["path"].split("/")[:3])].append((f["text"], tree))
    return found


def audit(rows):
    """Return (query, likeness) of each negative: 1 if alike or equal, 0 if nothing is shared."""
    text = "".join(json.dumps({"query": q, "pos": [p], "neg": n}) + "\n" for q, p, n in rows)
    out = subprocess.run(["tg-mine", "audit", "--mark", "--likeness", "0.01"], input=text, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
    for line in out.splitlines():
        row = json.loads(line)
        at = {int(f["at"][4:-1]): f for f in row["audit"]["negatives"] if f["found"] in ("near_copy", "positive")}
        for i, text in enumerate(row["neg"]):
            f = at.get(i)
            yield row["query"].split(":")[0], 0 if f is None else f.get("likeness", 1), row["pos"][0], text


def nearest(sample):
    """Yield the functions of the same package that are nearest to each by BM25."""
    for package in {p for p, _, _ in sample}:
        texts = [t for t, _ in PACKAGES[package]]
        write = "".join(json.dumps({"text": t}) + "\n" for t in texts)
        subprocess.run(["tg-mine", "index", "-o", folder + "/near.idx"], input=write, text=True,
                       stderr=subprocess.DEVNULL, check=True)
        own = [t for p, t, _ in sample if p == package]
        out = subprocess.run(["tg-mine", "search", "-i", folder + "/near.idx", "-k", "6"], text=True, check=True,
                             input="".join(json.dumps({"query": t}) + "\n" for t in own), stdout=subprocess.PIPE).stdout
        for line in out.splitlines():
            row = json.loads(line)
            yield row["query"], [texts[h["doc"]] for h in row["hits"] if texts[h["doc"]] != row["query"]][:5]


PACKAGES = read()
PACKAGES = {p: v for p, v in PACKAGES.items() if len(v) >= 50}
everything = [(p, t, tree) for p, v in PACKAGES.items() for t, tree in v]
sample = draw.sample(everything, min(FUNCTIONS, len(everything)))
rows = []
for i, (package, text, tree) in enumerate(sample):
    for way, steps in WAYS.items():
        new = copy.deepcopy(tree)
        if all([step(new) for step in steps]):
            rows.append(("%s:%d" % (way, i), text, [ast.unparse(ast.fix_missing_locations(new))]))
    others = [t for t, _ in draw.sample(PACKAGES[package], 10) if t != text]
    rows.append(("distinct, drawn:%d" % i, text, others))
rows += [("distinct, nearest five:%d" % i, t, n) for i, (t, n) in enumerate(nearest(sample))]
likeness = collections.defaultdict(list)
shown = []
for kind, like, pos, neg in audit(rows):
    likeness[kind].append(like)
    if kind == "distinct, nearest five" and like >= 0.65:
        shown.append((like, pos, neg))
with open(folder + "/nearest.txt", "w", encoding="utf-8") as out:
    for like, pos, neg in draw.sample(shown, min(40, len(shown))):
        out.write("=== %.3f\n%s\n--- \n%s\n\n" % (like, pos, neg))
print("%d functions of %d packages; share that is near, by the likeness asked for" % (len(sample), len(PACKAGES)))
print("%-38s%7s" % ("", "pairs") + "".join("%8.2f" % t for t in THRESHOLDS))
for kind, values in likeness.items():
    print("%-38s%7d" % (kind, len(values)) + "".join("%7.1f%%" % (100 * sum(v >= t for v in values) / len(values)) for t in THRESHOLDS))
