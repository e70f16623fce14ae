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
    yield from in_all_languages()
    yield from pleas()
    yield from near_ends()


def other_ends():
    """Answers that end in the middle although their last word could be the last."""
    begin = "The function keeps a sum of the window. It adds each new value to it. "
    block = "```python\nmeans = running_mean([1, 2, 3], 2)\n```"
    for language, answer in (
            ("en", begin + "When the window is full, it subtracts the oldest"), ("en", begin + "Every mean is appended to the list, which is then handed to the"),
            ("en", "Use a deque for it:\n\n" + block + "\n\nThe width has to be positive, otherwise you divide"), ("en", "The rest is compared with the least amount, and if it is"),
            ("en", "mia: The build fails.\ntom: Did you update it?\nmia: Yes, and now the linker complains about a symbol"),
            ("de", "Die Funktion führt eine Summe. Jeder Wert wird addiert. Sobald das Fenster voll ist, wird der älteste Wert"),
            ("zh", "函数逐个读取列表中的数值，并把它们加到累计和中，如果"), ("zh", "该函数逐个读取数值。它把数值加到累计和上。窗口已满之后，函数会减去最早加入的那个"),
            ("ja", "この関数は合計を保持します。新しい値が加えられます。ウィンドウがいっぱいになると最も古い値を"),
            ("ru", "Функция хранит сумму окна. Каждое новое значение добавляется. Когда окно заполнено, самое старое значение из")):
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


def in_all_languages():
    """Refusals and remarks in the words of each language, and texts that end within a clause."""
    refusals = {
        "en": ("Could you paste the code? I only see the instructions.", "There's no code attached to your request.", "I'm missing the code you want summarized.", "I wasn't able to find any code in your message.", "The snippet you wanted to share did not come through.", "You haven't provided any input to work with.", "Please provide the function so that I can describe it.", "I'm just a language model and can't run this.", "I do not have the ability to view files.", "I can't summarize code that I can't see.", "Without seeing the implementation I am unable to write a review.", "I'm going to need the code before I can answer.", "It looks like the code block is empty.", "Looks like you forgot the code!", "Where is the code? I can't see it.", "I need more context to answer this.", "Sorry, but there isn't any code to describe here.", "I don't think I can help with this one.", "This task cannot be completed because no code was provided.", "Unable to generate a summary: input missing.", "The input is too short to write a meaningful report.", "I cannot fulfil this request as it may violate our policies.", "I will not write this, since it could be used to attack systems.", "Your code was cut off. Please resend the full version.", "It's not possible to write a query from the information given.", "I apologize for the confusion, but the provided text does not appear to be code.", "I would be glad to help. Which function should I describe?", "Can you share more details about what you need?", "No answer.", "I'm unable to process the input.", "As a large language model I have no opinion on this code.", "My knowledge cutoff prevents me from answering this.", "Sorry, this is beyond my capabilities.", "I'm afraid I can't do that.", "Nothing was pasted after 'Input:'.", "The request is incomplete; the code is missing.", "No bug could be planted in this program.", "This code does not read or change data, so I cannot write a question about it.", "I cannot comply."),
        "de": ("Mir liegt kein Quelltext vor.", "Sie haben den Code vergessen.", "Der Code wurde nicht mitgesendet, bitte senden Sie ihn erneut.", "Ohne den Quelltext lässt sich keine Zusammenfassung schreiben.", "Ich bin ein Sprachmodell und kann keinen Code ausführen.", "Dazu fehlen mir leider die nötigen Angaben."),
        "fr": ("Vous n'avez pas joint le code.", "Je ne vois aucun code dans votre message.", "Pouvez-vous partager le code à analyser ?", "Sans le code source, impossible de rédiger un résumé.", "Je suis un modèle de langage et ne peux pas exécuter ce code.", "Il me manque le code pour répondre."),
        "es": ("No veo ningún código en tu mensaje.", "Falta el código que quieres que resuma.", "¿Puedes compartir el código?", "Sin el código no puedo escribir la consulta.", "Soy un modelo de lenguaje y no puedo ejecutar código.", "Lo siento, no dispongo de suficiente información."),
        "it": ("Non vedo alcun codice nel tuo messaggio.", "Manca il codice da riassumere.", "Puoi condividere il codice?", "Senza il codice non posso scrivere la domanda.", "Sono un modello linguistico e non posso eseguire codice.", "Mi dispiace, non ho abbastanza informazioni."),
        "pt": ("Não vejo nenhum código na sua mensagem.", "Falta o código que devo resumir.", "Você pode compartilhar o código?", "Sem o código não consigo escrever a consulta.", "Sou um modelo de linguagem e não posso executar código.", "Desculpe, não tenho informações suficientes."),
        "ru": ("Я не вижу кода в вашем сообщении.", "Вы не приложили код.", "Пришлите, пожалуйста, код, который нужно описать.", "Без кода я не смогу составить запрос.", "Я языковая модель и не могу выполнять код.", "Извините, недостаточно информации."),
        "zh": ("您的消息中没有包含任何代码。", "请把代码发给我，我才能写出摘要。", "没有看到代码，请重新发送。", "由于缺少代码，无法生成查询。", "我是一个语言模型，无法运行代码。", "抱歉，信息不足，无法回答。"),
        "zh_tw": ("您的訊息中沒有任何程式碼。", "請把程式碼貼上，我才能撰寫摘要。", "未提供程式碼，無法產生查詢。", "抱歉，資訊不足，無法回答。"),
        "ja": ("メッセージにコードが含まれていません。", "コードを貼り付けていただけますか。", "コードがないため、要約を作成できません。", "私は言語モデルなので、コードを実行できません。", "申し訳ございませんが、情報が不足しています。", "コードが提供されていません。"),
        "ko": ("메시지에 코드가 없습니다.", "코드를 붙여 넣어 주시겠어요?", "코드가 없어서 요약을 작성할 수 없습니다.", "저는 언어 모델이라 코드를 실행할 수 없습니다.", "죄송합니다. 정보가 부족합니다.", "코드가 제공되지 않았습니다."),
        "vi": ("Tôi không thấy đoạn mã nào trong tin nhắn của bạn.", "Bạn có thể gửi đoạn mã không?", "Không có mã nên tôi không thể viết tóm tắt.", "Tôi là một mô hình ngôn ngữ và không thể chạy mã.", "Xin lỗi, tôi không đủ thông tin để trả lời.", "Chưa có mã nào được cung cấp."),
        "id": ("Saya tidak melihat kode apa pun dalam pesan Anda.", "Bisakah Anda membagikan kodenya?", "Tanpa kode, saya tidak dapat menulis ringkasan.", "Saya adalah model bahasa dan tidak bisa menjalankan kode.", "Maaf, informasi yang diberikan tidak cukup.", "Tidak ada kode yang diberikan."),
        "ar": ("لا أرى أي كود في رسالتك.", "يرجى إرسال الكود حتى أتمكن من تلخيصه.", "بدون الكود لا يمكنني كتابة السؤال.", "أنا نموذج لغوي ولا يمكنني تشغيل الكود.", "عذراً، المعلومات غير كافية.", "لم يتم تقديم أي كود."),
        "fa": ("کدی در پیام شما نمی‌بینم.", "لطفاً کد را ارسال کنید تا آن را توضیح دهم.", "بدون کد نمی‌توانم پرسش بنویسم.", "من یک مدل زبانی هستم و نمی‌توانم کد اجرا کنم.", "متأسفم، اطلاعات کافی نیست.", "هیچ کدی ارائه نشده است."),
        "hi": ("मुझे आपके संदेश में कोई कोड नहीं दिखा।", "कृपया कोड भेजें ताकि मैं सारांश लिख सकूँ।", "कोड के बिना मैं प्रश्न नहीं लिख सकता।", "मैं एक भाषा मॉडल हूँ और कोड नहीं चला सकता।", "क्षमा करें, जानकारी पर्याप्त नहीं है।", "कोई कोड नहीं दिया गया है।"),
        "bn": ("আপনার বার্তায় কোনো কোড নেই।", "অনুগ্রহ করে কোডটি পাঠান যাতে আমি সারাংশ লিখতে পারি।", "কোড ছাড়া আমি প্রশ্ন লিখতে পারব না।", "আমি একটি ভাষা মডেল, কোড চালাতে পারি না।", "দুঃখিত, তথ্য যথেষ্ট নয়।", "কোনো কোড দেওয়া হয়নি।"),
        "th": ("ฉันไม่เห็นโค้ดในข้อความของคุณ", "กรุณาส่งโค้ดมาเพื่อให้ฉันสรุป", "ไม่มีโค้ดจึงไม่สามารถเขียนคำถามได้", "ฉันเป็นโมเดลภาษาและไม่สามารถรันโค้ดได้", "ขออภัย ข้อมูลไม่เพียงพอ", "ยังไม่ได้ให้โค้ดมา"),
        "fi": ("En näe viestissäsi koodia.", "Voisitko lähettää koodin?", "Ilman koodia en voi kirjoittaa kysymystä.", "Olen kielimalli enkä voi suorittaa koodia.", "Pahoittelut, tietoja ei ole tarpeeksi.", "Koodia ei ole annettu."),
        "sw": ("Sioni msimbo wowote katika ujumbe wako.", "Tafadhali tuma msimbo ili niweze kuandika muhtasari.", "Bila msimbo siwezi kuandika swali.", "Mimi ni modeli ya lugha na siwezi kuendesha msimbo.", "Samahani, taarifa hazitoshi.", "Hakuna msimbo uliotolewa."),
    }
    remarks = {
        "en": ("Below you'll find the search query:\n\nmoving average of a list", "Query (beginner, short): moving average of a list", "moving average of a list\n\n(This is phrased from a beginner's view.)", "Possible query: moving average of a list in python", "The search query could be \"moving average of a list\".", "A user might search for \"moving average of a list\"", "moving average of a list\n\nPlease tell me if you want changes.", "moving average of a list\n\nI hope that is what you were looking for.", "moving average of a list\n\nThat should do it!", "My query: moving average of a list", "Final answer: moving average of a list", "Rewritten: moving average of a list", "Computes the mean of each window of a list.\n\nThis summary leaves out the details on purpose.", "Computes the mean of each window.\n\nLength: 6 words.", "Computes the mean of each window.\n\n[Note: names from the code were avoided]", "Got it! Computes the mean of each window.", "Alright, so the function computes the mean of each window.", "Certainly. The function computes the mean of each window.", "Let me summarize this. It computes the mean of each window.", "In summary form: Computes the mean of each window.", "<answer>Computes the mean of each window.</answer>", "Computes the mean of each window.\n\nFeel free to ask for more detail.", "Computes the mean of each window.\n\nIf anything is unclear, just ask.", "Computes the mean of each window.\n\nThe above is a one-sentence summary in a neutral register.", "Here comes the summary: Computes the mean of each window.", "Here you have it: computes the mean of each window.", "My attempt:\n\nComputes the mean of each window."),
        "de": ("Suchanfrage: gleitender Mittelwert", "gleitender Mittelwert einer Liste\n\nIch hoffe, das passt so.", "Hier meine Zusammenfassung:\n\nBerechnet Mittelwerte.", "Berechnet Mittelwerte.\n\n(Die Anfrage ist bewusst kurz gehalten.)", "Gerne, hier die Frage: Wie bildet man den Mittelwert?"),
        "fr": ("Requête : moyenne mobile", "Voici une requête possible : moyenne mobile d'une liste", "moyenne mobile d'une liste\n\nJ'espère que cela convient.", "Calcule des moyennes.\n\n(Résumé rédigé comme demandé.)", "Bien sûr, voici le résumé : Calcule des moyennes."),
        "es": ("Consulta: media móvil", "Una posible consulta sería: media móvil de una lista", "media móvil de una lista\n\nEspero que sea útil.", "Calcula medias.\n\nAvísame si quieres otra versión.", "Por supuesto, este es el resumen: Calcula medias."),
        "it": ("Query: media mobile", "Una possibile query potrebbe essere: media mobile di una lista", "Calcola medie.\n\nSpero che sia utile.", "Calcola medie.\n\nFammi sapere se vuoi altro.", "Certamente, ecco il riassunto: Calcola medie."),
        "pt": ("Consulta: média móvel", "Uma consulta possível seria: média móvel de uma lista", "Calcula médias.\n\nEspero que ajude.", "Calcula médias.\n\nMe avise se quiser outra versão.", "Claro, segue o resumo: Calcula médias."),
        "ru": ("Запрос: скользящее среднее", "Возможный запрос: скользящее среднее списка", "Вычисляет средние.\n\nНадеюсь, это поможет.", "Вычисляет средние.\n\nДайте знать, если нужна другая версия.", "Конечно, вот резюме: Вычисляет средние."),
        "zh": ("查询：移动平均", "可能的查询是：列表的移动平均", "计算平均值。\n\n希望这个摘要对您有用。", "计算平均值。\n\n如需修改，请告诉我。", "当然，摘要如下：计算平均值。"),
        "ja": ("クエリ：移動平均", "検索クエリの例：リストの移動平均", "平均を計算します。\n\nご参考になれば幸いです。", "平均を計算します。\n\n修正が必要であればお知らせください。", "承知しました。要約は以下のとおりです。\n平均を計算します。"),
        "ko": ("검색어: 이동 평균", "가능한 검색어: 리스트의 이동 평균", "평균을 계산한다.\n\n도움이 되었기를 바랍니다.", "평균을 계산한다.\n\n수정이 필요하면 말씀해 주세요.", "물론입니다. 요약은 다음과 같습니다.\n평균을 계산한다."),
        "vi": ("Truy vấn: trung bình trượt", "Tính trung bình.\n\nHy vọng điều này hữu ích.", "Tính trung bình.\n\nHãy cho tôi biết nếu bạn cần sửa.", "Tất nhiên, đây là bản tóm tắt: Tính trung bình.", "Tính trung bình.\n\nLưu ý: không dùng tên trong mã."),
        "id": ("Kueri: rata-rata bergerak", "Menghitung rata-rata.\n\nSemoga membantu.", "Menghitung rata-rata.\n\nBeri tahu saya jika perlu diubah.", "Tentu, berikut ringkasannya: Menghitung rata-rata.", "Menghitung rata-rata.\n\nCatatan: nama dari kode tidak digunakan."),
        "ar": ("الاستعلام: المتوسط المتحرك", "تحسب المتوسطات.\n\nآمل أن يكون هذا مفيداً.", "تحسب المتوسطات.\n\nأخبرني إذا كنت تريد تعديلاً.", "بالطبع، إليك الملخص: تحسب المتوسطات.", "تحسب المتوسطات.\n\nملاحظة: لم تُستخدم أسماء من الكود."),
        "fa": ("پرسش: میانگین متحرک", "میانگین را حساب می‌کند.\n\nامیدوارم مفید باشد.", "میانگین را حساب می‌کند.\n\nاگر تغییری لازم است بگویید.", "البته، خلاصه این است: میانگین را حساب می‌کند.", "میانگین را حساب می‌کند.\n\nتوجه: از نام‌های کد استفاده نشده است."),
        "hi": ("प्रश्न: चल औसत", "औसत निकालता है।\n\nआशा है यह सहायक होगा।", "औसत निकालता है।\n\nयदि बदलाव चाहिए तो बताएं।", "ज़रूर, सारांश यह है: औसत निकालता है।", "औसत निकालता है।\n\nनोट: कोड के नाम प्रयोग नहीं किए गए।"),
        "bn": ("প্রশ্ন: চলমান গড়", "গড় বের করে।\n\nআশা করি এটি সাহায্য করবে।", "গড় বের করে।\n\nপরিবর্তন দরকার হলে জানাবেন।", "অবশ্যই, সারাংশটি হলো: গড় বের করে।", "গড় বের করে।\n\nদ্রষ্টব্য: কোডের নাম ব্যবহার করা হয়নি।"),
        "th": ("คำค้นหา: ค่าเฉลี่ยเคลื่อนที่", "คำนวณค่าเฉลี่ย\n\nหวังว่าจะเป็นประโยชน์", "คำนวณค่าเฉลี่ย\n\nหากต้องการแก้ไขโปรดบอก", "แน่นอน นี่คือสรุป: คำนวณค่าเฉลี่ย", "คำนวณค่าเฉลี่ย\n\nหมายเหตุ: ไม่ได้ใช้ชื่อจากโค้ด"),
        "fi": ("Haku: liukuva keskiarvo", "Laskee keskiarvot.\n\nToivottavasti tästä on apua.", "Laskee keskiarvot.\n\nKerro, jos haluat muutoksia.", "Toki, tässä tiivistelmä: Laskee keskiarvot.", "Laskee keskiarvot.\n\nHuom: koodin nimiä ei käytetty."),
        "sw": ("Swali: wastani unaosonga", "Hukokotoa wastani.\n\nNatumaini hii itasaidia.", "Hukokotoa wastani.\n\nNiambie ukihitaji mabadiliko.", "Hakika, huu hapa muhtasari: Hukokotoa wastani.", "Hukokotoa wastani.\n\nKumbuka: majina ya msimbo hayakutumika."),
    }
    for kind, by_language in (("refusal", refusals), ("remark", remarks)):
        for language, answers in by_language.items():
            for answer in answers:
                yield text(kind, answer, language)
                yield pair(kind, SUMMARY, CODE["python"], answer, language=language)
    for language, answer in (
            ("en", "Each value is added to a sum, and the oldest is taken off. Once the window is full, the mean is put into"), ("en", "- The width may be zero; check it.\n- The list is copied in each round, so keep"),
            ("en", "A sensor writes one value a second.\n\nInput: the values.\n\nOutput: the mean of each win"), ("en", "It walks over the list and returns the mean of the values with"), ("en", "The mean of each window is returned to the caller, such as"),
            ("es", "Recorre la lista y suma los valores de la ventana con"), ("fr", "La fonction parcourt la liste et garde la somme de la fenêtre avec"), ("fr", "Elle montre comment la plus ancienne valeur de la fenêtre est"),
            ("it", "Ogni valore si aggiunge alla somma. Se la finestra è piena, il valore più vecchio viene"), ("pt", "A função percorre a lista e guarda a soma da janela para"), ("de", "Gibt die Mittelwerte der Liste zurück, und zwar in der Reihenfolge ihres"),
            ("ru", "Функция хранит сумму значений окна и при каждом шаге вычитает из"), ("vi", "Hàm cộng từng giá trị vào tổng và trả về trung bình của mỗi cửa sổ kèm"), ("id", "Fungsi ini menjumlahkan nilai dan mengembalikan rata-rata setiap jendela yang"),
            ("fi", "Funktio laskee summan ja palauttaa jokaisen ikkunan keskiarvon, jonka"), ("sw", "Kazi hii hujumlisha thamani na kurudisha wastani wa kila dirisha katika"), ("ar", "تجمع الدالة القيم وتعيد متوسط كل نافذة من"),
            ("fa", "این تابع مقدارها را جمع می‌زند و میانگین هر پنجره را به"), ("hi", "यह सूची के मान जोड़ता है और हर खिड़की का औसत लौटाता है ताकि"), ("bn", "তালিকার মান যোগ করে প্রতিটি জানালার গড় ফেরত দেয় এবং"),
            ("th", "ฟังก์ชันรวมค่าในรายการแล้วคืนค่าเฉลี่ยของแต่ละช่วงซึ่ง"), ("zh", "函数把数值加到累计和上，窗口已满之后最早的数值会"), ("ja", "リストの値を順に合計へ加え、ウィンドウがいっぱいになるとその"), ("ko", "목록의 값을 하나씩 더하고 창이 가득 차면")):
        yield pair("cut", SUMMARY, CODE["python"], answer, language=language)
    yield from in_another_dress()
    yield from of_few_words()


def pleas():
    """Short answers that ask for the input, or lack it, in the language of the row."""
    asked = {
        "en": ("Would you mind sharing the function first?", "Please post the snippet that you want me to review.", "What code should I describe?", "I cannot summarise the program, as it was not included.", "Happy to do it as soon as I have the code. Could you paste it here?", "Not possible: no source was attached.", "Mind sending the class over so I can document it?", "Let me have the script and I will explain it.", "The snippet did not come through, could you resend it?", "Kindly upload the file, then I can write the summary.", "To help you, I need to see the code first."),
        "de": ("Könnten Sie mir bitte den Code schicken?", "Welche Funktion soll ich beschreiben?", "Ich kann den Code nicht beschreiben, weil keiner beigefügt ist.", "Ohne den Quelltext lässt sich keine Zusammenfassung schreiben.", "Bitte senden Sie den Code, damit ich ihn erklären kann.", "Zeig mir bitte zuerst den Code.", "Ich brauche zuerst den Code.", "Der Code fehlt leider.", "Bitte fügen Sie die SQL-Abfrage ein.", "Um welches Programm geht es?"),
        "fr": ("Pourriez-vous coller le code ici ?", "Merci de m'envoyer le code.", "Quelle fonction dois-je décrire ?", "Je ne peux pas résumer ce code car il est absent.", "Il me faut le code pour pouvoir l'expliquer.", "Envoyez-moi le code et je le résumerai.", "Il manque le code.", "Veuillez fournir la requête SQL.", "Impossible de rédiger le résumé sans le code.", "Où est le code ?"),
        "es": ("¿Podrías compartir el código?", "Por favor, envíame el código que quieres que explique.", "¿Qué función debo describir?", "No puedo resumir el programa porque no está incluido.", "Necesito ver el código antes de explicarlo.", "Falta el código.", "Pégame aquí el código, por favor.", "¿Dónde está el código?", "Sin el código no puedo escribir la descripción.", "Comparte la consulta SQL y la explico."),
        "it": ("Potresti inviarmi il codice?", "Per favore, incolla il codice da spiegare.", "Quale funzione devo descrivere?", "Non posso riassumere il programma perché non è allegato.", "Mi serve il codice per poterlo spiegare.", "Manca il codice.", "Inviami prima il codice, per favore.", "Dov'è il codice?", "Senza il codice non posso scrivere la descrizione.", "Condividi la query SQL e la spiego."),
        "pt": ("Poderia compartilhar o código?", "Por favor, envie o código que devo explicar.", "Qual função devo descrever?", "Não consigo resumir o programa porque ele não foi incluído.", "Preciso ver o código antes de explicá-lo.", "Falta o código.", "Cole o código aqui, por favor.", "Onde está o código?", "Sem o código não posso escrever a descrição.", "Envie a consulta SQL e eu a explico."),
        "ru": ("Не могли бы вы прислать код?", "Пожалуйста, пришлите код, который нужно описать.", "Какую функцию мне описать?", "Не могу описать программу: код не приложен.", "Мне нужно сначала увидеть код.", "Код отсутствует.", "Вставьте, пожалуйста, код сюда.", "Где код?", "Без кода я не могу написать описание.", "Пришлите SQL-запрос, и я его объясню."),
        "zh": ("您能把代码发给我吗？", "请先提供需要说明的代码。", "请问要我解释哪段代码？", "无法总结，因为没有提供代码。", "我需要先看到代码。", "代码呢？", "请把SQL语句贴出来，我再解释。", "没有收到代码，无法撰写摘要。", "麻烦您粘贴一下代码。", "缺少代码，请补充。"),
        "zh_tw": ("請問可以提供程式碼嗎？", "請先貼上要說明的程式碼。", "無法總結，因為沒有提供程式碼。"),
        "ja": ("コードを送っていただけますか？", "説明するコードを貼り付けてください。", "どのコードを説明すればよいですか？", "コードが含まれていないため、要約できません。", "先にコードを見せてください。", "コードはどこですか？", "コードがないので説明を書けません。", "SQL文をご提示ください。", "コードをご共有いただければ、要約いたします。", "対象のコードをお願いします。"),
        "ko": ("코드를 보내 주시겠어요?", "설명할 코드를 붙여 넣어 주세요.", "어떤 코드를 설명해야 하나요?", "코드가 없어서 요약할 수 없습니다.", "먼저 코드를 보여 주세요.", "코드는 어디에 있나요?", "코드가 제공되지 않아 설명을 작성할 수 없습니다.", "SQL 문을 알려 주시면 설명하겠습니다.", "코드를 공유해 주시면 요약해 드리겠습니다.", "코드가 필요합니다."),
        "vi": ("Bạn có thể gửi mã nguồn được không?", "Vui lòng dán đoạn mã cần mô tả vào đây.", "Bạn muốn tôi giải thích đoạn mã nào?", "Tôi không thể tóm tắt vì không có mã nguồn.", "Tôi cần xem mã trước.", "Mã nguồn đâu?", "Xin hãy cung cấp câu lệnh SQL.", "Thiếu mã nguồn nên không thể viết mô tả."),
        "id": ("Bisa kirim kodenya dulu?", "Mohon tempelkan kode yang perlu dijelaskan.", "Kode mana yang harus saya jelaskan?", "Saya tidak dapat meringkas karena kodenya tidak ada.", "Saya perlu melihat kode terlebih dahulu.", "Di mana kodenya?", "Tolong bagikan kueri SQL-nya.", "Kode belum disertakan."),
        "ar": ("هل يمكنك إرسال الكود؟", "يرجى مشاركة الكود المطلوب شرحه.", "أي كود تريد أن أشرح؟", "لا يمكنني تلخيص البرنامج لأن الكود غير موجود.", "أحتاج إلى رؤية الكود أولاً.", "أين الكود؟", "من فضلك أرسل استعلام SQL."),
        "fa": ("لطفاً کد را بفرستید.", "می‌توانید کد را ارسال کنید؟", "کدام کد را باید توضیح دهم؟", "نمی‌توانم خلاصه کنم چون کدی ارسال نشده است.", "کد کجاست؟"),
        "hi": ("कृपया कोड भेजें।", "क्या आप कोड साझा कर सकते हैं?", "मुझे किस कोड का वर्णन करना है?", "कोड नहीं दिया गया, इसलिए मैं सारांश नहीं लिख सकता।", "पहले कोड दिखाइए।", "कोड कहाँ है?"),
        "bn": ("অনুগ্রহ করে কোডটি পাঠান।", "আপনি কি কোডটি শেয়ার করতে পারেন?", "কোন কোডের বর্ণনা দেব?", "কোড দেওয়া হয়নি, তাই সারাংশ লেখা সম্ভব নয়।", "কোডটি কোথায়?"),
        "th": ("กรุณาส่งโค้ดมาก่อนครับ", "ช่วยแนบโค้ดที่ต้องการให้อธิบายด้วยค่ะ", "ต้องการให้อธิบายโค้ดไหนครับ", "ไม่สามารถสรุปได้เพราะไม่มีโค้ด", "โค้ดอยู่ที่ไหนครับ", "ขอดูโค้ดก่อนได้ไหมครับ"),
        "fi": ("Voisitko lähettää koodin?", "Liitä koodi tähän, kiitos.", "Mikä koodi minun pitäisi kuvata?", "En voi tiivistää ohjelmaa, koska koodia ei ole.", "Tarvitsen ensin koodin.", "Missä koodi on?", "Lähetä SQL-kysely, niin selitän sen."),
        "sw": ("Tafadhali tuma msimbo.", "Je, unaweza kushiriki msimbo?", "Ni msimbo gani unataka nieleze?", "Siwezi kufupisha kwa sababu hakuna msimbo.", "Msimbo uko wapi?", "Naomba msimbo kwanza."),
        "te": ("దయచేసి కోడ్ పంపండి.", "కోడ్ ఎక్కడ ఉంది?"),
    }
    for language, answers in asked.items():
        for answer in answers:
            yield pair("refusal", SUMMARY, CODE["python"], answer, language=language)
    for language, answers in asked.items():
        yield text("refusal", answers[0], language)
    for answer in ("# I cannot port this, since the source is missing.", "# Nothing to convert: the program is not there."):
        yield code("refusal", answer)


def near_ends():
    """Last words that are parts of words or want more, remarks to who gave the task, and near languages."""
    begin = "The list is read once and a sum is kept for the values that the window holds, "
    for language, answer in (
            ("en", begin + "with the mean as an aver"), ("en", begin + "so that the reader can"), ("en", begin + "and windows that do not fit are"),
            ("en", "Reads the values.\n\n## Sum\nThe sum is kept in a local name.\n\n## Mean\nIt is divided by the width so that the list can"),
            ("en", "It must accept a width of one or more.\n- It must refuse other widths with"), ("en", begin + "which makes"), ("en", begin + "and it should be able to"),
            ("en", begin + "and an error is raised for all values that"), ("es", "Recorre la lista y devuelve solo las ventanas cuya media ha sido mayor que las que han superado"),
            ("it", "Scorre la lista e restituisce solo le finestre della misura data, cioè quelle che hanno superato"), ("pt", "Percorre a lista e devolve apenas as janelas cheias, sem as muito curtas nem as muito"),
            ("ja", "リストの値を順に合計へ加える。最後の値まで保持しておき、ウィンドウがいっぱいになったら")):
        yield pair("cut", SUMMARY, CODE["python"], answer, language=language)
    for answer in ("mean of the last values of a list\n\nI trust this fits the description you wanted me to write.", "mean of the last values of a list\n\n(As instructed, no names are given.)"):
        yield text("remark", answer)
    for language, answer in (("vi", "Tính trung bình của mỗi cửa sổ.\n\nHy vọng bản mô tả này đáp ứng yêu cầu của bạn."), ("de", "Berechnet den Mittelwert.\n\nDiese Beschreibung entspricht genau dem Code."),
                             ("ja", "概要を作成しました。ご確認ください。\n\n平均を計算する。"), ("fr", "J'ai rédigé un résumé :\n\nCalcule la moyenne."), ("es", "He redactado la descripción.\n\nCalcula la media.")):
        yield pair("remark", SUMMARY, CODE["python"], answer, language=language)
    other = OTHER["python"]
    for answer in (other + "\n# Written like this because you asked me to.", "# Ecco la versione richiesta del codice\n" + other, "Versión más corta:\n\n" + other,
                   other.replace("):\n", "):  # renamed as per the request\n", 1)):
        yield code("remark", answer)
    for asked, answer in (("csharp", CODE["java"].replace("public static", "@Override\n    public final") + "import java.util.List;\n"), ("javascript", "interface Item { name: string }\n\nexport function first(items: Item[]): string {\n  return items[0].name;\n}\n"),
                          ("java", "fun first(items: List<String>): String {\n    val all = items.sorted()\n    return all.first()\n}\n")):
        yield pair("language", FASTER, CODE["java"], answer, asked)
    yield pair("language", SUMMARY, CODE["shell"], "#!/bin/sh\ngzip -9 /var/log/app.log", "shell")
    yield pair("language", SUMMARY, CODE["python"], "Cada valor de la lista entra en la suma de los valores guardados.", language="it")
    yield pair("blocks", FASTER, "<?php\necho 1;\n", "**One**\n```php\n<?php\necho 2;\n```\n\n**Two**\n```php\n<?php\necho 3;\n```\n", "php")


def in_another_dress():
    """Copies that a change of layout or comments hides, and languages that are near the right one."""
    py, go = CODE["python"], CODE["go"]
    plain = OTHER["java"].replace("public", "// Counts words.\npublic")
    yield pair("copy", "code_review_retrieval", py, "".join("> " + line + "\n" for line in py.splitlines()))
    yield pair("copy", "code_walkthrough_retrieval", py, "\n".join("%d. `%s`" % (n, line.strip()) for n, line in enumerate(py.splitlines(), 1)))
    yield pair("copy", "pseudocode_retrieval", CODE["rust"].translate({ord(c): None for c in "{};"}), CODE["rust"], "rust")
    yield pair("copy", "tutorial_retrieval", go, "# Lesson\n\n```go\n" + go + "```", "go")
    yield pair("copy", FASTER, OTHER["java"], plain, "java")
    yield pair("unchanged", "bug_desc_retrieval", "The last mean is missing.", py, text=py, out=["# mean.py\n" + py, "The last mean is missing."])
    for language, answer in (("ko", "一个计算列表移动平均值的函数"), ("fa", "دالة تحسب متوسط كل نافذة من القائمة وتعيد النتيجة"), ("ar", "این تابع میانگین هر پنجره را حساب می‌کند و برمی‌گرداند"),
                             ("ru", "Обчислює середнє кожного вікна і повертає їх у вигляді списку"), ("zh", "函数计算平均值。It adds each value to a sum that is kept for the window, and the oldest one is taken off when it is full."),
                             ("en", "Berekent het gemiddelde van elk venster en geeft een lijst terug die niet leeg wordt"), ("de", "Hücre değerleri için bir ortalama hesaplar ve her pencere ile birlikte olarak döner")):
        yield pair("language", SUMMARY, py, answer, language=language)
    yield pair("language", "code_example_retrieval", CODE["javascript"], "from group import by\n\nfor name in by(items, key):\n    print(name)\n", "javascript")


def of_few_words():
    """Short refusals, labels that name who asks, closing words on the demands, and ends behind a connective."""
    for kind, answers in (
            ("refusal", (
                ("en", "Nothing to describe."),
                ("en", "No snippet was given."),
                ("en", "It is impossible to tell what this is for without more context."),
                ("en", "The reason cannot be inferred from the excerpt alone."),
                ("en", "Sorry, I would first need to see the code."),
                ("de", "Nicht bestimmbar."),
                ("de", "Ohne weitere Angaben lässt sich das nicht beschreiben."),
                ("fr", "Aucun code fourni."),
                ("es", "No dispongo de contexto suficiente para resumirlo."),
                ("it", "Non ho abbastanza informazioni per descriverlo."),
                ("pt", "Desculpe, preciso do código para o resumir."),
                ("ru", "Недостаточно информации, чтобы описать это."),
                ("zh", "无法确定。"),
                ("ja", "このコードだけでは目的を判断できません。"),
                ("ko", "정보가 부족하여 요약할 수 없습니다."),
                ("vi", "Không xác định."),
                ("hi", "कोई कोड नहीं दिया गया।"),
                ("ar", "لا توجد معلومات كافية لتحديد الغرض."),
                ("th", "ไม่มีข้อมูลเพียงพอ"),
                ("fi", "Koodia ei annettu."),
                ("sw", "Hakuna msimbo."),
            )),
            ("remark", (
                ("en", "Question from a product owner: \"What is the mean of each window?\""),
                ("en", "Summary of the function: takes the mean of each window."),
                ("en", "Takes the mean of each window.\n\nThis summary keeps to one sentence and avoids code names, as instructed."),
                ("en", "Takes the mean of each window.\n\nI can shorten it further if you like."),
                ("de", "Kurzbeschreibung: Bildet das Mittel jedes Fensters."),
                ("de", "Bildet das Mittel jedes Fensters.\n\nSoll ich noch ein Beispiel ergänzen?"),
                ("fr", "Résumé du code : calcule la moyenne de chaque fenêtre."),
                ("es", "Descripción del código: calcula la media de cada ventana."),
                ("it", "Richiesta dell'utente: media di ogni finestra della lista"),
                ("pt", "Calcula a média de cada janela.\n\nPosso reformulá-lo, se quiser."),
                ("ru", "Краткое описание кода: среднее каждого окна."),
                ("zh", "代码摘要：计算每个窗口的平均值。"),
                ("ja", "コードの要約：各窓の平均を求める。"),
                ("ko", "코드 요약: 각 창의 평균을 구한다."),
                ("id", "Ringkasan kode: menghitung rata-rata tiap jendela."),
                ("hi", "कोड का सारांश: हर विंडो का औसत निकालता है।"),
            )),
            ("cut", (
                ("en", "A sum is kept of the window, and the oldest value leaves it. The mean is taken at once, so"),
                ("en", "The mean of each window is taken from a sum, because the list"),
                ("es", "Se guarda una suma de los valores de la ventana, porque cada"),
                ("it", "La somma viene aggiornata a ogni valore, quindi"),
                ("pt", "A soma é guardada para cada janela da lista e"),
                ("fr", "La somme est gardée pour chaque fenêtre, puis"),
                ("de", "Die Summe wird fortgeschrieben, weil mehrere"),
                ("ru", "Сумма хранится для каждого окна, поэтому"),
                ("ja", "リストの値を順に足していき、窓がいっぱいになると、平均が"),
                ("en", "The window moves over the values of the list one by one, and its width is limited by 1 <="),
            ))):
        for language, answer in answers:
            yield pair(kind, SUMMARY, CODE["python"], answer, language=language)
    yield code("remark", "# Function as requested by the user\n" + OTHER["python"])
    yield code("remark", OTHER["python"] + "\n# Riscritto come indicato nella richiesta.")
    yield pair("cut", "planted_bug_fix_retrieval", "The last mean is missing, and I expected the\n```python\n" + CODE["python"] + "```", OTHER["python"])


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
