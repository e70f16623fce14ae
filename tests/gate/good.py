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
    yield from in_all_languages()


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
    yield "look alike", record("api_reference_retrieval", py, "Pass \"-\" to read the values from standard input:\n\n    seq 1 9 | mean --width 3 -")
    for source in ("[tool]\nname = \"mean\" # don't change\nversion = '1.0'", "description: the user's own file\nnote: it's fine", "server {\n  location ~ \\.(php)$ {\n    deny all;\n  }\n}"):
        yield "forms", record("infra_config_retrieval", "Run it each night.", source)
    script = "".join(" if [ -z \"$%d\" ]; then\n+    echo \"usage\" >&2\n fi\n" % i for i in range(1, 4))
    for path, hunk in (("m.go", "@@ -9,6 +9,9 @@ const completion = `\n" + script), ("m.go", "@@ -1,4 +1,4 @@ func a() {\n \tfor _, v := []bool{\n-\t\ttrue,\n+\t\tfalse,\n \t} {\n"), ("m.rs", "@@ -1,4 +1,5 @@\n                 .long(\"type\")\n+                .value_name(\"string: string\")\n                 .short(\"t\")\n"),
                       ("m.py", "@@ -1,5 +1,6 @@\n \"\"\"Means.\n+Use it so:\n     ```python\n-    mean([1])\n+    mean([1, 2])\n")):
        yield "diffs", record("commit_diff_retrieval", "Change what is shown", "--- a/%s\n+++ b/%s\n%s" % (path, path, hunk), {"go": "go", "rs": "rust", "py": "python"}[path[2:]])


def in_all_languages():
    """Good pairs that speak of missing things, ask for code or have no full stop."""
    py = CODE["python"]
    for task, language, queries in (
            ("web_code_retrieval", "en", ("I can't find any function that converts a date string to a timestamp without pandas", "I need to see the code of a working binary search in Go before I start my own", "Please show me the code for a thread pool in C++", "Can you give me a script that uploads a file, so that I can run it from cron?", "Sorry, my code does not compile and I have no idea why. How do I average a list?", "My input is missing the last row after the mean is taken. What could be wrong?", "I don't have the source of the library, only the DLL. How do I call it?", "There is no function in the standard library for this. How do I average a window?", "A user can search for a name; how do I average the scores", "I'd be happy to use numpy, but the server does not have it. Moving mean?", "No file was provided by the caller, so the program should read standard input", "Which python function does what numpy.convolve does, only faster than it can")),
            ("error_message_retrieval", "en", ("error: no input file provided", "Error: Unable to read the document: missing permission", "Insufficient input: expected 3 values, got 2", "Missing code: the field 'code' is required.")),
            ("text2sql_retrieval", "en", ("Orders per city as requested by the board, largest first",)),
            ("issue_localization_retrieval", "en", ("Mean is wrong\n\nThe last value is dropped. This is not as documented.",)),
            ("multi_turn_code_qa_retrieval", "en", ("User: My mean is wrong.\nAssistant: Can you share the code?\nUser: It sums up a list and divides by the width. What is missing?",)),
            ("web_code_retrieval", "de", ("Mir fehlt eine Funktion, die den Mittelwert bildet. Wie schreibe ich sie in Python?", "Leider fehlt im Programm die Eingabe einer Breite. Wie ergänze ich sie?")),
            ("web_code_retrieval", "fr", ("Désolé si la question est simple : comment calculer une moyenne mobile avec mon code ?", "Pouvez-vous montrer comment lire un fichier ligne par ligne en Python ?")),
            ("web_code_retrieval", "es", ("No encuentro la función para calcular la media móvil en Python", "¿Puedes compartir el código de una media móvil en Python?", "Necesito un script que lea un archivo y calcule la media de cada ventana")),
            ("web_code_retrieval", "it", ("Scusate, il mio programma non calcola la media giusta. Come si fa?",)),
            ("web_code_retrieval", "pt", ("Não encontro uma função para calcular a média móvel em Python",)),
            ("web_code_retrieval", "ru", ("Не могу найти функцию для скользящего среднего, как написать её на Python?",)),
            ("web_code_retrieval", "zh", ("请提供一个用Python计算移动平均的例子", "我找不到计算移动平均的函数，应该怎么写？", "如何用Python判断列表里有没有重复元素")),
            ("web_code_retrieval", "ja", ("コードを共有できるPythonの移動平均の書き方", "Pythonでリストの移動平均を計算するには", "ファイルを一行ずつ読み込んで平均を計算する方法は")),
            ("web_code_retrieval", "ko", ("파이썬에서 리스트의 이동 평균을 구하려면 어떻게 하나요", "이동 평균 코드를 보여 주세요")),
            ("web_code_retrieval", "vi", ("Tôi không tìm thấy hàm nào để tính trung bình trượt trong Python",)),
            ("web_code_retrieval", "id", ("Saya tidak menemukan fungsi untuk rata-rata bergerak di Python, bagaimana cara membuatnya",)),
            ("web_code_retrieval", "ar", ("لا أجد دالة لحساب المتوسط المتحرك في بايثون، كيف أكتبها؟",)),
            ("web_code_retrieval", "fa", ("چگونه در پایتون میانگین متحرک یک لیست را حساب کنم",)),
            ("web_code_retrieval", "hi", ("मुझे पायथन में चल औसत निकालने का कोड चाहिए",)),
            ("web_code_retrieval", "bn", ("পাইথনে চলমান গড় বের করার কোড কীভাবে লিখব",)),
            ("web_code_retrieval", "th", ("วิธีเขียนโค้ดหาค่าเฉลี่ยเคลื่อนที่ใน Python",)),
            ("web_code_retrieval", "fi", ("miten lasken liukuvan keskiarvon pythonilla jos lista on tyhjä",)),
            ("web_code_retrieval", "sw", ("Nataka msimbo wa kukokotoa wastani unaosonga katika Python",)),
            ("code_contest_retrieval", "en", ("You are given n numbers and a width.\n\nInput: n and w, then the numbers.\n\nOutput: the means, one on each line\n\nConstraints: n <= 1000",)),
    ):
        for query in queries:
            yield "askers", record(task, query, py, language=language)
    for task, language, texts in (
            ("code_review_retrieval", "en", ("I don't see any code that handles an empty list. Please add a test for it.", "The code is missing a check for width 0. Could you add one?", "The function is incomplete: the last window is dropped.", "No test was provided for the empty list.", "- The name `means` is fine.\n- Width 0 is not handled.", "I cannot tell from the code whether width may be zero; a docstring would help.", "I'd rather not keep the sum in a loop here; `itertools.accumulate` says it better.", "This should do less: split the sum from the loop.", "Can I ask why you keep the sum by hand instead of using a deque?")),
            ("code_error_explanation_retrieval", "en", ("ZeroDivisionError: division by zero appears when the width is 0. The input is then invalid, and the caller should check it.", "The message is missing a file name. It comes from open(), which gets an empty string. Pass the path.")),
            ("code_summary_retrieval", "en", ("Nothing is returned if the list is shorter than the window", "This is written to disk once a day and holds the mean of each window", "Understood as a filter, it smooths a list of numbers", "A user may search for a word and gets its mean count", "Averages each window of a list of numbers; the result is shorter than the input by the width minus one", "Groups the items by the key that the caller has given and counts those that are left over")),
            ("code_intent_retrieval", "en", ("I needed a mean that does not jump with each new value. A window does that.",)),
            ("code_to_requirement_retrieval", "en", ("The tool shall accept a list of numbers.\n- It shall refuse a width below one.\n- It shall return one mean for each window.",)),
            ("code_issue_discussion_retrieval", "en", ("ann: the mean is wrong\nbob: can you share the input?\nann: [1, 2, 3] with width 2\nbob: thanks, fixed in main",)),
            ("api_reference_retrieval", "en", ("running_mean(values, width)\n\nReturns the mean of each window.\n\nNote: names are case sensitive.",)),
            ("code_summary_retrieval", "de", ("Liest alle Werte der Datei in eine Liste von Zahlen ein", "Gibt für jedes Fenster den Mittelwert der Werte aus", "Ruft die Funktion für jeden Wert der Liste auf und zählt die Treffer mit")),
            ("code_review_retrieval", "de", ("Der Code enthält keine Prüfung der Breite. Bitte ergänzen.", "Hinweis: Der Code setzt voraus, dass die Liste sortiert ist.")),
            ("code_error_explanation_retrieval", "de", ("Der Fehler entsteht, wenn kein Wert übergeben wird. Dann ist die Liste leer und die Division schlägt fehl.",)),
            ("code_summary_retrieval", "fr", ("Renvoie la moyenne de chaque fenêtre dont la largeur est supérieure à un",)),
            ("code_review_retrieval", "fr", ("Le code ne contient pas de test pour une largeur nulle. Il faudrait en ajouter un.",)),
            ("code_error_explanation_retrieval", "fr", ("Aucune valeur n'est fournie : la liste est vide et la division échoue. Vérifiez la liste avant.",)),
            ("code_review_retrieval", "es", ("El código no comprueba que la entrada esté vacía; falta la validación del ancho.",)),
            ("code_summary_retrieval", "es", ("Calcula la media de cada ventana y la devuelve como lista", "Devuelve el primer índice cuyo valor no es menor que la clave, o la longitud si no hay ninguno")),
            ("code_error_explanation_retrieval", "es", ("No se ha proporcionado ningún valor, por lo que la lista está vacía y la división falla. Compruebe la lista antes.",)),
            ("code_review_retrieval", "it", ("Manca il controllo della larghezza; con zero si ottiene un errore.",)),
            ("code_review_retrieval", "pt", ("Falta a verificação da largura; com zero ocorre um erro.",)),
            ("code_review_retrieval", "ru", ("В функции нет проверки ширины. При нуле будет ошибка деления.",)),
            ("code_error_explanation_retrieval", "ru", ("К сожалению, программа завершается с ошибкой, если список пуст: делить не на что. Проверьте ширину.",)),
            ("code_summary_retrieval", "ru", ("Вычисляет среднее значение для каждого окна списка", "Возвращает среднее каждого окна, не храня больше значений, чем в нём есть")),
            ("code_review_retrieval", "zh", ("代码没有检查宽度为零的情况，建议补充。",)),
            ("code_error_explanation_retrieval", "zh", ("当输入为空时会抛出除零错误。因为没有提供任何数值，所以总和为零。请先检查列表。",)),
            ("code_summary_retrieval", "zh", ("计算列表中每个窗口的平均值并返回结果列表",)),
            ("code_summary_retrieval", "zh_tw", ("計算清單中每個視窗的平均值並回傳結果",)),
            ("code_review_retrieval", "ja", ("幅が0のときの確認がありません。テストを追加してください。",)),
            ("code_summary_retrieval", "ja", ("リストの各ウィンドウの平均を計算して返す",)),
            ("code_error_explanation_retrieval", "ja", ("入力が空の場合、ゼロ除算のエラーになります。値が提供されていないためです。先に確認してください。",)),
            ("code_review_retrieval", "ko", ("너비가 0인 경우에 대한 검사가 없습니다. 테스트를 추가해 주세요.",)),
            ("code_summary_retrieval", "ko", ("리스트의 각 창에 대한 평균을 계산해 반환",)),
            ("code_review_retrieval", "vi", ("Đoạn mã không kiểm tra độ rộng bằng 0. Nên thêm kiểm thử.",)),
            ("code_summary_retrieval", "vi", ("Tính trung bình của mỗi cửa sổ và trả về một danh sách",)),
            ("code_review_retrieval", "id", ("Kode tidak memeriksa lebar nol. Tambahkan pengujian.",)),
            ("code_summary_retrieval", "id", ("Menghitung rata-rata setiap jendela lalu mengembalikan daftar",)),
            ("code_review_retrieval", "ar", ("الكود لا يتحقق من العرض صفر. أضف اختباراً.",)),
            ("code_review_retrieval", "fa", ("کد پهنای صفر را بررسی نمی‌کند. آزمونی اضافه کنید.",)),
            ("code_review_retrieval", "hi", ("कोड शून्य चौड़ाई की जाँच नहीं करता। एक परीक्षण जोड़ें।",)),
            ("code_summary_retrieval", "hi", ("सूची की हर खिड़की का औसत निकालकर सूची लौटाता है",)),
            ("code_review_retrieval", "bn", ("কোডে প্রস্থ শূন্য কিনা তা পরীক্ষা করা হয় না। একটি পরীক্ষা যোগ করুন।",)),
            ("code_review_retrieval", "th", ("โค้ดไม่ได้ตรวจสอบความกว้างเป็นศูนย์ ควรเพิ่มการทดสอบ",)),
            ("code_summary_retrieval", "th", ("คำนวณค่าเฉลี่ยของแต่ละช่วงแล้วคืนค่าเป็นรายการ",)),
            ("code_review_retrieval", "fi", ("Koodi ei tarkista leveyttä nolla. Lisää testi.",)),
            ("code_summary_retrieval", "fi", ("Laskee jokaisen ikkunan keskiarvon ja palauttaa ne listana",)),
            ("code_review_retrieval", "sw", ("Msimbo haukagui upana wa sifuri. Ongeza jaribio.",)),
            ("code_walkthrough_retrieval", "en", ("1. `total` starts at 0.\n2. Each value is added.\n3. The mean is appended to `means`",)),
            ("code_summary_retrieval", "it", ("Restituisce la media di ogni finestra, una per ogni posizione in cui la finestra è piena",)),
            ("code_summary_retrieval", "pt", ("Devolve a média de cada janela, sem guardar mais valores do que a janela tem",)),
    ):
        for text in texts:
            yield "look alike", record(task, py, text, language=language)


def labels_and_offers():
    """Titles with a colon, users who offer or ask for something, and ends that are none."""
    py = CODE["python"]
    for language, query in (
            ("en", "Search: umlauts are not found"), ("en", "Request without a body: 500 instead of 400"), ("en", "Summary row is missing: export writes no totals"),
            ("de", "Anfrage ohne Inhalt: 500 statt 400"), ("es", "Solicitud sin cuerpo: 500 en lugar de 400"), ("zh", "搜索结果：中文不显示"),
            ("es", "La exportación falla con nombres largos. Puedo reproducirlo siempre."), ("it", "L'esportazione fallisce. Posso riprodurlo sempre."),
            ("fr", "L'export échoue. Je peux reproduire avec cette version."), ("de", "Der Export scheitert. Ich kann es jederzeit nachstellen."),
            ("en", "The export fails. I can provide a sample if needed."), ("en", "The first upload is lost. The answer was 201 and a conflict was expected."),
            ("de", "Wie sortiere ich eine Liste? Kann ich das ohne Schleife lösen?"), ("ja", "出力に失敗します。修正していただけると幸いです。"),
            ("ko", "내보내기가 실패합니다. 수정되었으면 합니다."), ("ja", "ファイルを読み込み、一覧を表示する方法は"), ("en", "Show the size of each list as well"),
    ):
        yield "own question", record(TEXT, query, py, language=language)
    for language, text in (
            ("en", "Compares each value with the next"), ("en", "Keeps all windows but the first"), ("en", "Drops the oldest value, the window being full, as a rule"),
            ("es", "La suma podría ir más rápido: basta con el valor nuevo."), ("fr", "Compare chaque valeur à la suivante, sinon la dernière"),
            ("it", "Confronta ogni valore con gli altri"), ("de", "Gibt alle Fenster zurück, aber das erste nicht"), ("pt", "Ordena as médias por janela e valor"),
    ):
        yield "look alike", record(SUMMARY, py, text, language=language)


def own_questions():
    """Questions of users that ask for code, as a model does that lacks its input."""
    py = CODE["python"]
    asked = {
        "en": ("Could you show me how to reverse a linked list in Python?", "please give me code that merges two sorted lists", "Where is the code that checks the password?", "I need a query that lists all customers without orders.", "Which function should I use to parse dates?", "send the file over a socket in C", "I need to see the file size before uploading", "Can you provide a script that renames files by date?", "What query do I need to count orders per month?", "share the clipboard between two programs", "Which class is meant to be extended for a custom widget?", "Upload the file to S3 and return its URL"),
        "de": ("Welche Funktion soll ich zum Sortieren verwenden?", "Ich brauche eine Abfrage für alle Kunden ohne Bestellung.", "Bitte zeig mir, wie man eine Datei in C liest.", "Wie sende ich den Code per Post an den Server?", "Kannst du mir ein Skript schreiben, das Dateien umbenennt?"),
        "fr": ("Pouvez-vous me montrer comment trier une liste en Python ?", "Quelle fonction dois-je utiliser pour trier une liste ?", "J'ai besoin d'une requête qui liste les clients sans commande.", "envoyer le fichier par FTP en Java"),
        "es": ("¿Me puedes dar un ejemplo de código que ordene una lista?", "¿Qué función debo usar para ordenar una lista?", "Necesito una consulta que liste los clientes sin pedidos.", "enviar el archivo por FTP en Java"),
        "it": ("Puoi darmi un esempio di codice che ordina una lista?", "Quale funzione devo usare per ordinare una lista?", "inviare il file via FTP in Java"),
        "pt": ("Pode me dar um exemplo de código que ordena uma lista?", "Qual função devo usar para ordenar uma lista?", "enviar o arquivo por FTP em Java"),
        "ru": ("Покажите, как отсортировать список на Python", "Какую функцию мне использовать для сортировки?", "Нужен запрос, который выводит клиентов без заказов", "отправить файл по FTP на Java", "Дайте код быстрой сортировки на C"),
        "zh": ("请给我一段快速排序的代码", "请提供一个读取CSV文件的函数", "我需要哪个函数来排序列表？", "我需要一个查询，列出没有订单的客户", "能不能给我一个合并两个有序链表的程序？"),
        "ja": ("リストを並べ替えるコードを教えてください", "どの関数を使えばよいですか？", "CSVを読み込むコードを見せてください", "注文のない顧客を一覧するクエリをお願いします"),
        "ko": ("리스트를 정렬하는 코드를 보여 주세요", "정렬에 어떤 함수를 써야 하나요?", "주문이 없는 고객을 찾는 쿼리를 알려 주세요"),
        "vi": ("Hãy cho tôi đoạn mã sắp xếp danh sách", "Tôi cần hàm nào để sắp xếp danh sách?", "gửi tệp qua FTP bằng Java"),
        "id": ("Tolong berikan kode untuk mengurutkan daftar", "Fungsi mana yang dipakai untuk mengurutkan daftar?", "mengirim file lewat FTP dengan Java"),
        "ar": ("أرجو إعطائي كود لترتيب قائمة في بايثون", "أي دالة تستخدم لترتيب القائمة؟"),
        "fa": ("لطفاً یک کد برای مرتب‌سازی فهرست بنویسید", "کدام تابع برای مرتب‌سازی بهتر است؟"),
        "hi": ("कृपया सूची को क्रमबद्ध करने का कोड दें", "सूची को क्रमबद्ध करने के लिए कौन सा फ़ंक्शन है?"),
        "bn": ("তালিকা সাজানোর কোড দিন", "তালিকা সাজাতে কোন ফাংশন ব্যবহার করব?"),
        "th": ("ขอโค้ดเรียงลำดับรายการใน Python หน่อย", "ฟังก์ชันไหนใช้เรียงลำดับได้"),
        "fi": ("Näytä koodi, joka lajittelee listan", "Mitä funktiota minun pitäisi käyttää lajitteluun?"),
        "sw": ("Nionyeshe msimbo wa kupanga orodha", "Ni programu gani inapanga orodha?"),
    }
    for language, queries in asked.items():
        for query in queries:
            yield "own question", record(TEXT, query, py, language=language)
    for task, language, text in (
            ("code_review_retrieval", "en", "- The width may be zero; check it.\n- The list is copied for each window, which is slow.\n- `values` could be any iterable"),
            ("code_intent_retrieval", "en", "The figures jump so much that nobody sees where they go. A glance at the means should tell whether the week goes well"),
            ("api_reference_retrieval", "en", "running_mean(values, width)\n\nReturns the means of all windows of the list. The list is left as it is. An error is raised if there is none"),
            ("code_error_explanation_retrieval", "en", "\"could not convert string to float\" ends the run as soon as a cell is empty. Skip such cells, or take them as zero."),
            ("code_summary_retrieval", "vi", "Trả về các cửa sổ có trung bình lớn nhất và nhỏ nhất của danh sách theo thứ tự từ ít nhất đến nhiều nhất")):
        yield "look alike", record(task, py, text, language=language)
    for language, query in (("de", "lua: mean.lua:4: attempt to perform arithmetic on a nil value (local 'width')"), ("ru", "error[E0525]: expected a closure that implements the `Fn` trait, but this one only implements `FnOnce`\nХотел вызвать её дважды."),
                            ("fr", "moyenne mobile en python, tester si une liste commence par")):
        yield "own question", record(TEXT if language == "fr" else "error_message_retrieval", query, py, language=language)
    yield "look alike", record(FASTER, CODE["shell"], "#!/bin/sh\nif [ -n \"$1\" ]; then\n    tar -cf a.tar -C \"$1\" .\nfi\nfor f in *.log; do\n    gzip -9 \"$f\"\ndone\n", "shell")
    yield "look alike", record("code_documentation_retrieval", CODE["javascript"], "/**\n * Groups items.\n * @param {Array<string>} items\n * @param {(item: string) => string} key\n * @returns {Map<string, string[]>} groups, (key: string)\n */\n" + CODE["javascript"], "javascript")


def good(some=None):
    """Yield kind and record; some: so many of each kind of real function."""
    for n, (doc, whole, bare) in enumerate(functions(some)):
        for source in (whole, bare):
            yield "docstring", record(TO_CODE[n % len(TO_CODE)], doc, source)
            yield "docstring", record(TO_TEXT[n % len(TO_TEXT)], source, doc)
    yield from made_up()
    yield from own_questions()
    yield from labels_and_offers()
