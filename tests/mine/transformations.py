"""transformations.py: copies of a Python function that answer the same query.

Six ways, and one (temporaries) that no test of tg-mine's own knows. They edit the text where
the tree of Python's own parser says, and leave the rest of it as it is; the last of the six
reads no tree and would do the same to any language. make(way, text, draw) returns the copy,
or None where there is nothing to change, or a change that does not parse.
"""
import ast
import io
import keyword
import re
import tokenize

NAMES = """acc alpha amount arr basis batch beta block buff bundle chunk config counter cur current datum
delta dest elem entity entry extra factor field first found fresh gamma given group handle holder idx inner
inp kind known label last left level limit lookup mapping marker match member mode node obj offset option
other outcome outer output part payload piece pivot place point pos prev probe quantity raw ref region
reply rest right root scratch section seed series slot source span spot stage state step store subject
target temp term thing token total track trial unit upper val view wanted weight width work""".split()
REMARKS = """Nothing else to do here|Keep this in step with the callers|The usual case comes first|See the manual
|Cheap enough for now|Order matters below|Old behaviour is kept|Handled by the caller otherwise|Defensive
|This might be slow on large input|Same as in the previous release|Not obvious, but needed""".split("|")


class Text:
    """A text with edits at positions of its tree: lines from 1, columns in bytes."""

    def __init__(self, text):
        self.bytes = text.encode()
        self.tree = ast.parse(text)
        self.lines = [0]
        for line in self.bytes.split(b"\n"):
            self.lines.append(self.lines[-1] + len(line) + 1)
        self.edits = []

    def at(self, line, column):
        return self.lines[line - 1] + column

    def span(self, node):
        return self.at(node.lineno, node.col_offset), self.at(node.end_lineno, node.end_col_offset)

    def of(self, node):
        start, end = self.span(node)
        return self.bytes[start:end].decode()

    def indent(self, node):
        """Return the indentation of a statement that begins its line, or None."""
        before = self.bytes[self.lines[node.lineno - 1] : self.span(node)[0]].decode()
        return before if not before.strip() else None

    def replace(self, start, end, new):
        if all(end <= s or e <= start for s, e, _ in self.edits):
            self.edits.append((start, end, new))

    def put(self, node, new):
        self.replace(*self.span(node), new)

    def lines_of(self, node, new):
        """Replace a statement by lines, indented as it is."""
        indent = self.indent(node)
        if indent is not None:
            self.put(node, ("\n" + indent).join(new.split("\n")))

    def done(self):
        out, last = b"", 0
        for start, end, new in sorted(self.edits):
            out += self.bytes[last:start] + new.encode()
            last = end
        return (out + self.bytes[last:]).decode() if self.edits else None


def tokens(text):
    return list(tokenize.generate_tokens(io.StringIO(text).readline))


def function(text):
    return text.tree.body[0]


def bodies(tree):
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                yield block


# rename: parameters, local names and, in half of the copies, the function
def bound(tree):
    names, outside = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            names.add(node.name)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            outside.update(node.names)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            outside.update((a.asname or a.name).split(".")[0] for a in node.names)
    return names - outside - {"self", "cls"}


def rename(text, draw):
    tree = ast.parse(text)
    names = sorted(bound(tree))
    if draw.random() < 0.5:
        names.remove(tree.body[0].name)
    fresh = [n for n in NAMES if not re.search(r"\b%s\b" % n, text)]
    draw.shuffle(fresh)
    new = {n: fresh[i] if i < len(fresh) else "v%d" % i for i, n in enumerate(names)}
    if not new:
        return None
    keywords = {(k.lineno, k.col_offset) for k in ast.walk(tree) if isinstance(k, ast.keyword) and k.arg}
    out, dot = Text(text), False
    for t in tokens(text):
        line = text.split("\n")[t.start[0] - 1]
        start = out.at(t.start[0], len(line[: t.start[1]].encode()))
        if t.type == tokenize.NAME and not dot and t.string in new:
            if (t.start[0], len(line[: t.start[1]].encode())) not in keywords:
                out.replace(start, start + len(t.string.encode()), new[t.string])
        elif t.type == tokenize.STRING and re.match("[rR]?[fF]", t.string):
            said = re.sub(r"\{[^{}]*\}", lambda m: re.sub(r"(?<![\w.])[A-Za-z_]\w*", lambda w: new.get(w[0], w[0]), m[0]), t.string)
            out.replace(start, start + len(t.string.encode()), said)
        dot = t.string == "."
    return out.done()


# reorder: neighbours that do not depend on each other, keyword arguments, entries of dicts
def uses(node, kind):
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, kind)}


def calls(node):
    return any(isinstance(n, (ast.Call, ast.Await, ast.Yield, ast.YieldFrom)) for n in ast.walk(node))


def independent(a, b):
    simple = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr)
    plain = all(isinstance(s, simple) and all(isinstance(t, ast.Name) for t in getattr(s, "targets", [])) for s in (a, b))
    set_a, set_b = uses(a, ast.Store), uses(b, ast.Store)
    return plain and not (calls(a) and calls(b)) and not (
        set_a & (uses(b, ast.Load) | set_b) or set_b & uses(a, ast.Load))


def reorder(text, draw):
    out = Text(text)
    for block in bodies(out.tree):
        i = 0
        while i + 1 < len(block):
            a, b = block[i : i + 2]
            if independent(a, b) and a.end_lineno < b.lineno:
                out.put(a, out.of(b))
                out.put(b, out.of(a))
                i += 1
            i += 1
    for node in ast.walk(function(out)):
        items = []
        if isinstance(node, ast.Call) and all(k.arg for k in node.keywords):
            items = [(out.at(k.lineno, k.col_offset), out.at(k.end_lineno, k.end_col_offset)) for k in node.keywords]
        elif isinstance(node, ast.Dict) and all(node.keys):
            items = [(out.span(k)[0], out.span(v)[1]) for k, v in zip(node.keys, node.values)]
        for (start, end), (other, to) in zip(items, reversed(items)):
            if start != other:
                out.replace(start, end, out.bytes[other:to].decode())
    return out.done()


# comments: none of the old ones, a docstring of no use and remarks between the lines
def comments(text, draw):
    out = Text(text)
    for t in tokens(text):
        if t.type == tokenize.COMMENT:
            line = text.split("\n")[t.start[0] - 1]
            start = out.at(t.start[0], len(line[: t.start[1]].encode()))
            out.replace(start, start + len(t.string.encode()), "# " + draw.choice(REMARKS).strip())
    f = function(out)
    for node in ast.walk(f):
        if isinstance(node, ast.stmt) and node is not f and out.indent(node) is not None and draw.random() < 0.4:
            start = out.span(node)[0]
            remark = "# " + draw.choice(REMARKS).strip() + "\n" + out.indent(node)
            if not getattr(node, "decorator_list", None):
                out.replace(start, start, remark)
    if out.indent(f.body[0]) is not None:
        start = out.span(f.body[0])[0]
        out.edits = [e for e in out.edits if e[0] != start or e[1] != start]
        if not getattr(f.body[0], "decorator_list", None):
            out.replace(start, start, '"""%s."""\n' % draw.choice(REMARKS).strip() + out.indent(f.body[0]))
    return out.done()


# literals: other numbers, other words in strings
def literals(text, draw):
    out = Text(text)
    inside = {id(n) for j in ast.walk(out.tree) if isinstance(j, ast.JoinedStr) for n in ast.walk(j)}
    for node in ast.walk(out.tree):
        if not isinstance(node, ast.Constant) or id(node) in inside or isinstance(node.value, bool):
            continue
        if isinstance(node.value, (int, float)):
            out.put(node, repr(node.value + draw.choice((1, 2, 7))))
        elif isinstance(node.value, str):
            words = [draw.choice(NAMES) if re.fullmatch("[A-Za-z]{3,}", w) else w for w in node.value.split(" ")]
            new = " ".join(words)
            out.put(node, repr(new if new != node.value else node.value + draw.choice(NAMES)))
        elif isinstance(node.value, bytes):
            out.put(node, repr(node.value + draw.choice(NAMES).encode()))
    return out.done()


# idioms: the same in other constructs
def block(out, statements, indent="    "):
    """Return the text of a block of statements, indented."""
    text = "\n".join(ast.unparse(s) for s in statements)
    return "\n".join(indent + line for line in text.split("\n"))


def loop(out, node, target):
    """Return a loop for a list comprehension with one generator, or None."""
    value = node.value
    if not isinstance(value, ast.ListComp) or len(value.generators) != 1 or value.generators[0].is_async:
        return None
    g = value.generators[0]
    add = "%s.append(%s)" % (target, out.of(value.elt))
    for condition in g.ifs:
        add = "if %s:\n    " % out.of(condition) + add.replace("\n", "\n    ")
    return "%s = []\nfor %s in %s:\n    %s" % (target, out.of(g.target), out.of(g.iter), add.replace("\n", "\n    "))


def branches(out, node, left):
    """Return if and else for a conditional expression that is assigned or returned, or None."""
    if not isinstance(node.value, ast.IfExp):
        return None
    v = node.value
    return "if %s:\n    %s%s\nelse:\n    %s%s" % (out.of(v.test), left, out.of(v.body), left, out.of(v.orelse))


def other_statement(out, node):
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        name = node.targets[0].id
        return (None if name in uses(node.value, ast.Load) else loop(out, node, name)) or branches(out, node, name + " = ")
    if isinstance(node, ast.Return) and node.value:
        made = loop(out, node, "found")
        return made + "\nreturn found" if made else branches(out, node, "return ")
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        op = type(node.op)
        sign = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.BitOr: "|"}.get(op)
        return sign and "%s = %s %s (%s)" % (node.target.id, node.target.id, sign, out.of(node.value))
    if isinstance(node, ast.For) and not node.orelse and isinstance(node.iter, (ast.Name, ast.Attribute)) and isinstance(node.target, ast.Name):
        rest = block(out, node.body)
        return "for _, %s in enumerate(%s):\n%s" % (node.target.id, out.of(node.iter), rest)
    if isinstance(node, ast.If) and len(node.body) == 1 and not node.orelse and isinstance(node.body[0], ast.If) and not node.body[0].orelse:
        inner = node.body[0]
        return "if (%s) and (%s):\n%s" % (out.of(node.test), out.of(inner.test), block(out, inner.body))
    if isinstance(node, ast.If) and len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
        return "if %s:\n%s\nelse:\n%s" % (out.of(node.test), block(out, node.body), block(out, node.orelse))
    if isinstance(node, ast.If) and node.orelse:
        return "if not (%s):\n%s\nelse:\n%s" % (out.of(node.test), block(out, node.orelse), block(out, node.body))
    return None


def other_expression(out, node):
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        a, b = out.of(node.left), out.of(node.comparators[0])
        said = {ast.NotEq: "not (%s == %s)", ast.IsNot: "not (%s is %s)", ast.NotIn: "not (%s in %s)",
                ast.Lt: "not (%s >= %s)", ast.Gt: "not (%s <= %s)"}.get(type(node.ops[0]))
        return said and "(" + said % (a, b) + ")"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.args and not node.keywords:
        return {"dict": "{}", "list": "[]", "tuple": "()"}.get(node.func.id)
    if isinstance(node, ast.Dict) and not node.keys:
        return "dict()"
    if isinstance(node, ast.List) and not node.elts and isinstance(node.ctx, ast.Load):
        return "list()"
    if isinstance(node, ast.JoinedStr) and all(
            not isinstance(v, ast.FormattedValue) or v.conversion == -1 and v.format_spec is None for v in node.values):
        said = "".join(v.value.replace("{", "{{").replace("}", "}}") if isinstance(v, ast.Constant) else "{}" for v in node.values)
        values = [ast.unparse(v.value) for v in node.values if isinstance(v, ast.FormattedValue)]
        return "%r.format(%s)" % (said, ", ".join(values))
    return None


def idioms(text, draw):
    out = Text(text)
    for change, kind in ((other_statement, ast.stmt), (other_expression, ast.expr)):
        for node in ast.walk(out.tree):
            new = change(out, node) if isinstance(node, kind) else None
            if new and kind is ast.stmt:
                out.lines_of(node, new)
            elif new:
                out.put(node, new)
    return out.done()


# layout: no tree; lines, indentation and blanks of any language
def layout(text, draw):
    width = draw.choice(("\t", "  ", " " * 8))
    lines, depth = [], 0
    for line in text.split("\n"):
        bare = line.strip()
        if not bare:
            continue
        quotes = "'" in bare or '"' in bare or "#" in bare
        indent = len(line) - len(line.lstrip())
        if depth > 0 and lines and not quotes and "#" not in lines[-1]:
            lines[-1] += " " + bare
        else:
            lines.append(width * (indent // 4) + " " * (indent % 4) + bare)
        if not quotes:
            lines[-1] = re.sub(r"(?<=[\w\])]) *([=+*/<>-]=?) *(?=[\w\[(])", lambda m: m[1] if draw.random() < 0.5 else " %s " % m[1], lines[-1])
            lines[-1] = re.sub(r"([(\[]) *(?=\w)", r"\1 ", lines[-1])
        depth += sum(bare.count(c) for c in "([{") - sum(bare.count(c) for c in ")]}") if not quotes else 0
        if draw.random() < 0.1 and depth == 0:
            lines.append("")
    return "\n".join(lines) + "\n"


# temporaries, the unknown way: what is called in arguments, operands and returns gets a name first
def temporaries(text, draw):
    out = Text(text)
    names = (n for n in ["step_%d" % i for i in range(1, 1000)] if n not in text)
    for node in ast.walk(out.tree):
        if not isinstance(node, (ast.Assign, ast.Expr, ast.Return, ast.AugAssign)) or not getattr(node, "value", None):
            continue
        if any(isinstance(n, (ast.IfExp, ast.BoolOp, ast.Lambda, ast.comprehension, ast.JoinedStr, ast.Await, ast.Yield, ast.YieldFrom,
                              ast.Starred, ast.NamedExpr)) for n in ast.walk(node)):
            continue
        top = [node.value] if isinstance(node, ast.Return) and not isinstance(node.value, (ast.Name, ast.Constant)) else []
        inner = [n for n in ast.walk(node.value) if n is not node.value and isinstance(n, (ast.Call, ast.Subscript, ast.BinOp))
                 and isinstance(getattr(n, "ctx", ast.Load()), ast.Load)]
        chosen = top or [n for n in inner if not any(n is not m and n in ast.walk(m) for m in inner)]
        if not chosen or out.indent(node) is None:
            continue
        start, made, said = out.span(node)[0], "", out.of(node)
        if said.count("\n") and len(said) > 400:
            continue
        offset = 0
        for n in sorted(chosen, key=lambda n: out.span(n)[0]):
            s, e = out.span(n)
            name = next(names)
            made += "%s = %s\n%s" % (name, "(" + out.of(n) + ")" if "\n" in out.of(n) else out.of(n), out.indent(node))
            raw = said.encode()
            said = (raw[: s - start + offset] + name.encode() + raw[e - start + offset :]).decode()
            offset += len(name.encode()) - (e - s)
        out.put(node, made + said)
    return out.done()


WAYS = {"rename": rename, "reorder": reorder, "comments": comments, "literals": literals, "idioms": idioms,
        "layout": layout, "temporaries": temporaries}


def make(way, text, draw):
    """Return the copy of a text that is one function, or None."""
    try:
        copy = WAYS[way](text, draw)
        if copy is None or copy == text:
            return None
        tree = ast.parse(copy)
    except (SyntaxError, ValueError, IndexError, tokenize.TokenError, RecursionError):
        return None
    return copy if len(tree.body) == 1 and not keyword.iskeyword(tree.body[0].name) else None
