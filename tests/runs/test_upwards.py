"""One level up: what the city has filed is what an agency counts with, to the öre."""

import json
import zipfile
from decimal import Decimal
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests import example_city
from tests.example import CRIME, EQUAL
from tests.support import agency
from tests.support.commands import call_here, run_here, server

__all__ = ["server"]
pytestmark = pytest.mark.usefixtures("server")
Json = dict[str, Any]
AS_OF = "2024-02-15"
FIGURES = "rapport/reconciliation.json"


@pytest.fixture(scope="module")
def filed(server: None, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The package of each grant that the city has filed."""
    with pytest.MonkeyPatch.context() as patched:

        def command(moment: str, *arguments: str) -> CompletedProcess[str]:
            patched.setenv("SOURCE_DATE_EPOCH", moment)
            name, *others = arguments
            return run_here(*others) if name == "run" else call_here(*arguments)

        made = example_city.packages(tmp_path_factory.mktemp("city"), command=command)
    return dict(zip(example_city.GRANTS, made, strict=True))


@pytest.fixture(scope="module")
def upwards(filed: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the agency's final run writes, when the city's packages have come."""
    folder = tmp_path_factory.mktemp("agency")
    inbox = folder / "in"
    for grant_id, package in filed.items():
        (inbox / grant_id).mkdir(parents=True)
        (inbox / grant_id / package.name).write_bytes(package.read_bytes())
    places = ("--returns", str(inbox), "--out", str(folder / "out"))
    data = ("--data", str(agency.data(folder)))
    done = run_here("--final", "--by", "Kim Kör", "--as-of", AS_OF, *places, *data)
    assert done.returncode == 3, done.stderr  # two municipalities have sent nothing
    return folder / "out"


def of_city(package: Path) -> Json:
    """The figures that the city has filed."""
    with zipfile.ZipFile(package) as archive:
        figures: Json = json.loads(archive.read(FIGURES))
    return figures


def written(out: Path, grant_id: str, name: str = "reconciliation.json") -> Any:
    """What the agency's report says."""
    return json.loads((out / grant_id / "slutlig" / name).read_text("utf-8"))


@pytest.mark.parametrize("grant_id", [EQUAL, CRIME])
def test_the_citys_row_is_its_own_figures(
    grant_id: str, filed: dict[str, Path], upwards: Path
) -> None:
    city, above = of_city(filed[grant_id]), written(upwards, grant_id)
    (row,) = (row for row in above["boards"] if row["board"] == agency.CITY_ID)
    assert Decimal(row["allocated_sek"]) == agency.ALLOCATED[grant_id][agency.CITY]
    assert row["allocated_sek"] == city["total_sek"]
    for name in ("reported_sek", "eligible_sek", "ineligible_sek"):
        assert row[name] == city["city"][name]
    left = Decimal(city["total_sek"]) - Decimal(city["city"]["eligible_sek"])
    assert Decimal(row["remaining_sek"]) == Decimal(row["liability_sek"]) == left
    assert row["return_status"] == "accepted_with_warnings"
    for name in ("women_count", "men_count", "unknown_count", "activity_count"):
        assert above["gender"][name] == city["gender"][name]
    areas = {row["area"]: row for row in above["areas"]}
    for row in city["areas"]:
        for name in ("eligible_sek", "women_count", "men_count", "unknown_count"):
            assert areas[row["area"]][name] == row[name]
    reasons: dict[str, Decimal] = {}
    for row in city["ineligible"]:
        reasons[row["reason"]] = reasons.get(row["reason"], Decimal(0)) + Decimal(row["amount_sek"])
    assert {row["reason"]: Decimal(row["amount_sek"]) for row in above["ineligible"]} == reasons


@pytest.mark.parametrize("grant_id", [EQUAL, CRIME])
def test_all_that_is_said_of_the_city_is_that_it_has_to_repay_another_amount(
    grant_id: str, filed: dict[str, Path], upwards: Path
) -> None:
    findings = written(upwards, grant_id, "findings.json")
    (finding,) = (one for one in findings if one["board"] == agency.CITY_ID)
    assert finding["rule"] == "aterbetalning-skiljer"
    assert (finding["sheet"], finding["cell"]) == (FIGURES, "liability.to_repay_sek")
    stated = of_city(filed[grant_id])["liability"]["to_repay_sek"]
    assert f"{int(Decimal(stated)):,}".replace(",", "\u00a0") in finding["message"]


def test_what_the_boards_did_is_told_in_their_words(filed: dict[str, Path], upwards: Path) -> None:
    page = (upwards / EQUAL / "slutlig" / "underlag.html").read_text("utf-8")
    for words in ("Föräldraskapsstödsprogram i grupp", "Ett tillgängligt stöd"):
        assert words in page
    files = written(upwards, EQUAL, "manifest.json")["files"]
    (own,) = (file for file in files if file["name"] == f"{EQUAL}/{filed[EQUAL].name}")
    assert (own["outcome"], own["board"]) == ("counted", agency.CITY_ID)
    assert not list((upwards / EQUAL / "slutlig" / "boards").glob("*.xlsx"))


def test_a_figure_leads_to_the_file_in_the_package_and_the_place_in_it(upwards: Path) -> None:
    trace = (upwards / EQUAL / "slutlig" / "sparning.html").read_text("utf-8")
    for place in ("areas[0].eligible_sek", "ineligible[1].amount_sek"):
        assert f"{FIGURES} {place}" in trace
    told = call_here("explain", EQUAL, agency.CITY, "--out", str(upwards))
    assert told.returncode == 0, told.stderr
    assert "areas[0].eligible_sek" in told.stdout
    assert "None" not in told.stdout
    for page in (upwards / EQUAL / "slutlig").rglob("*.html"):
        assert "None" not in page.read_text("utf-8")


def test_a_package_can_be_checked_before_it_is_sent(filed: dict[str, Path], tmp_path: Path) -> None:
    data = ("--data", str(agency.data(tmp_path)), "--as-of", AS_OF, "--final")
    done = call_here("check", str(filed[EQUAL]), *data)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "har i sin inlämnade rapport räknat fram" in done.stdout.replace("\n", " ")
    broken = tmp_path / "paket.zip"
    content = bytearray(filed[EQUAL].read_bytes())
    with zipfile.ZipFile(filed[EQUAL]) as archive:
        content[archive.getinfo(FIGURES).header_offset + 200] ^= 1
    broken.write_bytes(content)
    done = call_here("check", str(broken), *data)
    assert done.returncode == 3
    assert "Paketet är inte som det var när rapporten lämnades in" in done.stdout.replace("\n", " ")


def test_the_agencys_own_report_can_be_decided_on_and_filed(upwards: Path, tmp_path: Path) -> None:
    """The package lies with what it has filed, as any other return."""
    inbox = upwards.parent / "in"
    places = ("--returns", str(inbox), "--out", str(upwards))
    data = ("--data", str(upwards.parent / "myndigheten"))
    for command, by in (("review", "Gro Gransk"), ("approve", "Alf Attest"), ("file", "Ina In")):
        done = call_here(
            command, EQUAL, "--by", by, "--on", AS_OF, "--why", "Övning.", *places, *data
        )
        assert done.returncode == 0, done.stderr
    kept = upwards / EQUAL / "inlamnad" / "1" / "underlag" / EQUAL
    assert [path.suffix for path in kept.iterdir()] == [".zip"]
