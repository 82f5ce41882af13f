"""Workbooks damaged at random, part by part: refused, or read alike by both readers, or else
held."""

import copy
import hashlib
import io
import re
import time
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from xml.etree import ElementTree

import pytest

from statsbidrag.returns import excel, placing, second_reader
from statsbidrag.returns.refusal import RefusedError
from tests.support import planted
from tests.support.way import PLANS

SEEDS = 200
PARTS = ("xl/worksheets/sheet3.xml", "xl/tables/table1.xml", "xl/workbook.xml", "xl/styles.xml")
"""Those that decide what is read are damaged more often."""
ODD = (
    *(
        "",
        "0",
        "-1",
        "A1",
        "A0",
        "XFD1048576",
        "A1:I9",
        "1e5",
        "99999999999",
        "str",
        "s",
        "e",
        "b",
        "d",
        "inlineStr",
    ),
    *(
        "true",
        "veryHidden",
        "Kostnader",
        "#REF!",
        "rId1",
        "rId99",
        "0.00",
        "@",
        "1904",
        "0,5",
        "NaN",
        "INF",
        "１２",
    ),
    *(
        "-0",
        "0x10",
        "1_000",
        "+5",
        " 7 ",
        "\u202e5",
        "1 000,50",
        "TRUE",
        "45292.5",
        "1E+308",
        "125.125",
    ),
)
NAMES = (
    "r",
    "t",
    "s",
    "ref",
    "hidden",
    "totalsRowCount",
    "headerRowCount",
    "date1904",
    "state",
    "name",
    "id",
)


def damaged(chance: Random) -> bytes:
    """The good return with a few elements or attributes of one or two parts gone, doubled, moved or
    odd."""
    with zipfile.ZipFile(io.BytesIO(planted.good())) as archive:
        names = [name for name in archive.namelist() if name.endswith((".xml", ".rels"))]
    chosen = {chance.choice([*names, *PARTS * 4]) for _ in range(chance.choice([1, 1, 2]))}
    return planted.repacked(
        lambda name, part: (name, _damaged_part(part, chance) if name in chosen else part)
    )()


def _damaged_part(part: bytes, chance: Random) -> bytes:
    for prefix, address in re.findall(rb'xmlns:([a-z]+)="([^"]+)"', part):
        ElementTree.register_namespace(prefix.decode(), address.decode())
    root = ElementTree.fromstring(part)
    for _ in range(chance.choice([1, 1, 2, 4])):
        nodes = [(parent, child) for parent in root.iter() for child in parent]
        if not nodes:
            break
        parent, child = chance.choice(nodes)
        name = chance.choice([*child.attrib, *NAMES])
        match chance.randrange(6):
            case 0:
                parent.remove(child)
            case 1:
                parent.insert(chance.randrange(len(parent) + 1), copy.deepcopy(child))
            case 2:
                child.attrib.pop(name, None)
            case 3:
                child.text = chance.choice(ODD)
            case 4:
                child.set(name, chance.choice(ODD))
            case _:
                parent.remove(child)
                chance.choice(list(root.iter())).append(child)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


@pytest.mark.parametrize(
    ("seeds", "outcomes"),
    [
        (range(60), {"refused", "alike", "held"}),
        pytest.param(range(60, SEEDS), {"refused", "alike"}, marks=pytest.mark.long),
    ],
)
def test_a_damaged_workbook_is_refused_or_read_alike_or_held(
    seeds: range, outcomes: set[str], tmp_path: Path
) -> None:
    seen: Counter[str] = Counter()
    for seed in seeds:
        path = tmp_path / f"{seed}.xlsx"
        path.write_bytes(damaged(Random(seed)))
        begun = time.process_time()
        outcome = judged(path)
        assert time.process_time() - begun < 5, seed
        seen[outcome] += 1
    assert outcomes <= seen.keys()


def judged(path: Path) -> str:
    """What becomes of a workbook; raises whatever `read` would have hidden behind "the file is
    broken"."""
    content = path.read_bytes()
    try:
        read = excel.read_workbook(content)
    except RefusedError:
        return "refused"
    returned = placing.identify(replace(read, file=path.name), planted.decided())
    try:
        found = {
            path.name: second_reader.total(path, path.name, hashlib.sha256(content).hexdigest())
        }
    except second_reader.UnreadableError:
        found = {}
    if returned.grant_id not in PLANS[False].periods:
        return "of no grant"
    told = list(second_reader.doubts([returned], [], found, planted.decided(), PLANS[False]))
    assert [(f.rule, f.severity) for f in told] in ([], [("fil-laser-olika", "blocking")])
    return "held" if told else "alike"
