"""The size limits of the house style: `python -m tools.sizes` prints what is over and exits with 1."""

import ast
import sys

from tools.sources import ROOT, ours

FILE, FUNCTION, VIEW, TEST, TEMPLATE = 400, 60, 40, 40, 140
# A data table is long by nature, and reads no better in two files.
TABLES = {"generation/training/names.py", "generation/training/concepts.py", "safety/seed.py"}
BUILT = {"static/css/site.css"}


def over(root=ROOT):
    """One sentence for each file, function, view, test or template that is too long."""
    found = []
    for path in ours(root, ".py", ".html", ".js", ".css"):
        name, text = path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")
        limit = TEMPLATE if path.suffix == ".html" else FILE
        if (lines := text.count("\n")) > limit and name not in TABLES | BUILT:
            found.append(f"{name}: {lines} lines, at most {limit}")
        if path.suffix == ".py":
            found += functions_over(name, text)
    return found


def functions_over(name, text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines, limit = node.end_lineno - node.lineno + 1, limit_of(name, node.name)
            if lines > limit:
                yield f"{name}:{node.lineno} {node.name}: {lines} lines, at most {limit}"


def limit_of(file, function):
    if function.startswith("test_"):
        return TEST
    return VIEW if file.endswith("/views.py") or "/views/" in file else FUNCTION


if __name__ == "__main__":
    problems = over()
    sys.exit("\n".join(problems) if problems else 0)
