"""Rules of style that ruff does not know, as functions of a module's syntax tree.

Each yields what breaks the rule, with its line.
"""

import ast
from collections.abc import Iterator

MAX_CODE_LINES = 250
MAX_FUNCTION_LINES = 50
MAX_PARAMETERS = 10

Functions = ast.FunctionDef | ast.AsyncFunctionDef
FRAGMENTS = ("Of", "What", "By", "As", "In", "Where", "Whether", "How", "Those", "Beside")
LITERALS = (ast.Tuple, ast.List, ast.Set)


def code_lines(source: str, node: ast.Module | Functions, first: int = 1) -> int:
    """Lines from a first one to a node's last that are neither blank nor of a docstring."""
    of_docstrings = {
        line
        for inner in ast.walk(node)
        if isinstance(inner, ast.Module | ast.ClassDef | Functions)
        and ast.get_docstring(inner) is not None
        for line in range(inner.body[0].lineno, (inner.body[0].end_lineno or 0) + 1)
    }
    lines = source.splitlines()
    last = getattr(node, "end_lineno", len(lines))
    numbered = enumerate(lines[first - 1 : last], first)
    return sum(bool(line.strip()) and number not in of_docstrings for number, line in numbered)


def long_modules(source: str, tree: ast.Module) -> Iterator[str]:
    """The module, where it has too many lines of code."""
    n_lines = code_lines(source, tree)
    if n_lines > MAX_CODE_LINES:
        yield f"{n_lines} lines of code"


def long_functions(source: str, tree: ast.Module) -> Iterator[str]:
    """Functions whose bodies do not fit on a screen."""
    for node in ast.walk(tree):
        if isinstance(node, Functions):
            n_lines = code_lines(source, node, node.body[0].lineno)
            if n_lines > MAX_FUNCTION_LINES:
                yield f"{node.lineno}: {node.name} has {n_lines} lines of code"


def packed_assignments(source: str, tree: ast.Module) -> Iterator[str]:
    """Assignments of a written-out tuple to several names, save those that exchange values."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Tuple):
            continue
        for target in node.targets:
            if isinstance(target, ast.Tuple) and not _exchange(target, node.value):
                yield f"{node.lineno}: {ast.unparse(node)}"


def _exchange(target: ast.Tuple, value: ast.Tuple) -> bool:
    """True where a later value reads what an earlier target replaces, as in ``a, b = b, a``."""
    return any(
        ast.unparse(earlier) in map(ast.unparse, _expressions(later))
        for place, earlier in enumerate(target.elts)
        for later in value.elts[place + 1 :]
    )


def _expressions(node: ast.AST) -> Iterator[ast.expr]:
    return (inner for inner in ast.walk(node) if isinstance(inner, ast.expr))


def starred_literals(source: str, tree: ast.Module) -> Iterator[str]:
    """Written-out sequences that are unpacked where they stand."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Starred) and isinstance(node.value, LITERALS):
            yield f"{node.lineno}: {ast.unparse(node)}"


def many_parameters(source: str, tree: ast.Module, public: frozenset[str]) -> Iterator[str]:
    """Functions of too many parameters, save what users call: public functions and classes."""
    constructors = {
        id(method)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name in public
        for method in node.body
        if isinstance(method, Functions) and method.name == "__init__"
    }
    for node in ast.walk(tree):
        if not isinstance(node, Functions) or node.name in public or id(node) in constructors:
            continue
        parameters = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        names = [parameter.arg for parameter in parameters if parameter.arg not in ("self", "cls")]
        if len(names) > MAX_PARAMETERS:
            yield f"{node.lineno}: {node.name} has {len(names)} parameters"


def fragmentary_docstrings(source: str, tree: ast.Module) -> Iterator[str]:
    """Docstrings that begin with neither a verb nor a noun."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | Functions):
            first = (ast.get_docstring(node) or "").split("\n")[0]
            if first.split(" ")[0] in FRAGMENTS:
                yield f"{node.body[0].lineno}: {first}"


def stack_levels(source: str, tree: ast.Module) -> Iterator[str]:
    """Warnings that count the frames between them and the user."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "stacklevel":
            yield f"{node.lineno}: stacklevel={ast.unparse(node.value)}"


def private_imports(source: str, tree: ast.Module) -> Iterator[str]:
    """Names of scikit-learn and imbalanced-learn that may move without notice."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            paths = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            paths = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for path in paths:
            library, *names = path.split(".")
            if library in ("sklearn", "imblearn") and any(name[0] == "_" for name in names):
                yield f"{node.lineno}: {path}"
