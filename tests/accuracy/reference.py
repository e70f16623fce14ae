"""reference: the functions of a file as a real parser sees them.

A function counts if it has a name and a body, and lies in no other function.
Function expressions count where a name is bound to them directly: a variable,
an assignment, a member of an object literal, a field of a class. What an
unnamed function contains does not count.
"""
from collections import namedtuple

# first: line with the comments and decorators above; line: the definition's
Function = namedtuple("Function", "name first line last")

COMMENTS = {"comment", "line_comment", "block_comment", "multiline_comment",
            "haddock", "doc_comment", "pod", "hash_bang_line", "shebang", "rem",
            "marginalia", "html_comment", "comments", "pod_statement"}

# What makes a function, and the child that is its body.
NAMED = {
    "python": {"function_definition"},
    "javascript": {"function_declaration", "generator_function_declaration",
                   "method_definition"},
    "java": {"method_declaration", "constructor_declaration",
             "compact_constructor_declaration"},
    "c": {"function_definition"},
    "csharp": {"method_declaration", "constructor_declaration",
               "destructor_declaration", "operator_declaration",
               "conversion_operator_declaration", "local_function_statement"},
    "go": {"function_declaration", "method_declaration"},
    "rust": {"function_item"},
    "php": {"function_definition", "method_declaration"},
    "ruby": {"method", "singleton_method"},
    "perl": {"function_definition"},
    "shell": {"function_definition"},
    "lua": {"function_declaration"},
    "powershell": {"function_statement", "class_method_definition"},
    "fortran": {"subroutine", "function", "module_procedure"},
    "sql": {"create_function", "create_procedure"},
    "haskell": set(),
}
NAMED["typescript"] = NAMED["javascript"]
NAMED["cplusplus"] = NAMED["c"]

UNNAMED = {
    "python": {"lambda"},
    "javascript": {"function_expression", "arrow_function", "generator_function",
                   "function", "class_static_block"},
    "java": {"lambda_expression", "static_initializer"},
    "c": {"lambda_expression"},
    "csharp": {"lambda_expression", "anonymous_method_expression",
               "accessor_declaration", "arrow_expression_clause"},
    "go": {"func_literal"},
    "rust": {"closure_expression"},
    "php": {"anonymous_function", "anonymous_function_creation_expression",
            "arrow_function", "property_hook"},
    "ruby": {"lambda"},
    "perl": {"anonymous_function"},
    "lua": {"function_definition"},
    "powershell": {"script_block_expression"},
}
UNNAMED["typescript"] = UNNAMED["javascript"]
UNNAMED["cplusplus"] = UNNAMED["c"]

# Parents that bind a name to a function: where the name is.
BINDERS = {
    "variable_declarator": "name", "assignment_expression": "left", "pair": "key",
    "field_definition": "property", "public_field_definition": "name",
    "assignment": "left", "init_declarator": "declarator",
    "field": "name",
}


def text(node):
    return node.text.decode("utf-8", "replace")


def last_line(node):
    """Return the last line of a node, whose end may be a line break."""
    row, column = node.end_point
    if column == 0 and row > node.start_point[0]:
        row -= 1
    return row + 1


def declarator_name(node):
    """Return the name that a declarator of C declares."""
    while node is not None:
        if node.type in ("identifier", "field_identifier", "type_identifier",
                         "destructor_name", "operator_name", "operator_cast",
                         "literal_operator"):
            break
        inner = node.child_by_field_name("declarator")
        if inner is None:
            inner = node.child_by_field_name("name")
        if inner is None and node.type in ("parenthesized_declarator",
                                           "reference_declarator",
                                           "attributed_declarator"):
            inner = next((c for c in node.named_children if "declarator" in c.type
                          or "identifier" in c.type or "operator" in c.type), None)
        if inner is None:
            break
        node = inner
    if node is None:
        return ""
    if node.type == "operator_cast":
        name = text(node)
        return name[:name.index("(")] if "(" in name else name
    return text(node)


def name_of(node, language):
    if language in ("c", "cplusplus"):
        return declarator_name(node.child_by_field_name("declarator"))
    if language == "csharp":
        if node.type == "destructor_declaration":
            return "~" + text(node.child_by_field_name("name"))
        if node.type == "operator_declaration":
            return "operator" + text(node.child_by_field_name("operator"))
        if node.type == "conversion_operator_declaration":
            return "operator" + text(node.child_by_field_name("type"))
    if language == "fortran":
        statement = node.named_children[0]
        name = statement.child_by_field_name("name")
        return text(name) if name is not None else ""
    if language == "powershell":
        kinds = ("function_name", "simple_name")
        names = [c for c in node.named_children if c.type in kinds]
        return text(names[0]).split(":")[-1] if names else ""
    if language == "sql":
        ref = next((c for c in node.named_children
                    if c.type == "object_reference"), None)
        name = ref.child_by_field_name("name") if ref is not None else None
        return text(name).strip('"`[]') if name is not None else ""
    name = node.child_by_field_name("name")
    if name is None:
        return ""
    if language == "ruby" and name.type == "setter":
        return text(name)
    name = plain(name)
    return name.split("::")[-1] if language == "perl" else name


def plain(node):
    """Return the last name of a member expression, a string or a name."""
    while "subscript" not in node.type and "bracket_index" not in node.type:
        for field in ("property", "field", "attribute", "method", "declarator"):
            inner = node.child_by_field_name(field)
            if inner is not None:
                break
        if inner is None:
            break
        node = inner
    if "subscript" in node.type or "bracket_index" in node.type:
        index = node.child_by_field_name("index")
        if index is None:
            index = node.child_by_field_name("field")
        if index is None or "string" not in index.type:
            return ""
        node = index
    name = text(node)
    if node.type == "string" or name[:1] in "'\"":
        name = name[1:-1]
    return name


def has_body(node, language):
    if language == "fortran":
        parent = node.parent
        return parent is None or parent.type != "interface"
    if language in ("sql", "lua", "ruby", "powershell"):
        return True
    if language in ("perl", "shell"):
        return node.child_by_field_name("body") is not None
    if node.child_by_field_name("body") is None and \
            not any(c.type == "try_statement" for c in node.children):
        return False
    return True


def is_overload(node):
    parent = node.parent
    if parent is None or parent.type != "decorated_definition":
        return False
    return any(c.type == "decorator" and
               text(c).lstrip("@ ").split()[0].split(".")[-1] == "overload"
               for c in parent.children)


class Reader:
    def __init__(self, language, source, root):
        self.language = language
        self.lines = source.split(b"\n")
        self.found = []
        self.comment_at = {}
        self.collect_comments(root)
        self.walk(root)

    def collect_comments(self, root):
        stack = [root]
        while stack:
            node = stack.pop()
            if node.type in COMMENTS:
                row, column = node.start_point
                end, behind = node.end_point
                alone = behind == 0 or not self.lines[end][behind:].strip()
                if alone and not self.lines[row][:column].strip():
                    self.comment_at[last_line(node)] = row + 1
            else:
                stack.extend(node.children)

    def above(self, line):
        """Return the first line of the comments directly above a line."""
        while line - 1 in self.comment_at:
            line = self.comment_at[line - 1]
        return line

    def add(self, name, node, decorated=None, last=None):
        if not name:
            return
        line = node.start_point[0] + 1
        if node.type in ("method_definition", "public_field_definition",
                         "field_definition"):
            rest = [c for c in node.children if c.type != "decorator"]
            line = rest[0].start_point[0] + 1
        row, column = node.start_point
        first = min(line, decorated or line, row + 1)
        before = self.lines[row][:column].strip()
        if not before or before.endswith(b"*/"):
            first = self.above(first)
        self.found.append(Function(
            "".join(name.split()), first, line, last_line(last or node)))

    def outermost(self, node):
        """Return the node whose first line is a definition's, and decorators'."""
        decorated = None
        while node.parent is not None and node.parent.type in (
                "template_declaration", "export_statement", "ambient_declaration",
                "linkage_specification") and \
                node.parent.child_by_field_name("body") in (None, node):
            node = node.parent
        if node.parent is not None and node.parent.type == "decorated_definition":
            decorated = node.parent.start_point[0] + 1
        before = node.prev_sibling
        while before is not None and (
                before.type in ("attribute_item", "decorator") or
                before.type in COMMENTS):
            if before.type not in COMMENTS:
                decorated = before.start_point[0] + 1
            before = before.prev_sibling
        return node, decorated

    def bound(self, node):
        """Add a function expression that a name is bound to."""
        parent = node.parent
        if self.language == "lua":
            return self.bound_lua(node)
        if self.language == "perl":
            return self.bound_perl(node)
        if self.language == "go":
            if parent.type == "expression_list" and \
                    parent.parent.type == "var_spec" and \
                    parent.named_child_count == 1:
                spec = parent.parent
                top = spec.parent
                while top.type == "var_spec_list":
                    top = top.parent
                single = top.type == "var_declaration" and \
                    text(top)[3:].lstrip()[:1] != "("
                self.add(plain(spec.child_by_field_name("name")),
                         top if single else spec, last=node)
            return
        field = BINDERS.get(parent.type)
        if field is None or self.language == "ruby" or (
                parent.type == "pair" and
                self.language not in ("javascript", "typescript")):
            return
        value = parent.child_by_field_name("value") or \
            parent.child_by_field_name("right") or \
            parent.child_by_field_name("initializer")
        if value is None and self.language in ("csharp", "java"):
            value = parent.named_children[-1]
        if value is not None and value.type == "equals_value_clause":
            value = value.named_children[-1]
        if value is None or value.id != node.id:
            return
        target = parent.child_by_field_name(field)
        if target is None:
            target = parent.named_children[0]
        name = declarator_name(target) if parent.type == "init_declarator" \
            else plain(target)
        if self.language == "php":
            name = name.lstrip("$")
        if "(" in name or "[" in name and target.type != "computed_property_name":
            return
        self.add(name, *self.statement(parent), last=node)

    def bound_lua(self, node):
        parent = node.parent
        if parent.type == "field":
            name = parent.child_by_field_name("name")
            if name is not None and (parent.children[0].type != "[" or
                                     "string" in name.type):
                self.add(plain(name), parent)
        elif parent.type == "expression_list":
            statement = parent.parent
            if statement.type != "assignment_statement":
                return
            names = statement.named_children[0]
            if len(names.named_children) == 1 and parent.named_child_count == 1:
                top = statement
                if top.parent.type == "variable_declaration":
                    top = top.parent
                self.add(plain(names.named_children[0]), top, last=node)

    def bound_perl(self, node):
        parent = node.parent
        if parent.type == "binary_expression" and \
                [text(c) for c in parent.children[1:2]] == ["="] and \
                parent.children[2].id == node.id:
            left = text(parent.children[0]).split()[-1]
            if left[-1] not in "]})":
                self.add(left.split("::")[-1].lstrip("$@%&*"), parent, last=node)

    def statement(self, node):
        """Return the node at whose line a binding begins, and its decorators'."""
        while node.parent.type == "assignment_expression":
            node = node.parent
        parent = node.parent
        if parent.type in ("lexical_declaration", "variable_declaration",
                           "field_declaration", "declaration",
                           "constant_declaration"):
            named = [c for c in parent.named_children
                     if c.type in ("variable_declarator", "init_declarator")]
            if named and named[0].id == node.id:
                node = parent
            elif self.language == "csharp":
                node = parent.parent
        node, decorated = self.outermost(node)
        return node, decorated

    def walk(self, root):
        named = NAMED[self.language]
        unnamed = UNNAMED.get(self.language, set())
        stack = [root]
        while stack:
            node = stack.pop()
            if node.type in named and node.is_named:
                if has_body(node, self.language):
                    if not (self.language == "python" and is_overload(node)):
                        outer, decorated = self.outermost(node)
                        self.add(name_of(node, self.language), outer, decorated,
                                 last=node)
                    continue
                if self.language != "fortran":
                    continue
            elif node.type in unnamed and node.is_named:
                self.bound(node)
                continue
            elif self.language == "java" and node.type == "block":
                continue
            elif node.type in ("interface", ) and self.language == "fortran":
                continue
            stack.extend(reversed(node.children))
        if self.language == "haskell":
            self.haskell(root)

    def haskell(self, root):
        """Group the equations of a name, with the signature above them."""
        stack = [root]
        while stack:
            node = stack.pop()
            kids = node.named_children
            group = None
            for kid in kids:
                if kid.type == "signature":
                    self.flush(group)
                    group = [plain(kid.child_by_field_name("name") or kid).strip("()"), kid,
                             None, kid, "->" in text(kid)]
                elif kid.type in ("function", "bind"):
                    node_name = kid.child_by_field_name("name")
                    infix = next((c for c in kid.named_children
                                  if c.type == "infix"), None)
                    if node_name is None and infix is not None:
                        node_name = infix.child_by_field_name("operator")
                    name = text(node_name).strip("()`") \
                        if node_name is not None else ""
                    if group is None or group[0] != name:
                        self.flush(group)
                        group = [name, kid, None, kid, False]
                    group[2] = group[2] or kid
                    group[3] = kid
                    group[4] = group[4] or kid.type == "function"
                elif kid.type not in COMMENTS:
                    self.flush(group)
                    group = None
                    if kid.type in ("declarations", "class", "instance",
                                    "class_declarations",
                                    "instance_declarations", "class_decl",
                                    "instance_decl", "haskell"):
                        stack.append(kid)
            self.flush(group)

    def flush(self, group):
        if group is not None and group[2] is not None and group[4] and group[0]:
            line = group[2].start_point[0] + 1
            first = group[1].start_point[0] + 1
            self.found.append(Function(group[0], self.above(first), line,
                                       last_line(group[3])))


def functions(language, source, tree):
    return Reader(language, source, tree.root_node).found
