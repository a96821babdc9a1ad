"""Rules of the house that import-linter cannot say, read off the source."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from composefile import ROOT

PACKAGES = ("shared", "services")
MODULES = {str(path.relative_to(ROOT)): ast.parse(path.read_text()) for name in PACKAGES for path in sorted((ROOT / name).rglob("*.py"))}
CORES = sorted(name for name in MODULES if re.match(r"services/[a-z_]+/core(/|\.py)", name))

# What reads a clock, the environment, a file, a network, or chance.
IMPURE_CALLS = {
    *("open", "input", "print", "exec", "eval", "__import__"),
    *(
        "datetime.now",
        "datetime.utcnow",
        "datetime.today",
        "date.today",
        "time.time",
        "time.monotonic",
        "time.sleep",
        "uuid4",
        "uuid1",
        "uuid.uuid4",
    ),
    *("random.random", "random.choice", "random.shuffle", "secrets.token_hex", "urlopen", "urllib.request.urlopen"),
}
IMPURE_METHODS = {"write_text", "write_bytes", "unlink", "mkdir", "touch", "urlopen", "getenv"}
IMPURE_MODULES = {"random", "secrets", "urllib.request", "http.client", "ftplib", "smtplib", "shutil", "glob", "io.open", "uuid"}


def imports(tree: ast.AST) -> Iterator[tuple[str, str, int]]:
    """(module, name, line) of each import; the name is empty in `import module`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((one.name, "", node.lineno) for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, one.name, node.lineno) for one in node.names)


def dotted(node: ast.AST) -> str:
    """`a.b.c` of an expression, empty where it is none."""
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else node.attr
    return node.id if isinstance(node, ast.Name) else ""


def calls(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """(what is called, line)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield dotted(node.func), node.lineno


def test_there_is_a_core_in_every_service_that_thinks() -> None:
    assert {name.split("/")[1] for name in CORES} >= {"scheduler", "fetch", "clean", "tag", "link", "publish", "web"}


@pytest.mark.parametrize("name", CORES)
def test_a_core_reads_no_clock_no_environment_no_file_and_no_chance(name: str) -> None:
    tree = MODULES[name]
    found = [f"{what}() in line {line}" for what, line in calls(tree) if what in IMPURE_CALLS or what.rpartition(".")[2] in IMPURE_METHODS]
    # The class of feedparser's dates is no clock.
    found += [f"{module} in line {line}" for module, what, line in imports(tree) if module == "time" and what != "struct_time"]
    found += [f"{module} in line {line}" for module, _, line in imports(tree) if module in IMPURE_MODULES]
    assert not found, f"{name} is to be pure, data in, data out: {', '.join(found)}"


def environment_reads(tree: ast.AST) -> Iterator[int]:
    """Lines that look at a variable. Passing the whole environment on to a child process is not reading it."""
    for node in ast.walk(tree):
        item = isinstance(node, ast.Subscript) and dotted(node.value) == "os.environ"
        call = isinstance(node, ast.Call) and dotted(node.func) in ("os.environ.get", "os.environ.setdefault", "os.getenv", "getenv")
        if item or call:
            yield node.lineno
    yield from (line for module, name, line in imports(tree) if module == "os" and name in ("environ", "getenv"))


def test_only_the_settings_read_the_environment() -> None:
    found = [f"{name}:{line}" for name, tree in MODULES.items() for line in environment_reads(tree)]
    assert found == [], "settings are read once, in shared/settings.py, and passed as an argument"
    readers = {name for name, tree in MODULES.items() for _, what, _ in imports(tree) if what == "BaseSettings"}
    assert readers == {"shared/settings.py"}


def writes_of(table: str, tree: ast.AST) -> Iterator[int]:
    """Lines that insert, update or delete rows of a table, or make one to be added."""
    names = (table, f"models.{table}")
    sql = re.compile(rf"\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+{table.lower()}\b")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = dotted(node.func)
            verb = called.rpartition(".")[2] in ("insert", "update", "delete")
            if called in names or (verb and node.args and dotted(node.args[0]) in names):
                yield node.lineno
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and sql.search(node.value):
            yield node.lineno


@pytest.mark.parametrize("table", ["Work", "Lease", "Attempt"])
def test_only_the_ledger_writes_its_tables(table: str) -> None:
    # Others read them, to show what flows; migrations make them.
    found = [f"{name}:{line}" for name, tree in MODULES.items() if name != "shared/ledger.py" for line in writes_of(table, tree)]
    assert found == [], f"shared/ledger.py alone writes the table {table}"


def test_a_worker_only_says_which_stages_it_makes() -> None:
    for name in MODULES:
        lines = [line for line in (ROOT / name).read_text().splitlines() if line.strip()]
        if Path(name).name == "worker.py" and "scheduler" not in name:
            assert len(lines) <= 30, f"{name}: a worker only says which stages it makes"


def test_no_module_is_named_after_nothing() -> None:
    assert [name for name in MODULES if Path(name).stem in ("utils", "util", "helpers", "helper", "common", "misc")] == []


def test_no_stage_opens_a_write_transaction() -> None:
    stages = [name for name in MODULES if name.endswith("/stage.py")]
    opens = ("writing", "db.writing", "session.commit", "session.begin")
    assert [f"{name}:{line}" for name in stages for what, line in calls(MODULES[name]) if what in opens] == []
