"""What a municipality has filed as a return one level up: taken in as it was filed or not at
all."""

import io
import zipfile
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest

from statsbidrag.base.archive import packed
from statsbidrag.model.findings import Finding
from statsbidrag.model.returns import HIDDEN_TEXT, Return
from statsbidrag.model.rulebook import Rulebook
from statsbidrag.money.results import GrantResult
from statsbidrag.returns import intake, second_reader
from tests.support import packages, planted
from tests.support.packages import NORTH, SOUTH, Files, Json, Unit
from tests.support.rows import rows_in
from tests.support.way import PLANS, Way

FIGURES = "rapport/reconciliation.json"


def read(content: bytes, name: str = "paket.zip") -> Return:
    return intake.read(content, name)


def cells(returned: Return) -> list[tuple[str, object]]:
    """Where each amount of a cost line stands, and what it is."""
    return [(row.cells["amount_sek"].ref, row.cells["amount_sek"].value) for row in returned.costs]


def test_what_is_read_of_a_package() -> None:
    returned = read(packages.package())
    assert (returned.kind, returned.problems, returned.personal_numbers) == ("report", (), ())
    assert {name: (cell.sheet, cell.ref, cell.raw) for name, cell in returned.header.items()} == {
        "grant": (FIGURES, "grant", packages.EQUAL),
        "board": ("beslut/organisation.toml", "namn", "Farsta"),
        "period_end_on": (FIGURES, "period_end", "2023-12-31"),
        "version": ("logg.jsonl", "rad 4", "1"),
        "stated_total_sek": (FIGURES, "city.reported_sek", "591500.90"),
        "stated_repay_sek": (FIGURES, "liability.to_repay_sek", "49999.00"),
        "attested_by": ("logg.jsonl", "rad 3", "Sara Lind"),
        "attested_on": ("logg.jsonl", "rad 3", "2024-01-17"),
    }
    assert cells(returned) == [
        ("areas[0].eligible_sek", Decimal("100000.10")),
        ("areas[1].eligible_sek", Decimal("490000.55")),
        ("ineligible[0].amount_sek", Decimal("1500.25")),
    ]
    assert {row.sheet for row in returned.costs} == {FIGURES}
    reasons = [row.cells["stated_reason"].value for row in returned.costs]
    assert reasons == ["eligible", "eligible", "cost_kind"]
    first, second, third = returned.activities
    assert {name: cell.value for name, cell in first.cells.items()} == {
        "activity": "Grupper",
        "area": packages.AREA,
        "target_area": "Ett tillgängligt stöd",
        "result": "Fler kom.",
        "women_count": 12,
        "men_count": 8,
        "unknown_count": 1,
    }
    words = first.cells["activity"]
    assert (words.sheet, words.ref) == ("rapport/bilaga.xlsx", "Insatser!D2")
    assert set(second.cells) == {"activity", "area", "women_count"}
    assert set(third.cells) == {"activity", "women_count", "men_count", "unknown_count"}
    assert third.cells["activity"].value == "Insatsen på rad 6 i södra.xlsx"


def test_a_package_is_known_by_what_it_holds() -> None:
    assert read(packages.package(), "redovisning.xlsx").kind == "report"
    other = packed([("rapport/reconciliation.json", b"{}"), ("SHA256SUMS", b"")])
    assert [problem.rule_id for problem in read(other, "paket.zip").problems] == ["fil-arkiv"]


def test_a_name_that_no_cell_holds_is_refused() -> None:
    report = packages.report()
    report["areas"][0]["area"] = "x" * 32_768
    returned = read(packages.zipped(packages.files(report)))
    assert [problem.rule_id for problem in returned.problems] == ["text-for-lang"]
    assert returned.costs == ()


def test_without_an_appendix_the_counts_are_there_all_the_same() -> None:
    files = packages.files(bilaga=packages.appendix([]))
    (first, *_) = read(packages.zipped(files)).activities
    assert set(first.cells) == {"activity", "women_count", "men_count", "unknown_count"}


# -- what is not as it was filed -------------------------------------------------------------------


def other(files: Files, name: str, old: str, new: str) -> Files:
    """The files with another text in one of them."""
    text = files[name].decode()
    assert old in text
    return files | {name: text.replace(old, new, 1).encode()}


def without_last(files: Files, lines: int) -> Files:
    """The files with a log that lacks its last lines."""
    kept = files["logg.jsonl"].decode().splitlines(keepends=True)[:-lines]
    return files | {"logg.jsonl": "".join(kept).encode()}


def with_figures(change: Callable[[Json], None]) -> bytes:
    """A package whose log binds to other figures: all of it has been made for them."""
    report = packages.report()
    change(report)
    return packages.zipped(packages.files(report))


def put(*path: Any) -> Callable[[Json], None]:
    """A change of a report: the last of the path is put where the others lead."""

    def change(report: Json) -> None:
        *way, key, value = path
        place: Any = report
        for step in way:
            place = place[step]
        place[key] = value

    return change


def _members(*extra: tuple[zipfile.ZipInfo, bytes]) -> bytes:
    """A package with more in its zip than the program puts there."""
    content = io.BytesIO(packages.package())
    with zipfile.ZipFile(content, "a") as archive:
        for info, part in extra:
            archive.writestr(info, part, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def _link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("rapport/lank")
    info.external_attr = 0o120777 << 16
    return info


FILES = packages.files()
DEEP = b"[" * 100_000 + b"]" * 100_000
REFUSED: Mapping[str, tuple[Callable[[], bytes], str, str]] = {
    "a byte of the figures": (
        lambda: packages.zipped(
            other(FILES, FIGURES, '"490000.55"', '"490000.56"'), packages.sums(FILES)
        ),
        "paket-andrat",
        "filen rapport/reconciliation.json har ändrats",
    ),
    "figures and sums made anew": (
        lambda: packages.zipped(other(FILES, FIGURES, '"490000.55"', '"490000.56"')),
        "paket-andrat",
        "beloppen i rapport/reconciliation.json är inte de som lämnades in",
    ),
    "another day and sums made anew": (
        lambda: packages.zipped(other(FILES, FIGURES, "2024-01-15", "2024-01-16")),
        "paket-andrat",
        "rapport/manifest.json och rapport/reconciliation.json är inte av samma rapport",
    ),
    "a log whose last line is cut off": (
        lambda: packages.zipped(FILES | {"logg.jsonl": FILES["logg.jsonl"][:-20]}),
        "paket-andrat",
        "händelseloggen logg.jsonl är bruten efter rad 4",
    ),
    "a line of the log changed": (
        lambda: packages.zipped(other(FILES, "logg.jsonl", "Sara Lind", "Sara Lund")),
        "paket-andrat",
        "händelseloggen logg.jsonl är bruten efter rad 2",
    ),
    "a log without its end": (
        lambda: packages.zipped(without_last(FILES, 2)),
        "paket-ej-inlamnat",
        "Enligt händelseloggen är den attesterad.",
    ),
    "a log without the line of what was written": (
        lambda: packages.zipped(without_last(FILES, 1)),
        "paket-andrat",
        "filerna i rapport/ är inte de som loggen säger",
    ),
    "an empty log": (
        lambda: packages.zipped(FILES | {"logg.jsonl": b""}),
        "paket-ej-inlamnat",
        "Enligt händelseloggen är den inte ens körd.",
    ),
    "a report that nobody has filed": (
        lambda: packages.zipped(packages.files(steps=packages.STEPS[:2])),
        "paket-ej-inlamnat",
        "attesterad",
    ),
    "a draft": (
        lambda: packages.zipped(packages.files(steps=())),
        "paket-ej-inlamnat",
        "utkast",
    ),
    "a file beside those that are summed": (
        lambda: packages.zipped(FILES | {"mer.txt": b"x"}, packages.sums(FILES)),
        "paket-andrat",
        "filen mer.txt har kommit till",
    ),
    "a package within the package": (
        lambda: packages.zipped(FILES | {"rapport/paket.zip": packages.package()}),
        "paket-andrat",
        "filerna i rapport/ är inte de som loggen säger",
    ),
    "a file taken out": (
        lambda: packages.zipped(
            {name: part for name, part in FILES.items() if name != "rapport/bilaga.xlsx"},
            packages.sums(FILES),
        ),
        "paket-andrat",
        "filen rapport/bilaga.xlsx fattas",
    ),
    "another report's manifest": (
        lambda: packages.zipped(
            other(FILES, "rapport/manifest.json", packages.EQUAL, "annat-bidrag")
        ),
        "paket-andrat",
        "rapport/manifest.json och rapport/reconciliation.json är inte av samma rapport",
    ),
    "other returns than those that were filed": (
        lambda: packages.zipped(other(FILES, "rapport/manifest.json", "1" * 64, "4" * 64)),
        "paket-andrat",
        "filerna i rapport/manifest.json är inte de som den inlämnade rapporten vilar på",
    ),
    "another appendix": (
        lambda: packages.zipped(FILES | {"rapport/bilaga.xlsx": packages.appendix([])}),
        "paket-andrat",
        "filerna i rapport/ är inte de som loggen säger",
    ),
    "another organisation": (
        lambda: packages.zipped(other(FILES, "beslut/organisation.toml", "Farsta", "Bromma")),
        "paket-andrat",
        "filen beslut/organisation.toml är inte den som rapporten vilar på",
    ),
    "an interim report": (
        lambda: packages.zipped(packages.files(packages.report(report="halvtid", final=False))),
        "paket-ej-slutlig",
        "delrapporten halvtid",
    ),
    "a quarter": (
        lambda: packages.zipped(packages.files(packages.report(final=False))),
        "paket-ej-slutlig",
        "en avstämning under året",
    ),
    "another contract": (
        lambda: packages.zipped(packages.files(packages.report(schema=3))),
        "paket-annat-schema",
        "(schema 3)",
    ),
    "figures that are no JSON": (
        lambda: packages.zipped(FILES | {FIGURES: b"{"}),
        "paket-andrat",
        "går inte att läsa",
    ),
    "figures that are too deep": (
        lambda: packages.zipped(FILES | {FIGURES: DEEP}),
        "paket-andrat",
        "går inte att läsa",
    ),
    "an amount as a number": (
        lambda: packages.zipped(other(FILES, FIGURES, '"490000.55"', "490000.55")),
        "paket-andrat",
        "går inte att läsa",
    ),
    "a key that is there twice": (
        lambda: packages.zipped(other(FILES, FIGURES, '"schema": 2', '"schema": 2, "schema": 2')),
        "paket-andrat",
        "går inte att läsa",
    ),
    "boards that are not the city": (
        lambda: with_figures(put("city", "eligible_sek", "590000.66")),
        "paket-gar-inte-ihop",
        "nämndernas berättigade belopp och stadens är 590\u00a0000,65\u00a0kr och 590",
    ),
    "areas that are not the boards": (
        lambda: with_figures(put("areas", 0, "eligible_sek", "100000.11")),
        "paket-gar-inte-ihop",
        "områdenas berättigade belopp",
    ),
    "reasons that are not the board": (
        lambda: with_figures(put("ineligible", 0, "amount_sek", "1500.26")),
        "paket-gar-inte-ihop",
        "skälen till att kostnader inte är berättigade hos Norra",
    ),
    "a board that is not its own sum": (
        lambda: with_figures(put("boards", 0, "reported_sek", "1.00")),
        "paket-gar-inte-ihop",
        "det redovisade hos Norra",
    ),
    "components that are not the board": (
        lambda: with_figures(put("boards", 1, "components", 0, "eligible_sek", "1.00")),
        "paket-gar-inte-ihop",
        "komponenternas berättigade belopp",
    ),
    "allocations that are not the total": (
        lambda: with_figures(put("unallocated_sek", "1.00")),
        "paket-gar-inte-ihop",
        "det beviljade",
    ),
    "more people than were reached": (
        lambda: with_figures(put("gender", "women_count", 48)),
        "paket-gar-inte-ihop",
        "antalet personer",
    ),
    "a count below nothing": (
        lambda: with_figures(put("activities", 0, "women_count", -1)),
        "paket-gar-inte-ihop",
        "något fattas",
    ),
    "more rows than a return may have": (
        lambda: with_figures(put("ineligible", [{"reason": f"{n * n:x}"} for n in range(20_001)])),
        "paket-misstankt",
        "har en lista med fler än 20\u00a0000 rader",
    ),
    "no reasons": (
        lambda: packages.zipped(
            packages.files(packages.report(ineligible="x")),
        ),
        "paket-gar-inte-ihop",
        "något fattas",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_as_it_was_filed_holds_whoever_it_is_from(
    name: str, way: Way, decisions: Rulebook
) -> None:
    make, rule_id, says = REFUSED[name]
    content = make()
    returns = way.take_in({"paket.zip": content}, decisions)
    (finding,) = way.judge(returns, decisions, PLANS[True])
    assert (finding.rule, finding.severity) == (rule_id, "blocking")
    assert says in finding.message
    assert_worded(finding)
    (returned,) = returns
    assert (returned.kind, returned.costs, returned.activities) == ("report", (), ())
    assert not returned.is_opened
    if finding.board:
        (result,) = way.settle(returns, [finding], decisions, PLANS[True])
        rows = {row["board_id"]: row["return_status"] for row in rows_in(result, "board")}
        assert rows[finding.board] == "held"


SUSPECT: Mapping[str, tuple[Callable[[], bytes], str]] = {
    "a name that leads out": (
        lambda: _members((zipfile.ZipInfo("../utanfor"), b"x")),
        "har en fil vars namn leder ut ur paketet",
    ),
    "a whole path": (
        lambda: _members((zipfile.ZipInfo("/etc/passwd"), b"x")),
        "har en fil vars namn leder ut ur paketet",
    ),
    "a link": (lambda: _members((_link(), b"/etc/passwd")), "inte är en vanlig fil"),
    "a bomb": (
        lambda: _members((zipfile.ZipInfo("rapport/bomb"), bytes(61_000_000))),
        "är större än 60\u00a0MB när det är uppackat",
    ),
    "a tight part": (
        lambda: _members((zipfile.ZipInfo("rapport/tat"), bytes(5_000_000))),
        "är packat så tätt",
    ),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", [*SUSPECT, "the same name twice", "too many files"])
def test_a_zip_that_no_program_of_ours_packs_is_not_read(
    name: str, way: Way, decisions: Rulebook
) -> None:
    if name == "the same name twice":
        content, says = _members((zipfile.ZipInfo("logg.jsonl"), b"x")), "med samma namn"
    elif name == "too many files":
        many = {f"underlag/{number}": b"" for number in range(2001)}
        content, says = packages.zipped(FILES | many), "fler än 2\u00a0000 filer"
    else:
        make, says = SUSPECT[name]
        content = make()
    returns = way.take_in({"paket.zip": content}, decisions)
    (finding,) = way.judge(returns, decisions, PLANS[True])
    assert (finding.rule, finding.severity) == ("paket-misstankt", "blocking")
    assert says in finding.message
    assert_worded(finding)


def assert_worded(finding: Finding) -> None:
    for sentence in (finding.message, finding.remedy):
        assert not set("{}") & set(sentence)
        assert "None" not in sentence
        assert sentence.endswith(".")


# -- what is counted -------------------------------------------------------------------------------


def run(way: Way, book: Rulebook, content: bytes, *, is_final: bool = True) -> GrantResult:
    """The result of a run in which one municipality has sent a package."""
    (result,) = way.run({"paket.zip": content}, book, PLANS[is_final])
    return result


def row_of(result: GrantResult) -> Mapping[str, Any]:
    """The row of whoever sent it."""
    (row,) = (row for row in rows_in(result, "board") if row["board_id"] == planted.BOARD)
    return row


def own(result: GrantResult) -> list[str]:
    """The rules of the findings about it."""
    return [one.rule for one in result.findings if one.board == planted.BOARD]


@pytest.mark.parametrize("is_final", [False, True])
def test_the_row_one_level_up_is_what_was_filed(
    is_final: bool, way: Way, decisions: Rulebook
) -> None:
    result = run(way, decisions, packages.package(), is_final=is_final)
    row = row_of(result)
    assert {name: row[name] for name in ("allocated_sek", "reported_sek", "eligible_sek")} == {
        "allocated_sek": Decimal("636208.00"),
        "reported_sek": Decimal("591500.90"),
        "eligible_sek": Decimal("590000.65"),
    }
    assert row["ineligible_sek"] == Decimal("1500.25")
    assert row["liability_sek"] == Decimal("46207.35")
    assert row["wrong_purpose_sek"] == Decimal("1500.25")
    # Two boards there, one here: what the second used too much sets off what the first has left.
    assert own(result) == ["aterbetalning-skiljer"]
    assert row["return_status"] == "accepted_with_warnings"
    (gender,) = rows_in(result, "gender")
    assert (gender["women_count"], gender["men_count"], gender["unknown_count"]) == (47, 14, 1)
    areas = {row["area"]: row["eligible_sek"] for row in rows_in(result, "area")}
    assert areas[packages.AREA] == Decimal("490000.55")
    assert areas["Inget område angivet"] == 0


def test_the_difference_in_what_is_to_be_repaid_is_told_with_both_figures(
    way: Way, decisions: Rulebook
) -> None:
    result = run(way, decisions, packages.package())
    (finding,) = (one for one in result.findings if one.rule == "aterbetalning-skiljer")
    assert (finding.severity, finding.sheet, finding.cells) == (
        "warning",
        FIGURES,
        ("liability.to_repay_sek",),
    )
    assert finding.message == (
        "Farsta har i sin inlämnade rapport räknat fram 49\u00a0999\u00a0kr att återbetala. Här "
        "blir det 46\u00a0207\u00a0kr: tilldelat 636\u00a0208\u00a0kr minus berättigat "
        "590\u00a0000,65\u00a0kr."
    )


def test_what_a_held_board_has_got_is_told_and_not_counted(way: Way, decisions: Rulebook) -> None:
    held = Unit("Södra", Decimal(236_208), {packages.AREA: Decimal(5)}, {}, (), is_held=True)
    result = run(way, decisions, packages.package((NORTH, held)))
    row = row_of(result)
    assert row["eligible_sek"] == Decimal("350000.65")
    (finding,) = (one for one in result.findings if one.rule == "paket-namnd-vantar")
    assert finding.severity == "warning"
    assert "medan Södra väntade på rättelse" in finding.message
    assert "236\u00a0208\u00a0kr" in finding.message
    assert "aterbetalning-skiljer" in own(result)


def test_what_is_below_nothing_in_an_area_and_too_much_in_all_comes_right(
    way: Way, decisions: Rulebook
) -> None:
    units = (
        Unit("Norra", Decimal(400_000), {packages.AREA: Decimal("-10.50")}),
        Unit("Södra", Decimal(236_208), {packages.OTHER_AREA: Decimal("700000.00")}),
    )
    result = run(way, decisions, packages.package(units))
    row = row_of(result)
    assert (row["eligible_sek"], row["overspent_sek"]) == (
        Decimal("699989.50"),
        Decimal("63781.50"),
    )
    assert (row["liability_sek"], row["remaining_sek"]) == (0, Decimal("-63781.50"))


def test_the_same_reason_and_sum_of_two_boards_is_no_double(way: Way, decisions: Rulebook) -> None:
    same = {"ineligible": {"cost_kind": Decimal("10.00")}, "eligible": {packages.AREA: Decimal(1)}}
    units = (Unit("Norra", Decimal(1), **same), Unit("Södra", Decimal(1), **same))
    result = run(way, decisions, packages.package(units))
    assert own(result) == ["aterbetalning-skiljer"]
    assert row_of(result)["ineligible_sek"] == 20


def test_an_area_that_this_level_does_not_know_holds_the_report(
    way: Way, decisions: Rulebook
) -> None:
    unit = Unit("Norra", Decimal(636_208), {"Okänt område": Decimal(100)})
    report = packages.report((unit,))
    report["areas"].append({**report["areas"][0], "area": "Okänt område"})
    for row in report["areas"]:
        row["eligible_sek"] = "100.00" if row["area"] == "Okänt område" else "0.00"
    result = run(way, decisions, packages.zipped(packages.files(report)))
    assert "omrade-okant" in own(result)
    assert row_of(result)["return_status"] == "held"


def test_a_correction_replaces_what_was_filed_before(way: Way, decisions: Rulebook) -> None:
    first = packages.package()
    files = packages.files(packages.report((NORTH,)), earlier=packages.report())
    corrected = packages.zipped(files)
    assert read(corrected).value("version") == 2
    (result,) = way.run({"1.zip": first, "2.zip": corrected}, decisions, PLANS[True])
    outcomes = {row["name"]: row["outcome"] for row in rows_in(result, "manifest")}
    assert outcomes == {"1.zip": "superseded", "2.zip": "counted"}
    assert row_of(result)["eligible_sek"] == Decimal("350000.65")


def test_a_personal_number_is_masked() -> None:
    words = [("norra.xlsx", "Insatser", 6, f"Stöd till {planted.NUMBER}", packages.AREA, None, "")]
    files = packages.files(bilaga=packages.appendix(words), organisation=planted.NUMBER)
    returned = read(packages.zipped(files))
    assert planted.NUMBER not in repr(returned)
    assert returned.activities[0].cells["activity"].value == HIDDEN_TEXT
    assert returned.value("board") == HIDDEN_TEXT
    places = {(place.sheet, place.ref) for place in returned.personal_numbers}
    assert places == {("rapport/bilaga.xlsx", "Insatser!D2"), ("beslut/organisation.toml", "namn")}


# -- a second time ---------------------------------------------------------------------------------


def test_the_second_reader_comes_to_the_same_by_the_boards() -> None:
    content = packages.package((NORTH, SOUTH))
    total = second_reader.total(content, "paket.zip", packages.sha256_of(content), "report")
    assert total == (3, Decimal("591500.90"))


def test_what_the_two_readers_do_not_agree_on_is_held(
    way: Way, decisions: Rulebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    returns = way.take_in({"paket.zip": packages.package()}, decisions)
    recounts = {"paket.zip": (3, Decimal("591500.91"))}
    (doubt,) = second_reader.doubts(returns, [], recounts, decisions, PLANS[True])
    assert (doubt.rule, doubt.board) == ("fil-laser-olika", planted.BOARD)
