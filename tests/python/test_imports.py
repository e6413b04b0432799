# The package's own imports, all of them: no circle of modules, and floors as in C++.
"""Reads the imports of every module: at run time, inside functions, and for type hints alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "python" / "custfolio"
FLOORS = [
    {"_core"},
    {"errors"},
    {"_tables"},
    {"_reading", "_paged"},
    {"portfolio"},
    {"ledger", "costing", "terms", "distribution", "segmentation"},
    {
        "selection",
        "remediation",
        "anchoring",
        "growth",
        "acquisition",
        "overflow",
        "lifetime",
        "budget",
    },
    {"strategy"},
    {"_flow"},
    {"demo"},
    {"cli"},
    {"custfolio"},
    {"__main__"},
]
OUTGOING = {"report", "plots"}
"""Packages that draw and write: they take columns. A room imports them in a method that draws or writes, nowhere else."""
FLOOR_OF = {package: floor for floor, packages in enumerate(FLOORS) for package in packages}
WRITERS = ("_draw", "to_", "report", "coaster", "letters", "pages", "save", "write", "init")
"""Beginnings of the names of functions that draw or write."""


@dataclass(frozen=True)
class Import:
    """One import of the package by itself."""

    module: str
    target: str
    line: int
    function: str
    """Name of the innermost function around it; empty at the top of the module and in the body of a class."""

    def __str__(self) -> str:
        return f"{self.module}, line {self.line}, imports {self.target}"


def module_name(path: Path) -> str:
    parts = ("custfolio", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in PACKAGE.rglob("*.py")}


def package_of(module: str) -> str:
    return module.split(".")[1] if "." in module else module


def imports_of(module: str, tree: ast.AST) -> Iterator[Import]:
    """Return every import of the package below a node, whatever stands around it."""

    def walk(node: ast.AST, function: str) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            inner = child.name if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)) else function
            if isinstance(child, ast.Import):
                for alias in child.names:
                    if alias.name.split(".")[0] == "custfolio":
                        yield Import(module, alias.name, child.lineno, function)
            elif isinstance(child, ast.ImportFrom):
                assert child.level == 0, f"{module}, line {child.lineno}: imports are written from the root"
                if child.module is not None and child.module.split(".")[0] == "custfolio":
                    for alias in child.names:
                        named = f"{child.module}.{alias.name}"
                        inside = named in MODULES or named == "custfolio._core"
                        yield Import(module, named if inside else child.module, child.lineno, function)
            yield from walk(child, inner)

    return walk(tree, "")


IMPORTS = {module: list(imports_of(module, ast.parse(path.read_text()))) for module, path in MODULES.items()}


def circles(edges: dict[str, set[str]]) -> list[list[str]]:
    """Return the groups of nodes of which each reaches every other one (Tarjan 1972), without single nodes."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    waiting: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        number[node] = lowest[node] = len(number)
        waiting.append(node)
        for other in sorted(edges.get(node, ())):
            if other not in number:
                visit(other)
                lowest[node] = min(lowest[node], lowest[other])
            elif other in waiting:
                lowest[node] = min(lowest[node], number[other])
        if lowest[node] == number[node]:
            place = waiting.index(node)
            group = sorted(waiting[place:])
            del waiting[place:]
            if len(group) > 1 or node in edges.get(node, ()):
                found.append(group)

    for node in sorted(edges):
        if node not in number:
            visit(node)
    return found


def test_a_circle_is_found() -> None:
    edges = {"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set(), "e": {"e"}}
    assert circles(edges) == [["b", "c"], ["e"]]


def test_every_kind_of_import_is_read() -> None:
    code = (
        "import custfolio.errors\n"
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from custfolio.growth import Growth\n"
        "class Plan:\n    def to_ics(self):\n        from custfolio import plots, __version__\n"
    )
    found = [(each.target, each.function) for each in imports_of("x", ast.parse(code))]
    assert found == [
        ("custfolio.errors", ""), ("custfolio.growth", ""), ("custfolio.plots", "to_ics"), ("custfolio", "to_ics"),
    ]  # fmt: skip


def test_no_circle_of_modules() -> None:
    edges = {module: {each.target for each in found} for module, found in IMPORTS.items()}
    assert circles(edges) == []


def test_no_circle_of_packages() -> None:
    edges: dict[str, set[str]] = {}
    for module, found in IMPORTS.items():
        here = package_of(module)
        edges.setdefault(here, set()).update({package_of(each.target) for each in found} - {here})
    assert circles(edges) == []


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_module_imports_only_lower_floors(module: str) -> None:
    here = package_of(module)
    for each in IMPORTS[module]:
        there = package_of(each.target)
        if there == here:
            continue
        assert there != "custfolio", f"{each}: the face of the package is for users"
        if here in OUTGOING:
            assert there in {"_core", "errors", "_tables", "report"}, f"{each}: what draws and writes takes columns"
        elif there in OUTGOING:
            assert here == "cli" or each.function.startswith(WRITERS), (
                f"{each}, outside of a method that draws or writes"
            )
        else:
            assert FLOOR_OF[there] < FLOOR_OF[here], f"{each}, which is on no lower floor"


def test_every_package_has_its_floor() -> None:
    assert {package_of(module) for module in MODULES} <= set(FLOOR_OF) | OUTGOING


def private_names(tree: ast.AST) -> set[str]:
    """Return the private names that a module defines: functions, methods, fields and attributes of self."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            names.add(node.attr)
    return names


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_module_reads_no_private_name_of_another(module: str) -> None:
    tree = ast.parse(MODULES[module].read_text())
    own = private_names(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or not node.attr.startswith("_") or node.attr.startswith("__"):
            continue
        inherited = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
        above = isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "super"
        if not (inherited or above or node.attr in own):
            raise AssertionError(f"{module}, line {node.lineno}: {ast.unparse(node)} is private to another module")
