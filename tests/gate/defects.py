"""Planted defects: answers as models get them wrong, each with the code of the gate that
should end it. The sentences and programs are made up for this file."""

CODE = {
    "python": "def running_mean(values, width):\n    total = 0\n    means = []\n    for i, value in enumerate(values):\n        total += value\n        if i >= width:\n            total -= values[i - width]\n        if i + 1 >= width:\n            means.append(total / width)\n    return means\n",
    "java": "public static int countWords(String line) {\n    int count = 0;\n    boolean inside = false;\n    for (char c : line.toCharArray()) {\n        if (Character.isWhitespace(c)) {\n            inside = false;\n        } else if (!inside) {\n            inside = true;\n            count++;\n        }\n    }\n    return count;\n}\n",
    "javascript": "function groupBy(items, key) {\n  const groups = new Map();\n  for (const item of items) {\n    const name = key(item);\n    if (!groups.has(name)) {\n      groups.set(name, []);\n    }\n    groups.get(name).push(item);\n  }\n  return groups;\n}\n",
    "go": "func Reverse(s []int) []int {\n\tout := make([]int, len(s))\n\tfor i, v := range s {\n\t\tout[len(s)-1-i] = v\n\t}\n\treturn out\n}\n",
    "c": "#include <stdio.h>\n\nint largest(const int *v, size_t n)\n{\n\tint best = v[0];\n\tsize_t i;\n\n\tfor (i = 1; i < n; i++)\n\t\tif (v[i] > best)\n\t\t\tbest = v[i];\n\treturn best;\n}\n",
    "rust": "fn clamp_all(values: &mut [i32], low: i32, high: i32) {\n    for value in values.iter_mut() {\n        if *value < low {\n            *value = low;\n        } else if *value > high {\n            *value = high;\n        }\n    }\n}\n",
    "ruby": "def initials(name)\n  name.split.map { |part| part[0].upcase }.join('.')\nend\n",
    "sql": "SELECT c.city, COUNT(*) AS orders\nFROM customers c\nJOIN orders o ON o.customer_id = c.id\nWHERE o.placed_at >= '2024-01-01'\nGROUP BY c.city\nORDER BY orders DESC;\n",
    "shell": "#!/bin/sh\nfor file in *.log; do\n    if [ -s \"$file\" ]; then\n        gzip -9 \"$file\"\n    fi\ndone\n",
}
OTHER = {
    "python": "def moving_average(numbers, size):\n    return [sum(numbers[k:k + size]) / size\n            for k in range(len(numbers) - size + 1)]\n",
    "java": "public static long words(String text) {\n    return Arrays.stream(text.trim().split(\"\\\\s+\")).filter(w -> !w.isEmpty()).count();\n}\n",
}
TEXT = "web_code_retrieval"
SUMMARY = "code_summary_retrieval"
SIMILAR = "similar_code_retrieval"
FASTER = "optimized_code_retrieval"


def pair(code, task, query, pos, code_language="python", language="en", **more):
    tg = {"task": task, "language": language, "code_language": code_language, "pair": True}
    tg.update({k: more.pop(k) for k in ("out", "tgt_code_language") if k in more})
    return code, {"query": query, "pos": [pos], "tg": tg, **more}


def text(code, answer, language="en", task=TEXT, code_language="python"):
    return pair(code, task, answer, CODE[code_language], code_language, language)


def code(kind, answer, code_language="python", task=FASTER):
    return pair(kind, task, CODE[code_language], answer, code_language)


def squeezed(s):
    return "\n".join(line.replace("    ", "  ") for line in s.split("\n"))


def defects():
    py = CODE["python"]
    # copy
    for name, source in CODE.items():
        yield pair("copy", SIMILAR, source, source, name)
        yield pair("copy", FASTER, source, source.rstrip() + "\n\n", name)
    for name in ("python", "java", "javascript", "rust"):
        yield pair("copy", FASTER, CODE[name], squeezed(CODE[name]), name)
    for name in ("java", "javascript", "c", "go"):
        yield pair("copy", FASTER, CODE[name], CODE[name].replace("{\n", "\n{\n"), name)
    yield pair("copy", SIMILAR, py, "# Moving mean.\n" + py.replace("means", "result", 1))
    yield pair("copy", "code_example_retrieval", py, py + "\n\nprint(running_mean([1, 2, 3], 2))\n")
    yield pair("copy", "code_refactoring_pattern_retrieval",
               "Extract the condition into a function.\n```\n" + py + "```", py)
    yield pair("copy", "code_explanation_retrieval",
               "total += value if i >= width: total -= values[i - width] if i + 1 >= width: means.append(total / width)", py)
    # unchanged
    for name in ("python", "java", "go", "c"):
        source = CODE[name]
        yield pair("unchanged", "bug_desc_retrieval", "The mean of the first window is wrong by one value.",
                   source, name, text=source, out=[source, "The mean of the first window is wrong by one value."])
        yield pair("unchanged", "code_migration_retrieval", "Move this to the new runtime.\n```\n" + source + "```",
                   squeezed(source), name, text=source, out=["Move this to the new runtime.", squeezed(source)])
        yield pair("unchanged", "issue_localization_retrieval", "Counts are off\n\nThe last entry is never counted.",
                   source, name, text=source, out=[source, "Counts are off\n\nThe last entry is never counted."])
    # refusal
    for answer in (
            "I'm sorry, but I can't help with that.", "I cannot assist with this request.",
            "I am unable to write a search query for this code.", "As an AI language model, I do not search the web.",
            "Sorry, I can't provide that.", "I apologize, but I cannot fulfill this request.",
            "Unfortunately, I am not able to generate a query without the code.",
            "It seems you haven't provided any code. Please paste the snippet.", "Please provide the code you would like me to describe.",
            "No code was provided, so there is nothing to describe.", "I must decline to answer.", "None", "N/A",
            "I don't have access to the code you mention.", "This request violates the content policy.",
            "I'd be happy to help, but I need to see the function first.", "I won't be able to help with that."):
        yield text("refusal", answer)
    for language, answer in (
            ("zh", "抱歉,我无法完成这个请求。"), ("zh_tw", "很抱歉，我無法協助處理這個要求。"), ("ja", "申し訳ありませんが、そのご依頼にはお答えできません。"),
            ("ko", "죄송하지만 그 요청은 도와드릴 수 없습니다."), ("es", "Lo siento, pero no puedo ayudar con eso."),
            ("fr", "Je suis désolé, mais je ne peux pas vous aider."), ("de", "Es tut mir leid, aber dabei kann ich nicht helfen."),
            ("it", "Mi dispiace, ma non posso soddisfare la richiesta."), ("pt", "Desculpe, mas não posso ajudar com isso."),
            ("ru", "Извините, но я не могу помочь с этим."), ("vi", "Xin lỗi, tôi không thể thực hiện yêu cầu này."),
            ("id", "Maaf, saya tidak dapat membantu dengan itu."), ("ar", "عذرًا، لا أستطيع المساعدة في ذلك."),
            ("hi", "मुझे खेद है, मैं इसमें सहायता नहीं कर सकता।"), ("th", "ขออภัย ฉันไม่สามารถช่วยเรื่องนี้ได้"), ("fi", "Valitettavasti en voi auttaa tässä."),
            ("sw", "Samahani, siwezi kusaidia na ombi hilo.")):
        yield text("refusal", answer, language)
    for answer in ("# I'm sorry, but I can't optimize this code.", "I cannot rewrite this code without more context.",
                   "print(\"I'm sorry, I cannot assist with that.\")"):
        yield code("refusal", answer)
    # remarks around texts
    for answer in (
            "Sure! Here is a search query:\n\nmoving average of a list", "Certainly! moving average over a window python:\nlist of floats",
            "Here is the query: moving average of a list", "Here's a possible search query:\n\"moving average\"",
            "Query: how to compute a moving average", "**Query:** moving average without numpy",
            "Based on the given code, here is a query: moving average", "moving average of a list in python\n\nLet me know if you need another one.",
            "sliding mean over a list of numbers\n\nI hope this helps!", "moving average of numbers\n\nThis query captures what the function does.",
            "moving average of numbers\n\n(Word count: 4)", "how to average a sliding window in python\n\nNote: I kept the query short.",
            "Okay, let me think about what a developer would type. moving average list", "Assistant: moving average of a list",
            "{\"query\": \"moving average of a list\"}", "Of course! Here's what they might type:\nmoving average of list",
            "running mean of a list with a window size. Would you like me to write a longer one?"):
        yield text("remark", answer)
    for language, answer in (
            ("zh", "好的，以下是搜索查询：\n如何计算列表的移动平均"), ("zh", "如何计算滑动平均值\n\n希望这对你有帮助！"), ("ja", "もちろんです。検索クエリは次のとおりです：\nリストの移動平均を計算する方法"),
            ("es", "¡Claro! Aquí tienes la consulta:\nmedia móvil de una lista en python"), ("fr", "Bien sûr ! Voici la requête :\nmoyenne mobile d'une liste"),
            ("de", "Gerne! Hier ist die Suchanfrage:\ngleitender Mittelwert einer Liste"), ("ru", "Конечно! Вот запрос:\nскользящее среднее списка"),
            ("pt", "Claro! Aqui está a consulta:\nmédia móvel de uma lista"), ("ko", "물론입니다! 다음은 검색어입니다:\n리스트의 이동 평균 구하기"),
            ("it", "Certo! Ecco la query:\nmedia mobile di una lista")):
        yield text("remark", answer, language)
    # remarks around code
    new = "def running_mean(values, width):\n    from itertools import accumulate\n    sums = [0, *accumulate(values)]\n    return [(b - a) / width for a, b in zip(sums, sums[width:])]\n"
    for answer in (
            "Here is the optimized code:\n\n" + new, new + "\nThis version is faster because it uses prefix sums.",
            "Sure! The following function avoids the inner work:\n" + new, new + "\nNote that I assumed the list is not empty.",
            "# Here is the optimized version of the function\n" + new, new + "\n**Explanation:** the sums are computed once for all windows.",
            "The code below does the same in one pass over the data.\n\n" + new, new + "\nI have replaced the loop by prefix sums.",
            "Here is the code:\n```python\n" + new + "```\nIt is faster than the old one.",
            new + "\nLet me know if you want a version with numpy."):
        yield code("remark", answer)
    yield code("remark", "Aquí tienes el código optimizado para la lista:\n\n" + new)
    yield code("remark", "以下是优化后的代码：\n" + new)
    yield code("remark", "Here is the improved Java method:\n\n" + OTHER["java"], "java")
    # blocks
    for name in ("python", "java"):
        yield code("blocks", "```\n" + OTHER[name] + "```\n\nOr, shorter:\n\n```\n" + CODE[name] + "```", name)
        yield code("blocks", "```" + name + "\n" + OTHER[name] + "```\n```" + name + "\n" + CODE[name] + "```", name)
        yield code("blocks", "First install it:\n```sh\npip install x\n```\nThen:\n```" + name + "\n" + OTHER[name] + "```", name)
    # another natural language
    for answer in ("如何用Python计算列表的移动平均值", "移動平均を計算するPythonの関数", "cómo calcular la media de una lista con una ventana en python",
                   "comment calculer la moyenne des valeurs dans une liste avec une fenêtre", "wie man den Mittelwert einer Liste mit einem Fenster berechnet",
                   "как вычислить скользящее среднее списка", "파이썬에서 리스트의 이동 평균을 구하는 방법", "como calcular a média de uma lista com uma janela em python",
                   "come si calcola la media di una lista con una finestra"):
        yield text("language", answer)
    for language in ("zh", "ja", "ko", "ru", "ar", "hi", "de", "fr", "es", "vi"):
        yield text("language", "How do I compute the mean of every window of a list without adding all of its values again and again?", language)
    yield text("language", "如何計算這個陣列的滑動平均，並且讓數據對應時間", "zh")
    yield text("language", "如何计算这个数组的滑动平均，并且让数据对应时间", "zh_tw")
    yield text("language", "如何计算列表中每个窗口的平均值", "ja")
    # code where text is asked
    for name in ("python", "java", "javascript", "go", "rust", "sql"):
        task = "text2sql_retrieval" if name == "sql" else TEXT
        other = OTHER.get(name) or CODE[name].replace("value", "item")
        yield pair("language", SUMMARY, CODE["c"], other, "c") if name != "sql" else \
            text("language", "SELECT city, COUNT(*) FROM orders GROUP BY city;", "en", task, "sql")
    yield pair("language", "code_review_retrieval", py, "```python\n" + OTHER["python"] + "```")
    # text where code is asked
    for answer in ("The function can be made faster by keeping the sum of the window and changing it with each step.",
                   "Use prefix sums. They let you compute the sum of any window in constant time, so the whole function is linear.",
                   "1. Compute the sums of all the values.\n2. Subtract the sum at the start of the window from the one at the end."):
        yield code("language", answer)
    yield code("language", "这个函数可以用前缀和来优化，这样每个窗口只需要常数时间。")
    # another code language
    for asked, got in (("java", "python"), ("python", "java"), ("javascript", "python"), ("go", "java"), ("rust", "go"),
                       ("c", "python"), ("ruby", "java"), ("python", "javascript"), ("java", "go"), ("python", "ruby"),
                       ("go", "rust"), ("sql", "python"), ("python", "sql"), ("shell", "python")):
        yield code("language", CODE[got], asked)
    for target, got in (("java", "python"), ("go", "python"), ("rust", "java")):
        yield pair("language", "code_translation_retrieval", CODE["c"], CODE[got], "c", tgt_code_language=target)
    # diffs
    diff = "--- a/mean.py\n+++ b/mean.py\n@@ -1,4 +1,4 @@\n def running_mean(values, width):\n-    total = 0\n+    total = 0.0\n     means = []\n     for i, value in enumerate(values):\n"
    for bad in (diff.replace("means = []", "averages = []"), diff.replace("-    total = 0\n", "-    total = 1\n"), diff.replace("enumerate(values)", "enumerate(data)"),
                diff.replace("def running_mean", "def rolling_mean"), py.replace("total = 0", "total = 0.0"),
                diff.replace("-    total = 0\n+    total = 0.0\n", "     total = 0\n"),
                diff + "@@ -9,2 +9,2 @@\n-        yield total\n+        yield total / width\n"):
        yield pair("diff", "commit_diff_retrieval", "Start the sum as a float", bad, text=py)
    # cut
    for answer in ("The function computes the mean of each window and returns the", "It keeps a running sum. When the window is full, the oldest value is subtracted from the",
                   "The values are read one by one, added to a sum that is kept for the window, and",
                   "Computes the mean of each window of a list. The result is shorter than the list (by the width of",
                   "The sum is kept up to date:\n\n```python\ntotal += value\nif i >= width:",
                   "It adds each value to a sum, divides it by the width, because", "Returns one mean for each window,"):
        yield pair("cut", SUMMARY, py, answer)
    yield pair("cut", SUMMARY, py, "该函数计算每个窗口的平均值。它维护一个累计和。当窗口已满时，最早的值会被减", language="zh")
    yield pair("cut", SUMMARY, py, "La función calcula la media de cada ventana. Cuando la ventana está llena, resta el valor de la", language="es")
    for name, at in (("java", "if (Char"), ("javascript", "groups.set(name"), ("go", "\tout[len"), ("c", "\t\tif (v"), ("rust", "        } else")):
        source = CODE[name]
        yield code("cut", source[:source.index(at) + len(at)].replace("count", "total").replace("groups", "byKey").replace("best", "top")
                   .replace("value", "item").replace("out", "result"), name)
    yield code("cut", "def mean(values, width):\n    total = 0\n    for value in values:")
    yield code("cut", "def mean(values, width):\n    return sum(values) /")
    yield code("cut", "def mean(values):\n    print(\"the mean of all val")
    yield code("cut", "def mean(values):\n    \"\"\"Return the mean of\n    all values and")
    yield code("cut", "```python\ndef mean(values):\n    total = sum(values)\n")
    yield code("cut", "def mean(values):\n    if values and")
    yield code("cut", "def initials(name)\n  parts = name.split\n  parts.each do |part|\n    puts part", "ruby")
    yield code("cut", "public static int words(String line) {\n    /* a word ends where white space", "java")

    yield from in_other_words()


def in_other_words():
    """The same faults as models word them elsewhere."""
    py, sql = CODE["python"], CODE["sql"]
    for answer in (
            "I'm not able to name a technology that this code should be moved to.", "I could not identify any vulnerability in this code.",
            "I need the rest of the class first. Please share it.", "I'd need to know the framework first; please tell me which one you use.",
            "The input lacks what is needed to write a bug report.", "The given code does not offer enough context for a review.",
            "Please paste the function you want me to explain.", "I'm unable to view the code. Please paste it here so I can summarise it.",
            "There is nothing to summarise here.", "I'm afraid that I cannot help with this.", "You haven't included the function, so I can't describe it.",
            "No meaningful query can be written for this snippet.", "Without the surrounding code, I cannot tell what it does.",
            "I cannot plant a bug in this code.", "Not enough information to answer.", "What code would you like me to review?",
            "Hmm, there is no code here. Can you send it again?", "I can only help if you provide the code."):
        yield text("refusal", answer)
    for language, answer in (
            ("de", "Ich brauche zuerst den vollständigen Code. Bitte teilen Sie ihn mit."), ("de", "Ich kann in diesem Code keinen Fehler finden."),
            ("de", "Leider kann ich keine Zusammenfassung schreiben."), ("de", "Entschuldigung, ohne den Code kann ich nichts beschreiben."),
            ("fr", "J'ai d'abord besoin de voir le code complet, merci de le partager."), ("es", "El código no contiene suficiente información para escribir un resumen."),
            ("ru", "Пожалуйста, предоставьте код, который нужно описать."), ("zh", "我需要先看到完整的代码，请提供。"), ("zh", "输入缺少所需的信息。"),
            ("ja", "まずコード全体を共有してください。"), ("ko", "먼저 전체 코드를 공유해 주세요.")):
        yield text("refusal", answer, language)
    for answer in ("I hope this helps: moving average of a list in python", "I trust this meets your needs:\nmean of a window",
                   "moving average of a list\n\nI kept it short and natural.", "mean of a window\n\nI wrote this query from the view of a beginner.",
                   "sliding mean of numbers. Let me know whether that suits you."):
        yield text("remark", answer)
    for language, answer in (("de", "Ich hoffe, das hilft:\ngleitender Mittelwert einer Liste"), ("zh", "希望对您有帮助：\n如何计算列表的移动平均"),
                             ("ja", "お役に立てば幸いです。\nリストの移動平均を計算する方法"), ("ru", "Вот объяснение кода:\n\nСначала считается сумма, потом она делится на ширину окна.")):
        yield text("remark", answer, language)
    new = OTHER["python"]
    for answer in (
            "# As you asked, the loop is gone\n" + new, new.replace("    return", "    # per your request, no loop\n    return"), new + "# Changed: the loop became a comprehension\n",
            new + "# I translated the loop into a comprehension.\n", "# Translated from the given Java code\n" + new, "# Fixed the bug as requested\n" + new,
            "# Improved: uses a comprehension\n" + new, "# Equivalent of the Java method above\n" + new, "# Here is the refined version of the code with better names\n" + new,
            new + "\n# Hope this helps!\n"):
        yield code("remark", answer)
    # code within a query that is composed, and whole programs where a text is asked
    question = "How many orders did each city place?"
    for kind, schema in (("cut", "CREATE TABLE orders (\n    id INTEGER PRIMARY KEY,\n    city TEXT NOT NULL"), ("cut", "CREATE TABLE a (id INTEGER);\nCREATE TABLE b (\n    id INTEGER,"),
                         ("language", "class Order(Base):\n    id = Column(Integer, primary_key=True)\n    city = Column(String, nullable=False)"),
                         ("language", "type Order = { id: number; city: string };\ntype Customer = { id: number; orders: Order[] };")):
        for out in ([schema, question], None):
            yield pair(kind, "schema_grounded_sql_retrieval", question + "\n```\n" + schema + "\n```", sql, "sql", **({"out": out} if out else {}))
    for answer in ("from collections import Counter\nprint(Counter(open('a').read().split()).most_common(3))", "for f in *.log; do gzip \"$f\"; done",
                   "SELECT AVG(v) FROM t WHERE id > 3", "# mean of a file\nimport sys\nprint(sum(map(int, sys.stdin)))", "const xs = [1, 2, 3];\nconsole.log(xs.length);"):
        yield text("language", answer)
    yield pair("language", SIMILAR, "print 1;", "set -eu\nif [ -z \"$1\" ]; then\n  echo \"usage\" >&2\n  exit 1\nfi\ncat \"$1\" | sort\n", "perl")
    for task, line in (("stack_trace_localization_retrieval", "TypeError: bad operand\n"), ("pseudocode_retrieval", "Algorithm mean\n"), ("notebook_cell_retrieval", "# %%\nimport math\n# %%\n")):
        yield pair("copy", task, line + py, py)
        yield pair("copy", task, line + py.rsplit("\n", 2)[0], py)
    said = 'def greet(name):\n    print("good morning", name)\n    log("greeted", name, "in the morning")\n    return "good " + name + " and welcome to the " + place(name) + " of " + name\n'
    yield pair("copy", "stack_trace_localization_retrieval", "TypeError: bad operand\n" + said, said)
    # a hunk that begins with a blank line fits nowhere, too
    yield pair("diff", "commit_diff_retrieval", "Start the sum as a float", "--- a/m.py\n+++ b/m.py\n@@ -1,3 +1,3 @@\n \n-    total = 1\n+    total = 0.0\n     averages = []\n", text=py)
    yield from other_ends()


def other_ends():
    """Answers that end in the middle although their last word could be the last."""
    begin = "The function keeps a sum of the window. It adds each new value to it. "
    block = "```python\nmeans = running_mean([1, 2, 3], 2)\n```"
    for language, answer in (
            ("en", begin + "When the window is full, it subtracts the oldest"), ("en", begin + "Every mean is appended to the list, which is then handed to the caller"),
            ("en", "Use a deque for it:\n\n" + block + "\n\nThe width has to be positive, otherwise you divide"), ("en", "The rest is compared with the least amount, and if it is"),
            ("en", "mia: The build fails.\ntom: Did you update it?\nmia: Yes, and now the linker complains about a symbol"),
            ("de", "Die Funktion führt eine Summe. Jeder Wert wird addiert. Sobald das Fenster voll ist, wird der älteste Wert"),
            ("zh", "函数逐个读取列表中的数值，并把它们加到累计和中，如果"), ("zh", "该函数逐个读取数值。它把数值加到累计和上。窗口已满之后，函数会减去最早加入的那个"),
            ("ja", "この関数は合計を保持します。新しい値が加えられます。ウィンドウがいっぱいになると最も古い値を"),
            ("ru", "Функция хранит сумму окна. Каждое новое значение добавляется. Когда окно заполнено, самое старое значение")):
        yield pair("cut", SUMMARY, CODE["python"], answer, language=language)
    for name, answer in (
            ("sql", "SELECT city FROM orders\nWHERE city IN ('a', 'b'"), ("haskell", "total :: [Int] -> Int\ntotal xs = foldr (+) 0 xs +"), ("haskell", "names xs = map fst xs ++"),
            ("shell", "#!/bin/sh\ncat \"$1\" |"), ("perl", "use strict;\nmy $sum = 0;\nforeach my $v (@ARGV) {\n    $sum += $v;"), ("perl", "my $total = $a +"),
            ("cplusplus", "int total;\n\nWindow::Window(int width)\n    : width(width)\n    , sum(start(width))"),
            ("ruby", "def mean(values)\n  values.each do |v|\n    puts v"), ("java", "int a(int x) {\n    int y = x;\n    if (y > 0)"),
            ("fortran", "function mean(v) result(m)\n  real, intent(in) :: v(:)\n  real :: m\n  m = sum(v) /")):
        yield pair("cut", SIMILAR, "print('no relation to the other side')", answer, name)
    for answer in ("services:\n  web:\n    environment:\n      - MODE=\"prod", "resource \"a\" \"b\" {\n  tags = {\n    a = 1\n", "FROM python:3.12\nRUN pip install x &&"):
        yield pair("cut", "infra_config_retrieval", "Run it each night.", answer)


def prompt_defects(prompts):
    """Answers that repeat a rule of their prompt; prompts: task to message."""
    for task, kind in ((TEXT, text), (FASTER, code)):
        lines = [line.split(": ", 1)[-1].lstrip("- ") for line in prompts[task].split("\n")]
        for line in [line for line in lines if len(line.split()) > 9][:5]:
            if kind is text:
                yield text("recital", line + " moving average")
            else:
                yield code("recital", "# " + line + "\n" + OTHER["python"])


def example_defects(examples):
    """Answers that repeat an example of the built-in pools, read from tg-prompt."""
    for row in examples:
        if row["task"] in (SUMMARY, "code_review_retrieval", "code_intent_retrieval"):
            yield pair("recital", row["task"], CODE["python"], row["output"])
