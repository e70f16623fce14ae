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


def good(some=None):
    """Yield kind and record; some: so many of each kind of real function."""
    for n, (doc, whole, bare) in enumerate(functions(some)):
        for source in (whole, bare):
            yield "docstring", record(TO_CODE[n % len(TO_CODE)], doc, source)
            yield "docstring", record(TO_TEXT[n % len(TO_TEXT)], source, doc)
    yield from made_up()
