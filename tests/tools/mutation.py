"""Mutation testing of the money: `python -m tests.tools.mutation` makes one small error at a time and
sees a test fail.

Every condition, constant, operator, key and join of the SQL that decides money is made wrong in
turn, and so is the Python that reads, rounds, books and moves amounts. It happens in copies of the
program. In each a worker collects the tests once, and forks a child for each mutant, in which only
the tests that can see it are run: for SQL the spec table of that step, check or rule, and nothing
else; for Python those of its room that run the line, quickest first. A mutant is killed by the
first test that fails, or by never coming to an end; one that all its tests let by is a survivor,
and means that a rule is not written down in any test. SQL that DuckDB can't even bind is no mutant.

A mutant that no test could kill, since it does the same as the program, may be named in
`tests/spec/equivalent.toml` with the reason. It is run all the same: one that is killed was not
equivalent, and stops the run.
"""

import argparse
import ast
import copy
import fnmatch
import gc
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import TYPE_CHECKING

import duckdb
import pytest

from tests.support import spec

if TYPE_CHECKING:
    from _typeshed import TraceFunction

ROOT = Path(__file__).parents[2]
EQUIVALENT = ROOT / "tests" / "spec" / "equivalent.toml"
LEAST_KILLED = 95
"""Per cent of the mutants that are not equivalent."""
SECONDS = 120
"""A child that has not come to an end by then hangs, and its mutant is killed."""


@dataclass(frozen=True)
class Room:
    """Files that decide money, the functions that do it (Python), and the tests that may see
    them."""

    files: str
    tests: tuple[str, ...]
    """Patterns of test ids; `{stem}` is the name of the file."""
    functions: tuple[str, ...] = ("*",)


_OF_CSV = (
    "tests/returns/test_intake.py*csv*",
    "tests/returns/test_intake.py*comma*",
    "tests/returns/test_intake.py*split*",
    "tests/returns/test_intake.py*odd_byte*",
    "tests/money/test_checks.py*in_a_csv*",
    "tests/returns/test_words.py*bare_digits*True*",
)
_OF_CELLS = (
    "tests/returns/test_intake.py*amount*",
    "tests/returns/test_intake.py*day*",
    "tests/returns/test_intake.py*total*",
    "tests/returns/test_intake.py*cell_is*",
    "tests/returns/test_intake.py*cell_may*",
    "tests/returns/test_intake.py*[[]antal*",
    "tests/returns/test_intake.py*[[]belopp*",
    "tests/returns/test_intake.py*[[]datum*",
    "tests/returns/test_intake.py*[[]cell*",
    "tests/returns/test_intake.py*[[]version*",
    "tests/returns/test_intake.py*[[]svar*",
    "tests/returns/test_words.py*bare_digits*False*",
)
_OF_WORKBOOKS = (
    *_OF_CELLS,
    "tests/returns/test_intake.py*[[]kolumn*",
    "tests/returns/test_intake.py*[[]tabell*",
    "tests/returns/test_intake.py*[[]insats*",
    "tests/returns/test_intake.py*lines_that*",
    "tests/returns/test_intake.py*words_below*",
    "tests/returns/test_intake.py*every_cell*",
    "tests/returns/test_intake.py*counted*",
    "tests/returns/test_intake.py*label*",
    "tests/returns/test_intake.py*formula*",
    "tests/returns/test_intake.py*a_sheet*",
    "tests/returns/test_intake.py*table*",
    "tests/returns/test_intake.py*hidden*",
    "tests/returns/test_intake.py*a_name*",
)
_DECLARED = (
    "tests/money/test_money.py*edge*",
    "tests/decisions/test_data.py*broken*",
    "tests/decisions/test_data.py*totals*",
    "tests/decisions/test_data.py*tables*",
    "tests/decisions/test_data.py*terms*",
    "tests/decisions/test_data.py*components*",
    "tests/money/test_ledger.py*term*",
    "tests/money/test_ledger.py*rates*",
    "tests/decisions/test_data.py*readme*",
)
_NOUNS = (
    "tests/money/test_money.py*edge*",
    "tests/decisions/test_data.py*whose_money*",
    "tests/decisions/test_data.py*unit*",
    "tests/decisions/test_data.py*told*",
    "tests/decisions/test_data.py*decision*",
    "tests/decisions/test_data.py*tables*",
    "tests/money/test_money.py*later_decision*",
)
_OF_SMALL_COUNTS = (
    "tests/money/test_hiding.py*",
    "tests/money/test_measure_suppression.py*",
    "tests/money/test_suppression.py*",
)
ROOMS = (
    Room(
        "sql/010_functions.sql",
        (
            "tests/money/test_spec.py*says[[]420_board: *",
            "tests/money/test_spec.py*says[[]435_outlook: *",
            "tests/money/test_spec.py*says[[]305_part_year: *",
            "tests/money/test_spec.py*says[[]549_answered: *",
            "tests/money/test_spec.py*says[[]551_booking: *",
            "tests/money/test_spec.py*says[[]553_voucher: *",
            "tests/money/test_spec.py*says[[]559_elsewhere: *",
            "tests/money/test_spec.py*says[[]560_credited: *",
            "tests/money/test_spec.py*says[[]rules/samma-bokning-i-tva-bidrag: *",
        ),
    ),
    Room("sql/10[1-9]_*.sql", ("tests/money/test_spec.py*says[[]{stem}: *",)),
    Room("sql/[1-9][1-9]*.sql", ("tests/money/test_spec.py*says[[]{stem}: *",)),
    Room("sql/30[1-9]_*.sql", ("tests/money/test_spec.py*says[[]{stem}: *",)),
    Room("sql/checks/*.sql", ("tests/money/test_spec.py*says[[]checks/{stem}: *",)),
    Room("sql/rules/*.sql", ("tests/money/test_spec.py*says[[]rules/{stem}: *",)),
    Room(
        "flows/base/swedish.py",
        ("tests/base/test_swedish.py*", "tests/money/test_money.py*edge_of_a_tidied*"),
        ("tidy", "_is_blank", "_is_visible", "key", "parse_*", "number", "kr", "percent"),
    ),
    Room(
        "flows/returns/cell_reading.py",
        (*_OF_CSV, *_OF_CELLS, "tests/base/test_swedish.py*"),
        (
            "read_cell",
            "_shown",
            "_amount",
            "_checked_amount",
            "_csv_amount",
            "_day",
            "_csv_day",
            "_count",
        ),
    ),
    Room(
        "flows/returns/excel.py",
        _OF_WORKBOOKS,
        (
            "cell",
            "header",
            "_named",
            "_destinations",
            "_labelled",
            "table",
            "_tables",
            "_headed",
            "_columns",
        ),
    ),
    Room(
        "flows/returns/csv_file.py",
        _OF_CSV,
        (
            "add",
            "read_csv",
            "_header_names",
            "_header",
            "_other_than_first",
            "_costs",
            "_decoded",
            "_broken_word",
            "_refused_at",
            "_split",
            "_filled_width",
            "_with_headers",
            "_has_decimal_comma",
        ),
    ),
    Room(
        "flows/returns/second_reader.py",
        (
            "tests/money/test_money.py*second_reader*",
            "tests/money/test_checks.py*in_a_csv*",
            "tests/money/test_checks.py*any_csv*",
            "tests/money/test_checks.py*in_a_workbook*",
            "tests/money/test_checks.py*not_counted*",
            "tests/money/test_checks.py*no_error*",
            "tests/money/test_checks.py*second_reader*",
            "tests/money/test_checks.py*second_reads_alike[[]belopp*",
            "tests/money/test_checks.py*no_amount*",
            "tests/money/test_checks.py*standard_error*",
            "tests/returns/test_hostile.py*two_sums*",
            "tests/returns/test_hostile.py*comes_to_harm*",
            "tests/returns/test_hostile.py*are_compared*",
        ),
    ),
    Room("flows/documents/second_proof.py", ("tests/money/test_checks.py*report*",)),
    Room(
        "flows/money/repayment.py",
        (
            "tests/money/test_ledger.py*refused*",
            "tests/money/test_ledger.py*filed*",
            "tests/money/test_ledger.py*whole_life*",
            "tests/money/test_ledger.py*held*",
            "tests/money/test_ledger.py*earmarked*",
            "tests/money/test_ledger.py*told_apart*",
            "tests/money/test_ledger.py*taken_back*",
            "tests/money/test_ledger.py*rate*",
            "tests/money/test_ledger.py*no_interest*",
            "tests/money/test_ledger.py*half_year*",
            "tests/money/test_money.py*edge*ledger*",
            "tests/money/test_ledger.py*by_hand*",
            "tests/year/test_overview.py*boards_owe*",
        ),
    ),
    Room(
        "flows/money/redistribution.py",
        ("tests/money/test_money.py*edge*move*", "tests/money/test_redistribution.py*"),
    ),
    Room("flows/money/hiding.py", _OF_SMALL_COUNTS),
    Room("flows/money/measure_suppression.py", _OF_SMALL_COUNTS),
    Room("flows/money/suppression.py", _OF_SMALL_COUNTS),
    Room(
        "flows/money/breaches.py",
        (
            "tests/money/test_checks.py*names_figure*",
            "tests/money/test_checks.py*tampered_with_is_named*",
        ),
        ("_table_of", "sentence", "_label", "_written"),
    ),
    Room(
        "flows/decisions/declaration.py",
        _DECLARED,
        ("_exact", "_percent", "_begins_a_half_year", "_each_once_and_never_below_zero"),
    ),
    Room("flows/decisions/data_folder.py", _DECLARED, ("_reference_rates",)),
    Room("flows/decisions/plans.py", _DECLARED),
    Room("flows/decisions/recipients.py", _DECLARED, ("predecessors_of",)),
    Room(
        "flows/decisions/grants.py",
        _DECLARED,
        ("grant_of", "_components", "_decisions", "_interest"),
    ),
    Room("flows/decisions/terms.py", _DECLARED, ("flag_limits",)),
    Room("flows/returns/waivers.py", _DECLARED),
    Room("flows/model/decisions.py", _NOUNS, ("allocations_on", "named_on", "allocated_on")),
    Room("flows/model/boards.py", _NOUNS, ("allocated_sek",)),
    Room("flows/model/findings.py", _NOUNS, ("severity_in",)),
    Room(
        "flows/model/rulebook.py",
        _NOUNS,
        ("to_on", "heirs", "unit_of", "units", "counts_under", "assignment", "holder"),
    ),
)


@dataclass(frozen=True)
class Mutant:
    """One change of a file: from one place in its text to another there is something else."""

    file: str
    line: int
    start: int
    end: int
    old: str
    new: str
    at: str
    """The line as it stands."""

    @property
    def change(self) -> str:
        """What was changed, in one line."""
        return " ".join(f"{self.old or '(nothing)'} → {self.new or '(nothing)'}".split())

    @property
    def place(self) -> str:
        """Where it is and what was changed."""
        return f"{self.file}:{self.line}: {self.change}   in: {self.at}"

    def of(self, text: str) -> str:
        """The file's text with the change made."""
        return text[: self.start] + self.new + text[self.end :]


# -- SQL -------------------------------------------------------------------------------------------

Edit = tuple[int, int, str]
"""From, to and what stands there instead; places in a text."""

_TOKEN = re.compile(r"--[^\n]*|'(?:[^']|'')*'|\d+(?:\.\d+)?|\w+|<>|<=|>=|//|::|\S")
_OTHER: Mapping[str, tuple[str, ...]] = {
    "=": ("<>",),
    "<>": ("=",),
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "+": ("-",),
    "-": ("+",),
    "*": ("+",),
    "//": ("*",),
    "AND": ("OR",),
    "OR": ("AND",),
    "NOT": ("",),
    "TRUE": ("FALSE",),
    "FALSE": ("TRUE",),
    "LEFT": ("INNER",),
}
_OTHER_FUNCTION = {
    "sum": "max",
    "max": "min",
    "min": "max",
    "bool_or": "bool_and",
    "bool_and": "bool_or",
    "greatest": "least",
    "least": "greatest",
    "arg_min": "arg_max",
    "arg_max": "arg_min",
    "max_by": "min_by",
    "rank": "row_number",
    "row_number": "rank",
    "lead": "lag",
    "round": "floor",
    "floor": "ceil",
    "abs": "",
    "sign": "abs",
}
_BEFORE_A_SIGN = {"THEN", "ELSE", "SELECT", "WHEN", "(", ",", ".", "+", "-"}
"""What a minus follows when it is a sign, and a star when it is all columns."""


class _Sql:
    """A query as tokens, and the edits that make it wrong."""

    def __init__(self, text: str) -> None:
        found = [m for m in _TOKEN.finditer(text) if not m[0].startswith("--")]
        self.text, self.spans = text, [m.span() for m in found]
        self.words = [m[0] if m[0].startswith("'") else m[0].upper() for m in found]
        self.closing: dict[int, int] = {}
        opened: list[int] = []
        for n, word in enumerate(self.words):
            if word in {"(", "["}:
                opened.append(n)
            elif word in {")", "]"}:
                self.closing[opened.pop()] = n

    def word(self, n: int) -> str:
        return self.words[n] if 0 <= n < len(self.words) else ""

    def edit(self, first: int, last: int, new: str) -> Edit:
        return self.spans[first][0], self.spans[last][1], new

    def edits(self) -> Iterator[Edit]:  # noqa: PLR0912 - a case for each kind of word
        for n, word in enumerate(self.words):
            between = "BETWEEN" in self.words[max(0, n - 4) : n]
            match self.word(n - 1), word, self.word(n + 1):
                case _, "FULL", _:
                    yield from (self.edit(n, n + 1, kind) for kind in ("LEFT", "RIGHT"))
                case "NULLS", "FIRST", _:
                    yield self.edit(n, n, "LAST")
                case before, "*", _ if before in _BEFORE_A_SIGN:
                    pass
                case before, "-", _ if before in _BEFORE_A_SIGN:
                    yield self.edit(n, n, "")
                case _, "BETWEEN", _:
                    yield self.edit(n, n, "BETWEEN 1 +")
                case _, "AND", _ if between:
                    yield self.edit(n, n, "AND -1 +")
                case _, "IS", after if after != "NOT":
                    yield self.edit(n, n, "IS NOT")
                case before, "EXISTS" | "IN", "(" if before != "NOT":
                    yield self.edit(n, n, f"NOT {word}")
                case before, "DISTINCT", _ if before not in {"IS", "NOT"}:
                    yield self.edit(n, n, "")
                case _, "WHEN", _:
                    yield from self._cases(n)
                case (_, "USING", _) | ("PARTITION", "BY", _):
                    yield from self._keys(n)
                case "ORDER", "BY", _:
                    yield from self._orders(n)
                case _ if word in _OTHER:
                    yield from (self.edit(n, n, other) for other in _OTHER[word])
                case _ if word.startswith("'"):
                    yield self.edit(n, n, f"{word[:-1]}?'")
                case "SELECT", _, "FROM":
                    pass  # what EXISTS selects is nothing
                case _ if word[0].isdigit() and "DECIMAL" not in self.words[max(0, n - 4) : n]:
                    yield from (self.edit(n, n, _moved(word, step)) for step in (1, -1))
                case _, _, "(":
                    yield from self._calls(n, word.lower())

    def _calls(self, n: int, name: str) -> Iterator[Edit]:
        picks_the_only_one = name == "max" and self.words[n + 2] == "CASE"
        if name in _OTHER_FUNCTION and not picks_the_only_one:
            yield self.edit(n, n, _OTHER_FUNCTION[name])
        if name == "coalesce":
            *_, (first, last) = self._parts(n + 2, self.closing[n + 1])
            yield self.edit(first, last, "NULL")
        if name == "count" and self.words[n + 2] not in {"*", "DISTINCT"}:
            yield self.edit(n + 2, self.closing[n + 1] - 1, "*")

    def _cases(self, n: int) -> Iterator[Edit]:
        """A branch is never taken, or always."""
        depth, opened = 0, n
        while depth or self.words[opened] != "CASE":
            opened -= 1
            depth += {"END": 1, "CASE": -1 if depth else 0}.get(self.words[opened], 0)
        last = n
        while depth or self.words[last + 1] != "THEN":
            last += 1
            depth += {"CASE": 1, "END": -1}.get(self.words[last], 0)
        is_searched = self.words[opened + 1] == "WHEN"
        for other in ("FALSE", "TRUE") if is_searched else ("NULL",):
            yield self.edit(n + 1, last, other)

    def _keys(self, n: int) -> Iterator[Edit]:
        """A key is left out."""
        is_listed = self.words[n] == "USING"
        parts = list(
            self._parts(n + 1 + is_listed, self.closing[n + 1] if is_listed else self._end(n + 1))
        )
        if len(parts) == 1 and not is_listed:
            yield self.edit(n - 1, parts[0][1], "")
        for (first, last), follows in zip(parts, [*parts[1:], None], strict=True):
            if follows:
                yield self.spans[first][0], self.spans[follows[0]][0], ""
            elif len(parts) > 1:
                yield self.edit(first - 1, last, "")

    def _orders(self, n: int) -> Iterator[Edit]:
        """The order is turned around, key by key."""
        for _, end in self._parts(n + 1, self._end(n + 1)):
            last = end - 2 if self.words[end - 1] == "NULLS" else end
            place = self.spans[last][1]
            yield (
                self.edit(last, last, "") if self.words[last] == "DESC" else (place, place, " DESC")
            )

    def _end(self, n: int) -> int:
        """Where a clause within parentheses ends."""
        while self.words[n] not in {")", "ORDER", "ROWS"}:
            n = self.closing.get(n, n) + 1
            if self.words[n - 1] == "CASE":
                n = self.words.index("END", n) + 1
        return n

    def _parts(self, n: int, end: int) -> Iterator[tuple[int, int]]:
        """First and last token of each part between commas."""
        first = n
        while n < end:
            if self.words[n] == ",":
                yield first, n - 1
                first = n + 1
            n = self.closing.get(n, n) + 1
        yield first, end - 1


def _moved(number: str, step: int) -> str:
    """A number with one more or one less in its first or last place before the decimals."""
    whole, dot, decimals = number.partition(".")
    return (
        f"({int(whole) + step}{dot}{decimals})"
        if int(whole) + step >= 0 or not dot
        else f"(-{number})"
    )


# -- Python ----------------------------------------------------------------------------------------

_OTHER_NODE: Mapping[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
}
_OTHER_NAME = {
    "min": "max",
    "max": "min",
    "sum": "max",
    "any": "all",
    "all": "any",
    "ROUND_HALF_UP": "ROUND_HALF_EVEN",
}


def _python_edits(text: str, functions: Sequence[str]) -> Iterator[Edit]:
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    lines = text.splitlines()

    def place(line: int, column: int) -> int:
        return starts[line - 1] + len(lines[line - 1].encode()[:column].decode())

    for outer in _functions(ast.parse(text).body, functions):
        for node in _inside(outer):
            for old, new in [*((node, other) for other in _others(node)), *_turned(node)]:
                assert isinstance(old, ast.expr | ast.stmt)
                start = place(old.lineno, old.col_offset)
                end = place(old.end_lineno or old.lineno, old.end_col_offset or old.col_offset)
                yield (
                    start,
                    end,
                    ast.unparse(new) if isinstance(new, ast.stmt) else f"({ast.unparse(new)})",
                )


def _functions(body: Iterable[ast.stmt], wanted: Sequence[str]) -> Iterator[ast.FunctionDef]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _functions(node.body, wanted)
        elif isinstance(node, ast.FunctionDef) and any(
            fnmatch.fnmatch(node.name, name) for name in wanted
        ):
            yield node


def _inside(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """What is done in a function: neither its signature and words, nor text that is put
    together."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.JoinedStr | ast.Raise) or (
            isinstance(node, ast.Expr) and _is_text(node.value)
        ):
            continue
        yield node
        annotation = getattr(node, "annotation", None)
        waiting += [part for part in ast.iter_child_nodes(node) if part is not annotation]


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _others(node: ast.AST) -> Iterator[ast.AST]:
    """What may stand in a node's place."""
    match node:
        case ast.Compare(ops=ops, comparators=compared):
            for n, op in enumerate(ops):
                for other in _OTHER_NODE.get(type(op), ()):
                    yield _with(node, ops=[*ops[:n], other(), *ops[n + 1 :]])
            for n, side in enumerate(compared):
                if isinstance(side, ast.Constant) and isinstance(side.value, str):
                    yield _with(
                        node,
                        comparators=[
                            *compared[:n],
                            ast.Constant(side.value + "?"),
                            *compared[n + 1 :],
                        ],
                    )
        case ast.BoolOp(op=op) | ast.BinOp(op=op):
            yield from (_with(node, op=other()) for other in _OTHER_NODE.get(type(op), ()))
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield node.operand
        case ast.Constant(value=int() as value):
            yield from map(
                ast.Constant, [not value] if isinstance(value, bool) else [value + 1, value - 1]
            )
        case ast.Name(id=name) if name in _OTHER_NAME:
            yield ast.Name(_OTHER_NAME[name])
        # None for False is told apart by nobody who asks whether it is so.
        case ast.Return(value=ast.expr() as value) if ast.unparse(value) not in {"None", "False"}:
            yield ast.Return(ast.Constant(None))
        case ast.Continue():
            yield ast.Break()


def _turned(node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """The conditions of a node that compare nothing, and their opposites."""
    match node:
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            tests = [test]
        case ast.comprehension(ifs=ifs):
            tests = ifs
        case _:
            tests = []
    bare = ast.Name | ast.Attribute | ast.Subscript | ast.Call | ast.NamedExpr
    return ((test, ast.UnaryOp(ast.Not(), test)) for test in tests if isinstance(test, bare))


def _with(node: ast.AST, **changes: object) -> ast.AST:
    changed = copy.copy(node)
    for name, value in changes.items():
        setattr(changed, name, value)
    return changed


# -- the mutants -----------------------------------------------------------------------------------


def room_of(file: str) -> Room:
    """Where a file belongs."""
    return next(
        room
        for room in ROOMS
        if fnmatch.fnmatch(file, room.files) and file.count("/") == room.files.count("/")
    )


def mutants() -> Iterator[Mutant]:
    """Every mutant of every room, file by file."""
    for room in ROOMS:
        for path in sorted(ROOT.glob(room.files)):
            yield from mutants_of(
                path.relative_to(ROOT).as_posix(), path.read_text("utf-8"), room.functions
            )


def mutants_of(file: str, text: str, functions: Sequence[str] = ("*",)) -> Iterator[Mutant]:
    """Every mutant of one file, from its beginning to its end."""
    edits = _Sql(text).edits() if file.endswith(".sql") else _python_edits(text, functions)
    for start, end, new in sorted(set(edits)):
        line = text.count("\n", 0, start) + 1
        at = text.splitlines()[line - 1].strip()
        yield Mutant(file, line, start, end, text[start:end], new, at)


# -- the worker ------------------------------------------------------------------------------------

KILLED, SURVIVED, NONE = "killed", "survived", "no mutant"


class Hunt:
    """Pytest's loop: instead of running the tests once, it runs some of them for each mutant, each
    time in a child."""

    def __init__(self, asked: Sequence[Mutant], told: int) -> None:
        self.asked, self.told = asked, told
        self._runs: dict[str, list[Run]] = {}

    def pytest_configure(self) -> None:
        from hypothesis import Phase, settings

        settings.register_profile(
            "mutation",
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.explicit, Phase.generate],
        )
        settings.load_profile("mutation")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:

        spec.types()  # as the right steps make them
        for mutant in self.asked:
            path = ROOT / mutant.file
            right = path.read_text("utf-8")
            chosen = self._chosen(mutant, session)
            path.write_text(mutant.of(right), encoding="utf-8")
            child = os.fork()
            if not child:
                signal.alarm(SECONDS)
                verdict = 3
                try:
                    verdict = self._verdict(mutant, right, chosen)
                finally:
                    os._exit(verdict)
            _, status = os.waitpid(child, 0)
            path.write_text(right, encoding="utf-8")
            verdicts = {0: SURVIVED, 2: NONE}
            os.write(
                self.told, f"{verdicts.get(os.waitstatus_to_exitcode(status), KILLED)}\n".encode()
            )
        return True

    def _chosen(self, mutant: Mutant, session: pytest.Session) -> list[pytest.Item]:
        """The tests that can see a mutant: in Python those that run its lines, the quickest
        first."""
        patterns = [test.format(stem=Path(mutant.file).stem) for test in room_of(mutant.file).tests]
        chosen = [
            item
            for test in patterns
            for item in session.items
            if fnmatch.fnmatch(item.nodeid, test)
        ]
        if mutant.file.endswith(".sql"):
            return chosen
        if mutant.file not in self._runs:
            self._runs[mutant.file] = [_run_of(item, mutant.file) for item in dict.fromkeys(chosen)]
        lines = set(range(mutant.line, mutant.line + mutant.old.count("\n") + 1))
        runs = sorted(self._runs[mutant.file], key=lambda run: run.seconds)
        # A constant that is folded into another has no line of its own: it is tried with all.
        return [run.item for run in runs if run.lines & lines] or [run.item for run in runs]

    def _verdict(self, mutant: Mutant, right: str, chosen: Sequence[pytest.Item]) -> int:
        if mutant.file.endswith(".sql"):
            if not _binds(mutant.of(right)):
                return 2
        else:
            _swap(right, mutant.of(right))
        for item, follows in pairwise([*chosen, None]):
            assert item
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=follows)
            if item.session.testsfailed:
                return 1
        return 0


@dataclass(frozen=True)
class Run:
    """What a test takes, and the lines of a file that it runs."""

    item: pytest.Item
    seconds: float
    lines: frozenset[int]


def _run_of(item: pytest.Item, file: str) -> Run:
    """Run a test of the right program in a child, so that it finds nothing that another test has
    left.

    Raises RuntimeError when it fails.
    """
    receiving, sending = os.pipe()
    child = os.fork()
    if not child:
        try:
            lines: set[int] = set()
            _trace(file, lines)
            began = time.monotonic()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            seconds = time.monotonic() - began
            sys.settrace(None)
            with os.fdopen(sending, "w") as told:
                json.dump(
                    {
                        "seconds": seconds,
                        "lines": sorted(lines),
                        "failed": item.session.testsfailed,
                    },
                    told,
                )
        finally:
            os._exit(0)
    os.close(sending)
    with os.fdopen(receiving) as heard:
        run = json.load(heard)
    os.waitpid(child, 0)
    if run["failed"]:
        raise RuntimeError(f"{item.nodeid} fails for the right program")
    return Run(item, run["seconds"], frozenset(run["lines"]))


def _trace(file: str, lines: set[int]) -> None:
    """Note from here on each line of a file that is run, in every thread."""

    @cache
    def is_asked_for(name: str) -> bool:
        return Path(name).resolve() == ROOT / file

    def note(frame: FrameType, event: str, _: object) -> "TraceFunction":
        if event == "line":
            lines.add(frame.f_lineno)
        return note

    def enter(frame: FrameType, _event: str, _: object) -> "TraceFunction | None":
        return note if is_asked_for(frame.f_code.co_filename) else None

    threading.settrace(enter)
    sys.settrace(enter)


def _binds(query: str) -> bool:

    try:
        with spec.empty(query) as con:
            con.execute(query if "CREATE" in query else f"DESCRIBE {query}")
    except (duckdb.BinderException, duckdb.ParserException, duckdb.CatalogException):
        return False
    return True


def _swap(right: str, wrong: str) -> None:
    """Give every function that was made of the right text the code that the wrong text has in its
    place."""
    swapped = dict(
        zip(*(_codes(compile(text, "", "exec")) for text in (right, wrong)), strict=True)
    )
    for found in gc.get_objects():
        if isinstance(found, FunctionType) and found.__code__ in swapped:
            found.__code__ = swapped[found.__code__]


def _codes(code: CodeType) -> Iterator[CodeType]:
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield part
            yield from _codes(part)


def work() -> None:
    """A worker's life: mutants are read as JSON from stdin, and a verdict is written for each, a
    line each."""
    asked = [Mutant(**row) for row in json.load(sys.stdin)]
    told = os.dup(1)
    os.dup2(os.open("worker.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), 1)
    os.dup2(1, 2)
    tests = {test.partition("*")[0] for mutant in asked for test in room_of(mutant.file).tests}
    pytest.main(
        [
            "-q",
            "--tb=no",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:xdist",
            *sorted(tests | {"tests/money/test_spec.py"}),
        ],
        plugins=[Hunt(asked, told)],
    )


# -- the command -----------------------------------------------------------------------------------


def hunt(asked: Sequence[Mutant], jobs: int) -> list[str]:
    """The verdict on each mutant, in their order. Raises RuntimeError when a worker stops before
    its end."""
    verdicts: dict[int, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        watched = []
        for job in range(jobs):
            place = Path(folder) / str(job)
            _copy(place)
            worker = subprocess.Popen(
                [sys.executable, "-c", "from tests.tools.mutation import work; work()"],
                cwd=place,
                env=os.environ | {"PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            assert worker.stdin
            json.dump([asdict(mutant) for mutant in asked[job::jobs]], worker.stdin)
            worker.stdin.close()
            watched.append(
                threading.Thread(
                    target=_listen, args=(worker, list(enumerate(asked))[job::jobs], verdicts)
                )
            )
            watched[-1].start()
        for thread in watched:
            thread.join()
        logs = [log.read_text("utf-8")[-2000:] for log in sorted(Path(folder).glob("*/worker.log"))]
    if len(verdicts) < len(asked):
        raise RuntimeError("a worker stopped: " + "\n".join(logs))
    return [verdicts[n] for n in range(len(asked))]


def _listen(
    worker: "subprocess.Popen[str]", share: Iterable[tuple[int, Mutant]], verdicts: dict[int, str]
) -> None:
    """Note a worker's verdicts; a survivor is told at once to whoever waits."""
    with worker:
        for (number, mutant), line in zip(share, worker.stdout or (), strict=False):
            verdicts[number] = line.strip()
            if verdicts[number] == SURVIVED:
                print(f"{len(verdicts)}: {mutant.place}", file=sys.stderr, flush=True)


def _copy(place: Path) -> None:
    """The program and its tests as a package that stands in front of the installed one."""
    place.mkdir()
    for name in ("flows", "sql", "expectations", "reports", "data", "tests"):
        shutil.copytree(
            ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__", "inbox")
        )
    shutil.copy(ROOT / "pyproject.toml", place)
    (place / "statsbidrag").symlink_to("flows")
    for name in ("sql", "expectations", "reports"):
        (place / "flows" / name).symlink_to(Path("..") / name)


def equivalents() -> dict[tuple[str, str, str], str]:
    """File, line as it stands and change -> why no test can tell."""
    rows = tomllib.loads(EQUIVALENT.read_text("utf-8"))["equivalent"]
    return {(row["file"], row["at"], row["change"]): row["why"] for row in rows}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--only", default="*", help="files whose name fits a pattern, such as 'sql/checks/*'"
    )
    parser.add_argument("--sample", type=int, help="so many mutants, drawn")
    parser.add_argument("--seed", type=int, default=1, help="of the draw")
    parser.add_argument("--jobs", type=int, default=2, help="workers at a time")
    asked = parser.parse_args()
    found = [mutant for mutant in mutants() if fnmatch.fnmatch(mutant.file, asked.only)]
    if asked.sample:
        drawn = random.Random(asked.seed).sample(range(len(found)), min(asked.sample, len(found)))
        found = [found[n] for n in sorted(drawn)]
    return report(
        found,
        hunt(found, asked.jobs),
        equivalents(),
        is_whole=asked.only == "*" and not asked.sample,
    )


def report(
    found: Sequence[Mutant],
    verdicts: Sequence[str],
    known: Mapping[tuple[str, str, str], str],
    *,
    is_whole: bool = False,
) -> int:
    """Print a row for each file, the survivors and the score; 1 when it is too low or an equivalent
    is none."""
    counts: dict[str, Counter[str]] = {}
    lines, wrong = [], []
    missing = dict(known) if is_whole else {}
    for mutant, verdict in zip(found, verdicts, strict=True):
        place = (mutant.file, mutant.at, mutant.change)
        missing.pop(place, None)
        is_same = place in known and verdict == SURVIVED
        counts.setdefault(mutant.file, Counter())["equivalent" if is_same else verdict] += 1
        if verdict == SURVIVED and not is_same:
            lines.append(mutant.place)
        if verdict == KILLED and place in known:
            wrong.append(f"{mutant.place}   is named as equivalent, but a test fails for it")
    wrong += [f"{': '.join(place)}   is named as equivalent, but is no mutant" for place in missing]
    everything = sum(counts.values(), Counter[str]())
    columns = (KILLED, SURVIVED, "equivalent")
    print(f"{'':48}", *(f"{title:>11}" for title in ("mutants", *columns)))
    for name, counted in [*counts.items(), ("all", everything)]:
        row = [counted[column] for column in columns]
        print(f"{name:48}", *(f"{number:>11}" for number in (sum(row), *row)))
    print(*lines, *wrong, sep="\n")
    killed, judged = everything[KILLED], everything[KILLED] + everything[SURVIVED]
    print(f"{killed} of {judged} killed, {100 * killed / max(1, judged):.1f} per cent")
    return 1 if wrong or 100 * killed < LEAST_KILLED * judged else 0


if __name__ == "__main__":
    sys.exit(main())
