"""Good pairs that a gate must let pass: functions of the Python standard library with their
docstrings, and pairs made up here that look like a defect and are none."""
import ast
import difflib
import glob
import os
import sysconfig
import textwrap

from defects import CODE, FASTER, OTHER, SUMMARY, TEXT

TO_CODE = ["web_code_retrieval", "code_explanation_retrieval", "api_usage_retrieval", "algorithm_desc_retrieval", "bug_desc_retrieval"]
TO_TEXT = ["code_summary_retrieval", "code_intent_retrieval", "api_reference_retrieval", "code_review_retrieval", "code_walkthrough_retrieval"]


def record(task, query, pos, code_language="python", language="en", **more):
    return {"query": query, "pos": [pos], "tg": {"task": task, "language": language, "code_language": code_language, "pair": True}, **more}


def functions(most):
    """Yield code with and without its docstring, and the docstring."""
    found = 0
    for path in sorted(glob.glob(os.path.join(sysconfig.get_paths()["stdlib"], "*.py"))):
        with open(path, encoding="utf-8") as f:
            source = f.read()
        lines = source.split("\n")
        for node in ast.walk(ast.parse(source)):
            doc = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and ast.get_docstring(node)
            if not doc or len(node.body) < 2:
                continue
            first = node.body[0]
            bare = lines[node.lineno - 1:first.lineno - 1] + lines[first.end_lineno:node.end_lineno]
            yield doc, textwrap.dedent("\n".join(lines[node.lineno - 1:node.end_lineno])), textwrap.dedent("\n".join(bare))
            found += 1
            if found == most:
                return


def made_up():
    py = CODE["python"]
    for language, query in (
            ("zh", "如何用 Python 计算列表的移动平均值？"), ("zh", "Python 滑动窗口 平均"), ("zh", "numpy pandas rolling mean"), ("zh_tw", "如何計算這個清單的移動平均值？"),
            ("ja", "Pythonでリストの移動平均を計算する方法"), ("ko", "파이썬 리스트 이동 평균 계산"), ("es", "cómo calcular la media móvil de una lista en python"),
            ("es", "Lo siguiente falla: no puedo leer el archivo porque la ruta está vacía."), ("fr", "calculer une moyenne mobile sur une liste sans numpy"),
            ("fr", "Voici comment la fonction avance : elle garde la somme de la fenêtre et retire la plus ancienne valeur."),
            ("de", "gleitenden Mittelwert einer Liste berechnen"), ("de", "Leider bricht das Programm ab, wenn die Liste leer ist; erwartet war eine leere Antwort."),
            ("ru", "скользящее среднее по списку чисел на Python"), ("pt", "como calcular a média móvel de uma lista"), ("it", "media mobile di una lista di numeri"),
            ("vi", "tính trung bình trượt của một danh sách trong python"), ("id", "menghitung rata-rata bergerak dari sebuah daftar"), ("ar", "حساب المتوسط المتحرك لقائمة في بايثون"),
            ("fa", "محاسبه میانگین متحرک یک لیست در پایتون"), ("hi", "पायथन में सूची का चल औसत कैसे निकालें"), ("th", "คำนวณค่าเฉลี่ยเคลื่อนที่ของรายการใน Python"),
            ("fi", "liukuva keskiarvo listasta pythonilla"), ("sw", "jinsi ya kukokotoa wastani wa orodha katika python"), ("bn", "পাইথনে তালিকার চলমান গড় বের করা")):
        yield "languages", record(TEXT, query, py, language=language)
    for query in ("moving average", "running mean", "sliding window mean", "std::vector moving average", "python list mean window",
                  "numpy.convolve vs loop", "mean?", "average of last n values", "moving average python without numpy", "rolling() equivalent in pure python",
                  "what is a running mean used for", "pandas DataFrame.rolling(window=3).mean() without pandas", "c# double[] moving average",
                  "TypeError: unsupported operand type(s) for /: 'str' and 'int'", "window average for"):
        yield "key words", record(TEXT, query, py)
    for text in (
            "Sorry for the wait: prints an apology while the queue is full and returns the number of people in it.",
            "Unable to open file: raised when the configuration is not there. I was trying to load the settings of a new account.",
            "I cannot get the mean of a list to match the one in my spreadsheet. Which function keeps the sum of the window?",
            "Here is where it gets hard: the window may be longer than the list. Then no mean is returned at all.",
            "As an example, a width of 2 turns `[1, 3, 5]` into `[2.0, 4.0]`.", "Note that the list must not be empty.",
            "This function keeps a sum. It adds each value and takes off the oldest.", "Computes means; see `running_mean(values, width)` for the arguments",
            "Of course the window has to be smaller than the list, or the result is empty.", "Please provide a width of 1 or more; anything else raises ValueError.",
            "Let x be the sum of the window. Then x / width is the mean.", "None of the values may be negative.", "Explain how the sum is kept (and why).",
            "Sure enough, the mean of an empty window is undefined, so the function skips it.", "How do I say \"I'm sorry, I can't do that\" with a speech library in Python?",
            "OK status is returned when all of the values lie within the window.", "Answers the question whether a window is full.", "Query the table of means by its window",
            "Report: one line for each window, sorted by mean.", "Keeps the sum of the last values and divides it by the width"):
        yield "look alike", record(SUMMARY, py, text)
    for text in (
            "## Moving mean\n\nStart with the sum:\n\n```python\ntotal = 0\n```\n\nThen add each value:\n\n```python\ntotal += value\n```\n\nRun it with `python mean.py`.",
            "To build a moving mean you need Python 3 and a list.\n\n1. Keep a sum.\n2. Subtract what leaves the window:\n\n   ```python\n   total -= values[i - width]\n   ```\n\n3. Divide by the width.",
            "# Means\n\nA table of what is returned:\n\n| width | result |\n|---|---|\n| 2 | means of pairs |\n\nSee `running_mean`."):
        yield "markdown", record("tutorial_retrieval", py, text)
    for name, source in list(CODE.items()) + list(OTHER.items()):
        yield "code", record("code_pattern_retrieval", "print('no relation at all to what is on the other side of it')", source, name)
    for source in ("def one():\n    return 1\n", "x = lambda a: a", "def answer():\n    # Leider kann ich das nicht ändern: die Schnittstelle ist alt\n    return 42\n",
                   "REFUSALS = [\n    \"As an AI language model, I cannot\",\n    \"I'm sorry, but I can't help with that\",\n    \"Sorry, I can't\",\n]\n\n\ndef is_refusal(text):\n    return any(text.startswith(phrase) for phrase in REFUSALS)\n",
                   "def sorry(name):\n    \"\"\"Here is the text of an apology, to be sent by mail.\"\"\"\n    return f\"Sorry, {name}, we are closed.\"\n",
                   "def fence(code):\n    \"\"\"Return a block.\n\n    ```python\n    fence('x')\n    ```\n\n    ```text\n    more\n    ```\n    \"\"\"\n    return '```\\n' + code + '\\n```'\n",
                   "def f(x):\n    # Note that I is the imaginary unit here.\n    return I * x\n", "try:\n    import numpy\nexcept ImportError:\n    numpy = None\n",
                   "def help():\n    print(\"Sure! Here is the list of all commands:\")\n    print('  quit')\n", "# Sum of a list.\ntotal = sum([1, 2, 3])\nprint(total)\n"):
        yield "code", record("code_pattern_retrieval", "print('no relation at all to what is on the other side of it')", source)
    fixed = py.replace("    return means\n", "        yield total\n").replace("            means", "        means")
    yield "edits", record("code_bug_fix_example_retrieval", "```python\n" + py + "```\nThe mean is wrong.", fixed, text=py, out=[py, fixed])
    yield "edits", record("code_style_guideline_example_retrieval", "Use two blanks to indent.\n```\n" + py + "```", py.replace("    ", "  "))
    yield "edits", record("code_documentation_retrieval", py, "# Means of all windows.\n" + py)
    yield "edits", record(FASTER, "if a:\n    b()\n    c()\n", "if a:\n    b()\nc()\n")
    for old, new in (("total = 0", "total = 0.0"), ("means = []", "means = list()"), ("return means", "return means or None"), ("i + 1 >= width", "i >= width - 1")):
        after = py.replace(old, new)
        diff = "".join(difflib.unified_diff(py.splitlines(True), after.splitlines(True), "a/mean.py", "b/mean.py"))
        yield "diffs", record("commit_diff_retrieval", "Change how the mean is started", diff, text=py)
        yield "diffs", record("security_advisory_patch_retrieval", "A caller can make the sum overflow.", diff, text=after)
        yield "diffs", record("review_comment_retrieval", diff, "The sum now starts as a float, which changes what whole numbers give.", text=py)
    for question in ("How many orders did each city place since the start of 2024?", "Cities by number of orders, largest first", "orders per city"):
        yield "sql", record("text2sql_retrieval", question, CODE["sql"], "sql")
        yield "sql", record("schema_grounded_sql_retrieval", question + "\n```\nCREATE TABLE orders (id INTEGER PRIMARY KEY, city TEXT);\n```", CODE["sql"], "sql")
    yield "forms", record("pseudocode_retrieval", "SET total TO 0\nFOR EACH value IN values\n    ADD value TO total\n    IF window is full THEN\n        RETURN total / width\nEND FOR", py)
    yield "forms", record("notebook_cell_retrieval", "# %%\nimport math\nvalues = [1, 2, 3]\n# %% [markdown]\nNow the mean of each window is computed.", py)
    yield "forms", record("stack_trace_localization_retrieval", "2024-05-01 10:00:01 INFO start\nTraceback (most recent call last):\n  File \"/srv/mean.py\", line 8, in running_mean\nZeroDivisionError: division by zero", py)
    yield "forms", record("cross_file_context_retrieval", "import json\n\n\ndef report(path):\n    with open(path) as f:\n        data = json.load(f)\n    width = 3", py)
    yield "forms", record("infra_config_retrieval", "Run the job each night with Python 3.12.", "FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\nCMD [\"python\", \"mean.py\"]")

    yield from look_alikes()


def look_alikes():
    """Good pairs that share words or forms with a defect."""
    py, block = CODE["python"], "```python\nmeans = running_mean([1, 2, 3], 2)\n```"
    have = "I have a list of temperatures that a sensor wrote. I want the mean of every ten minutes. "
    for said in ("I have also tried a loop with sum(), which is slow.", "I've written a loop, but the last window is missing.", "I've replaced the list by an array.",
                 "I changed the loop to a while loop.", "Let me know what I do wrong.", "Please note that I use Go 1.22.", "Note that I only have the standard library."):
        yield "askers", record(TEXT, have + said, py)
        yield "askers", record("single_turn_code_qa_retrieval", have + "\n\n" + said + " What now?", py)
    yield "askers", record(TEXT, "Ich habe die Liste schon sortiert und den Wert ersetzt. Wie bilde ich den Mittelwert?", py, language="de")
    for text in ("I need a script that renames files before I can upload them", "Please give me a function that averages the last ten values", "I can't find the function that parses dates",
                 "how to make my program tell the user that no code was provided", "std::bad_alloc", "Set all __file__ and __cached__ attributes", "x.__hash__() <==> hash(x)",
                 "how do i get the mean of the last ten values of a list as they come in", "I hope someone can help: my moving average is too slow.", "@Override annotation java"):
        yield "askers", record(TEXT, text, py)
    yield "askers", record("api_usage_retrieval", "rolling() of pandas: can one say what it is to do and what it is not to do at the start?", py)
    yield "askers", record("code_contest_retrieval", "Task: given n numbers and a width, print the mean of each window.\n\nInput: n and w.\n\nOutput: the means.", py)
    for text in ("The code does not contain any check of the width, so a width of zero raises an error.", "I cannot see why the sum is kept here; a comment would help.",
                 "It looks like you forgot to handle width 0.", "I don't understand the name `means`; maybe `averages`?", "Remove the value that nobody waits for",
                 "Return the mean of the values the window is made up of", "Says which window a value belongs to", "Return the value. None if there is none", "Quotes `a' and `b' and `c' as GNU does it"):
        yield "look alike", record("code_review_retrieval", py, text)
    for language, text in (
            ("en", "## Means\n\n" + block + "\n\nExplanation: the window holds two values, so two means come back."), ("en", "Call it:\n\n" + block + "\n\nThis code keeps a sum and returns one mean for each window."),
            ("en", "Now you can compute means.\n\n" + block + "\n\nThe first value is the mean of 1 and 2."), ("fr", "Voilà, vous pouvez maintenant calculer la moyenne.\n\n" + block),
            ("zh", "## 移动平均\n\n现在您可以计算平均值了：\n\n" + block + "\n\n该函数维护一个累计和"), ("ko", "## 이동 평균\n\n이제 평균을 계산할 수 있습니다.\n\n" + block + "\n\n---")):
        yield "markdown", record("tutorial_retrieval", py, text, language=language)
    for name, source in (
            ("fortran", "real function mean_of_all(v)\n  real, intent(in) :: v(:)\n  mean_of_all = sum(v) / size(v)\nend function mean_of_all"), ("ruby", "def mean(v) = v.sum / v.size"),
            ("java", "module a.b {\n    requires java.sql;\n    exports a.b.c;\n}"), ("perl", "my $x = shift;\nif (defined $x) {\n    $x =~ s/a/b/;\n}\nprint $x if defined $x;"),
            ("cplusplus", "int f(int x) {\n    switch (x) {\n    case 1:\n        goto done;\n    case 2:\n        goto fail;\n    }\ndone:\n    return 0;\nfail:\n    return -1;\n}"),
            ("python", "# Translated from the Fortran routine of the same name.\n" + OTHER["python"]), ("python", "# Changed in version 3.2: the width may be zero.\n" + OTHER["python"]),
            ("sql", "SELECT city -- the name\nFROM orders o\nWHERE o.note NOT LIKE '%:-(%'")):
        yield "code", record("code_pattern_retrieval", "print('no relation at all to what is on the other side of it')", source, name)
    for source in ("[tool]\nname = \"mean\" # don't change\nversion = '1.0'", "description: the user's own file\nnote: it's fine", "server {\n  location ~ \\.(php)$ {\n    deny all;\n  }\n}"):
        yield "forms", record("infra_config_retrieval", "Run it each night.", source)
    script = "".join(" if [ -z \"$%d\" ]; then\n+    echo \"usage\" >&2\n fi\n" % i for i in range(1, 4))
    for path, hunk in (("m.go", "@@ -9,6 +9,9 @@ const completion = `\n" + script), ("m.go", "@@ -1,4 +1,4 @@ func a() {\n \tfor _, v := []bool{\n-\t\ttrue,\n+\t\tfalse,\n \t} {\n"), ("m.rs", "@@ -1,4 +1,5 @@\n                 .long(\"type\")\n+                .value_name(\"string: string\")\n                 .short(\"t\")\n"),
                       ("m.py", "@@ -1,5 +1,6 @@\n \"\"\"Means.\n+Use it so:\n     ```python\n-    mean([1])\n+    mean([1, 2])\n")):
        yield "diffs", record("commit_diff_retrieval", "Change what is shown", "--- a/%s\n+++ b/%s\n%s" % (path, path, hunk), {"go": "go", "rs": "rust", "py": "python"}[path[2:]])


def good(some=None):
    """Yield kind and record; some: so many of each kind of real function."""
    for n, (doc, whole, bare) in enumerate(functions(some)):
        for source in (whole, bare):
            yield "docstring", record(TO_CODE[n % len(TO_CODE)], doc, source)
            yield "docstring", record(TO_TEXT[n % len(TO_TEXT)], source, doc)
    yield from made_up()
