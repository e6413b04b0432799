"""Rules of the sources that no compiler checks: floors, versions, first lines, declared dependencies, the stub."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TOP = Path(__file__).resolve().parents[2]
INCLUDE = TOP / "include" / "custfolio"
FLOORS = [
    {"math"},
    {"portfolio"},
    {"ledger", "costing", "terms", "distribution"},
    {"selection", "remediation", "anchoring", "growth", "acquisition", "overflow", "lifetime", "budget"},
    {"strategy"},
]
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
CPP = [
    path
    for folder in ("include", "src", "bindings", "tests", "examples", "benchmarks")
    for path in sorted((TOP / folder).rglob("*.[chi]pp"))
]
PYTHON = [
    path for folder in ("python", "tests", "examples", "benchmarks") for path in sorted((TOP / folder).rglob("*.py"))
]


def name(path: Path) -> str:
    return path.relative_to(TOP).as_posix()


def room_of(path: Path) -> str:
    """Return the room of a file below include/custfolio or src."""
    parts = path.relative_to(INCLUDE).parts if path.is_relative_to(INCLUDE) else (path.name,)
    return parts[0] if len(parts) > 1 else path.stem


def project() -> dict:
    return tomllib.loads((TOP / "pyproject.toml").read_text())


def test_cmake_names_the_same_rooms() -> None:
    listed = re.search(r"set\(CUSTFOLIO_ROOMS(.*?)\)\s", (TOP / "CMakeLists.txt").read_text() + "\n", re.S)
    assert listed is not None
    rooms = re.sub(r"#[^\n]*", "", listed.group(1).replace(") # floor 4", "")).split()
    assert set(rooms) == set(FLOOR_OF)
    assert [FLOOR_OF[room] for room in rooms] == sorted(FLOOR_OF.values())


def test_the_consumer_names_every_options_struct() -> None:
    """The compiler then checks that a user can set one member by name without a warning."""
    user = (TOP / "tests" / "consumer" / "options.cpp").read_text()
    found = [
        struct
        for path in sorted(INCLUDE.rglob("*.hpp"))
        for struct in re.findall(r"^struct (\w+Options) \{", path.read_text(), re.M)
    ]
    assert len(found) > 10
    assert [struct for struct in found if not re.search(rf"\b{struct}\b", user)] == []


def test_every_folder_of_the_headers_is_a_room() -> None:
    assert {path.name for path in INCLUDE.iterdir() if path.is_dir()} <= set(FLOOR_OF)


@pytest.mark.parametrize("path", [p for p in CPP if p.is_relative_to(INCLUDE) or p.parent.name == "src"], ids=name)
def test_a_room_includes_only_lower_floors(path: Path) -> None:
    room = room_of(path)
    text = path.read_text()
    assert "pybind11" not in text
    assert "Python.h" not in text
    if room in ("config", "custfolio"):
        return
    for header in re.findall(r'^\s*#\s*include\s+"([^"]+)"', text, re.M):
        assert header.startswith("custfolio/"), f"{header} is not written from the root"
        assert header != "custfolio/custfolio.hpp", "the umbrella is for users"
        other = Path(header.removeprefix("custfolio/"))
        other_room = other.parts[0] if len(other.parts) > 1 else other.stem
        if other_room not in ("config", room):
            assert FLOOR_OF[other_room] < FLOOR_OF[room], f"{room} includes {header}, which is not on a lower floor"


@pytest.mark.parametrize("path", [p for p in CPP if p.is_relative_to(INCLUDE)], ids=name)
def test_errors_are_of_the_one_tree(path: Path) -> None:
    standard = r"\bstd::(\w+_error|invalid_argument|out_of_range)\b"
    allowed = (
        {"runtime_error"} if path.name == "errors.hpp" else {"system_error"} if path.name == "parallel.ipp" else set()
    )
    assert set(re.findall(standard, path.read_text())) <= allowed


@pytest.mark.parametrize("path", sorted(INCLUDE.rglob("*.hpp")), ids=name)
def test_every_public_enumeration_has_names(path: Path) -> None:
    text = path.read_text()
    public = re.sub(r"^namespace (custfolio::)?detail \{$.*?^\}  // namespace", "", text, flags=re.M | re.S)
    for enumeration in re.findall(r"^ *enum class (\w+)", public, re.M):
        assert re.search(rf"\bto_string\((\w+::)?{enumeration} ", text), f"{enumeration} has no to_string"


@pytest.mark.parametrize("path", [p for p in CPP if p.suffix in (".hpp", ".ipp")], ids=name)
def test_a_header_is_guarded(path: Path) -> None:
    assert re.match(r"(// [^\n]*\n)+#pragma once\n", path.read_text())


def included(path: Path, header_only: bool) -> list[str]:
    """Return the files of the project that a file includes, with a "" where its own declarations stand."""
    files: list[str] = []
    skipped = False
    for line in path.read_text().splitlines():
        if line.startswith("#ifdef CUSTFOLIO_HEADER_ONLY"):
            skipped = not header_only
        elif line.startswith("#endif"):
            skipped = False
        elif include := re.match(r'#include "([^"]+)"', line):
            if not skipped:
                files.append(include.group(1))
        elif line and not line.startswith(("//", "#")) and "" not in files:
            files.append("")
    return files


def undeclared(header: str, header_only: bool) -> list[str]:
    """List the headers that a file needs before their declarations are read, if `header` is included first."""
    seen: set[str] = set()
    waiting: list[str] = []  # files whose declarations come after the includes that are being read
    found: list[str] = []

    def read(file: str) -> None:
        if file in seen:
            if file in waiting and file.endswith(".hpp"):
                found.append(f"{waiting[-1]} needs {file}")
            return
        seen.add(file)
        waiting.append(file)
        for part in included(INCLUDE.parent / file, header_only):
            if part:
                read(part)
            elif file in waiting:
                waiting.remove(file)
        if file in waiting:
            waiting.remove(file)

    read(header)
    return found


@pytest.mark.parametrize("header_only", [False, True], ids=["compiled", "header_only"])
@pytest.mark.parametrize("path", sorted(INCLUDE.rglob("*.hpp")), ids=name)
def test_a_header_can_be_included_first(path: Path, header_only: bool) -> None:
    """Header-only, definitions follow the declarations: they may not include a header that is still being read."""
    assert undeclared(path.relative_to(INCLUDE.parent).as_posix(), header_only) == []


@pytest.mark.parametrize("path", sorted(INCLUDE.rglob("*.ipp")), ids=name)
def test_definitions_are_in_both_targets(path: Path) -> None:
    here = path.relative_to(TOP / "include").as_posix()
    include = f'#include "{here}"'
    assert include in (TOP / "src" / f"{room_of(path)}.cpp").read_text(), "not compiled for custfolio::custfolio"
    blocks = [
        block
        for header in (INCLUDE / room_of(path)).rglob("*.hpp")
        for block in re.findall(r"^#ifdef CUSTFOLIO_HEADER_ONLY\n(.*?)^#endif$", header.read_text(), re.M | re.S)
    ]
    assert sum(include in block.splitlines() for block in blocks) == 1, "not in one header for custfolio::header_only"


@pytest.mark.parametrize("path", CPP, ids=name)
def test_a_cpp_file_says_what_it_is_for(path: Path) -> None:
    assert re.match(r"// \S.*[^\s]$", path.read_text().splitlines()[0])


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_a_python_file_says_what_it_is_for(path: Path) -> None:
    text = path.read_text()
    assert text.startswith("# ") or ast.get_docstring(ast.parse(text))


def test_the_version_is_the_same_everywhere() -> None:
    def find(file: str, pattern: str) -> str:
        found = re.search(pattern, (TOP / file).read_text(), re.M)
        assert found is not None, file
        return found.group(1)

    versions = {
        "pyproject.toml": project()["project"]["version"],
        "CMakeLists.txt": find("CMakeLists.txt", r"^  VERSION ([\d.]+)$"),
        "config.hpp": find("include/custfolio/config.hpp", r'CUSTFOLIO_VERSION "([\d.]+)"'),
        "CITATION.cff": find("CITATION.cff", r"^version: ([\d.]+)$"),
        "CHANGELOG.md": find("CHANGELOG.md", r"^## ([\d.]+)"),
    }
    assert len(set(versions.values())) == 1, versions


def test_tool_versions_are_the_same_in_pre_commit() -> None:
    text = (TOP / ".pre-commit-config.yaml").read_text()
    pinned = dict(pin.split("==") for pin in project()["project"]["optional-dependencies"]["test"] if "==" in pin)
    assert re.findall(r"(?:clang-format|ruff-pre-commit)\n    rev: v([\d.]+)", text) == [
        pinned["clang-format"],
        pinned["ruff"],
    ]


def test_the_package_imports_only_what_it_declares() -> None:
    metadata = project()["project"]
    optional = metadata["optional-dependencies"]
    requirements = [*metadata["dependencies"], *optional["pandas"], *optional["polars"], *optional["spark"]]
    declared = {re.split(r"[^\w-]", requirement)[0].replace("-", "_").lower() for requirement in requirements}
    undeclared = {}
    for path in (TOP / "python").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            modules = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module]
                if isinstance(node, ast.ImportFrom) and node.module and not node.level
                else []
            )
            for module in modules:
                top = module.split(".")[0]
                if top not in sys.stdlib_module_names | declared | {"custfolio", "__future__"}:
                    undeclared[top] = name(path)
    assert not undeclared


def test_the_command_line_is_installed() -> None:
    module, _, function = project()["project"]["scripts"]["custfolio"].partition(":")
    assert module == "custfolio.cli"
    assert function in {
        target.id if isinstance(target, ast.Name) else ""
        for node in ast.parse((TOP / "python/custfolio/cli/__init__.py").read_text()).body
        for target in (
            node.targets if isinstance(node, ast.Assign) else [ast.Name(node.name)] if hasattr(node, "name") else []
        )
    }


def test_the_top_level_has_only_the_folders_of_the_project() -> None:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    tracked = subprocess.run(["git", "ls-files"], cwd=TOP, capture_output=True, text=True, check=False)
    if tracked.returncode != 0:
        pytest.skip("the sources are not a git checkout")
    folders = {line.split("/")[0] for line in tracked.stdout.splitlines() if "/" in line}
    assert folders == {
        ".ci",
        "benchmarks",
        "bindings",
        "cmake",
        "docs",
        "examples",
        "include",
        "python",
        "src",
        "tests",
    }


def test_every_shared_file_ends_with_a_newline_and_has_no_trailing_space() -> None:
    bad = [
        name(path)
        for path in [*CPP, *PYTHON, TOP / "CMakeLists.txt", TOP / "pyproject.toml", *(TOP / "cmake").iterdir()]
        if (text := path.read_text()) and (not text.endswith("\n") or re.search(r"[ \t]$", text, re.M))
    ]
    assert not bad


@pytest.mark.skipif(not (TOP / "python/custfolio/_core.pyi").exists(), reason="no stub yet")
def test_the_stub_is_that_of_the_module(tmp_path: Path) -> None:
    # Only the stub is compared. The package around it, which mypy checks by itself, would be read with all that it imports: most of the time.
    settings = tmp_path / "mypy.ini"
    settings.write_text(f"[mypy]\nmypy_path = {TOP / 'python'}\n[mypy-custfolio]\nfollow_imports = skip\n")
    result = subprocess.run(
        [sys.executable, "-m", "mypy.stubtest", "custfolio._core", "--mypy-config-file", str(settings)],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
