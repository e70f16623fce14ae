#!/usr/bin/env python3
# undoc: reads records of Python functions, as tg-folder writes them, and writes each
# without its docstring. A function whose docstring has a first line of four words or more
# gets that as its query, and the code as its pos.
import ast
import json
import sys
import textwrap


def split(text):
    """Return the code without the docstring, and the docstring."""
    body = textwrap.dedent(text)
    function = ast.parse(body).body[0]
    words = ast.get_docstring(function)
    if not words or len(function.body) < 2:
        return body, ""
    first = function.body[0]
    lines = body.splitlines(keepends=True)
    if first.lineno == function.body[1].lineno or lines[first.lineno - 1].lstrip().startswith("def "):
        return body, ""
    return "".join(lines[: first.lineno - 1] + lines[first.end_lineno :]), words


for line in sys.stdin:
    record = json.loads(line)
    try:
        code, words = split(record["text"])
    except (SyntaxError, ValueError, IndexError):
        code, words = record["text"], ""
    query = words.split("\n\n")[0].replace("\n", " ").strip()
    out = {"text": code, "code_language": "python", "path": record.get("path", "")}
    if len(query.split()) >= 4:
        out.update(query=query, pos=[code])
    print(json.dumps(out, ensure_ascii=False))
