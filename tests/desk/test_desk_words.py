"""No page of the desk tells of a command or its options."""

import ast
import re
from collections.abc import Iterator

import pytest

from statsbidrag.desk.desk_words import at_the_desk
from statsbidrag.model.case import NEXT_STEP
from tests.support.commands import ROOT

COMMANDS = (
    "run|template|check|explain|status|review|approve|reject|file|claim|relief|repaid|ledger|compare|"
    "package|paper|verify|backup|restore"
)
OF_THE_TERMINAL = re.compile(rf"--[a-z]|statsbidrag (?:{COMMANDS})\b|\bverify\b")


def sentences() -> Iterator[str]:
    """Every sentence of the house, outside the command itself, that tells of a command or an
    option: with something in each of its places."""
    for path in sorted((ROOT / "flows").rglob("*.py")):
        if path.parent.name in {"face", "desk"}:
            continue
        for text in texts(ast.parse(path.read_text("utf-8"))):
            if OF_THE_TERMINAL.search(text) and re.search("[åäö.]", text):
                yield text


def texts(node: ast.AST) -> Iterator[str]:
    """Every text below a node but what documents; of one with places, the whole of it."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.JoinedStr):
        parts = node.values
        yield "".join(p.value if isinstance(p, ast.Constant) else "bidrag-1" for p in parts)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    else:
        for child in ast.iter_child_nodes(node):
            yield from texts(child)


SENTENCES = [
    *sentences(),
    *(words.format(grant="bidrag-1", recipient="myndigheten") for words in NEXT_STEP.values()),
]


def test_there_are_such_sentences() -> None:
    assert len(SENTENCES) > 20


@pytest.mark.parametrize("sentence", SENTENCES)
def test_it_is_said_in_the_desks_words(sentence: str) -> None:
    said = at_the_desk(sentence.replace("{grant}", "bidrag-1"))
    assert not OF_THE_TERMINAL.search(said), said
    assert not re.search(r"  |[.:] *[.:]| [.,]", said), said
