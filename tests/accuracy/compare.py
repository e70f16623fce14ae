"""compare: tg's functions against a real parser's, on real files.

usage: compare.py FUNCTIONS DIR SET [-v LANGUAGE] [-n FILES] [-w FILE]

Reads up to 40 (-n) files a language and package of DIR/SET that the parser reads
without an error, and prints a table, a row a language; status 1 if a language is
below 98 % exact or above 2 % false. -v shows what differs in a language, -w
writes the list of files.
"""
import argparse
import hashlib
import os
import re
import subprocess
import sys
import time
from collections import Counter, defaultdict

from semble_grammars import get_parser

from reference import functions

GRAMMARS = {"cplusplus": "cpp", "shell": "bash"}
EXTENSIONS = {
    "py": "python", "js": "javascript", "mjs": "javascript", "cjs": "javascript",
    "jsx": "javascript", "ts": "typescript", "tsx": "typescript",
    "mts": "typescript", "cts": "typescript", "java": "java", "c": "c", "h": "c",
    "cc": "cplusplus", "cpp": "cplusplus", "cxx": "cplusplus",
    "hpp": "cplusplus", "hh": "cplusplus", "hxx": "cplusplus",
    "cs": "csharp", "go": "go", "rs": "rust", "php": "php", "rb": "ruby",
    "pl": "perl", "pm": "perl", "t": "perl", "sh": "shell", "bash": "shell",
    "lua": "lua", "ps1": "powershell", "psm1": "powershell", "hs": "haskell",
    "f": "fortran", "f90": "fortran", "f95": "fortran", "sql": "sql",
}


# Headers of C++, which the grammar of C misreads without an error.
CPLUSPLUS = re.compile(rb"^\s*(namespace|class|template|using|public:)\b", re.M)


def language_of(path):
    name = os.path.basename(path)
    if "." in name:
        return EXTENSIONS.get(name.rsplit(".", 1)[1].lower())
    with open(path, "rb") as f:
        first = f.readline(100)
    if first.startswith(b"#!") and b"sh" in first.split(b"/")[-1]:
        return "shell"
    if first.startswith(b"#!") and b"perl" in first:
        return "perl"
    return None


def files(folder, limit):
    """Return up to limit files a language and package, and their languages."""
    packages = defaultdict(list)
    seen = set()
    for registry in sorted(os.listdir(folder)):
        for package in sorted(os.listdir(os.path.join(folder, registry))):
            top = os.path.join(folder, registry, package)
            for where, _, names in os.walk(top):
                for name in names:
                    path = os.path.join(where, name)
                    if os.path.islink(path) or os.path.getsize(path) > 400000:
                        continue
                    language = language_of(path)
                    if language:
                        packages[package, language].append(path)
    for (_, language), paths in sorted(packages.items()):
        # Declarations alone, .d.ts, have no functions: they come last.
        paths.sort(key=lambda p: (".d." in p, hashlib.md5(
            os.path.relpath(p, folder).encode()).digest()))
        taken = 0
        for path in paths:
            if taken == limit:
                break
            with open(path, "rb") as f:
                source = f.read()
            if source in seen or b"\r\r" in source or not source.strip():
                continue
            if path.endswith(".h") and CPLUSPLUS.search(source):
                continue
            seen.add(source)
            yield language, path, source
            taken += 1


def parse(language, path, source):
    grammar = GRAMMARS.get(language, language)
    if path.endswith(".tsx"):
        grammar = "tsx"
    tree = get_parser(grammar).parse(source)
    return None if tree.root_node.has_error else tree


def ours(program, work):
    lines = "".join(f"{language}\t{path}\n" for language, path in work)
    out = subprocess.run([program], input=lines.encode(), check=True,
                         stdout=subprocess.PIPE).stdout
    found = defaultdict(list)
    for line in out.decode("utf-8", "replace").split("\n"):
        parts = line.split("\t")
        if parts[0] and len(parts) == 5:
            name = "".join(parts[1].split())
            found[parts[0]].append((name, *map(int, parts[2:])))
        elif len(parts) == 3:
            size, seconds = int(parts[1]), float(parts[2])
    return found, size, seconds


def main():
    args = argparse.ArgumentParser()
    args.add_argument("program")
    args.add_argument("folder")
    args.add_argument("set")
    args.add_argument("-v", dest="show")
    args.add_argument("-l", dest="only")
    args.add_argument("-n", type=int, default=40)
    args.add_argument("-w", dest="write")
    args = args.parse_args()
    work, expected = [], {}
    for language, path, source in files(os.path.join(args.folder, args.set),
                                        args.n):
        if (args.show or args.only) not in (None, language):
            continue
        tree = parse(language, path, source)
        if tree is None:
            continue
        expected[path] = functions(language, source, tree)
        work.append((language, path))
    if args.write:
        with open(args.write, "w", encoding="utf-8") as f:
            f.writelines(f"{language}\t{path}\n" for language, path in work)
    found, size, seconds = ours(args.program, work)
    rows = defaultdict(Counter)
    for language, path in work:
        row = rows[language]
        row["files"] += 1
        want = Counter((f.name, f.first, f.line, f.last) for f in expected[path])
        have = Counter(found.get(path, []))
        row["functions"] += sum(want.values())
        row["ours"] += sum(have.values())
        row["exact"] += sum((want & have).values())
        keys = Counter((n, e) for n, _, _, e in want.elements())
        mine = Counter((n, e) for n, _, _, e in have.elements())
        row["missed"] += sum((keys - mine).values())
        row["false"] += sum((mine - keys).values())
        if args.show:
            for mark, some in (("-", want - have), ("+", have - want)):
                for f in sorted(some, key=lambda f: f[3]):
                    print(mark, path, *f)
    bad = 0
    print(f"# {args.set}: {len(work)} files, "
          f"{size / 1e6:.1f} MB, {size / 1e6 / max(seconds, 1e-9):.0f} MB/s")
    print("# language      files functions  exact %  missed  false  false %")
    for language, row in sorted(rows.items()):
        exact = 100 * row["exact"] / max(row["functions"], 1)
        false = 100 * row["false"] / max(row["ours"], 1)
        fine = row["functions"] == 0 or (exact >= 98 and false <= 2)
        bad += not fine
        print(f"# {language:13} {row['files']:5} {row['functions']:9}"
              f" {exact:8.2f} {row['missed']:7} {row['false']:6} {false:8.2f}"
              f"{'' if fine else '  <'}")
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
