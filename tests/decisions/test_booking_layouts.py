"""How transaction lists are laid out, as files in the data folder say."""

import re
from pathlib import Path

import pytest

from statsbidrag.base.errors import InputError
from statsbidrag.decisions.booking_layouts import (
    BookingLayoutFile,
    SieFile,
    dimensions_of,
    layouts_of,
)
from statsbidrag.decisions.data_files import parsed_as
from statsbidrag.decisions.declaration import schema
from statsbidrag.model.evidence import BookingLayout, SieDimensions

README = Path(__file__).parents[2] / "data" / "huvudbok" / "README.md"
LEAST = """\
format = 1
namn = "Huvudbok"
rubriker = ["Ver", "Konto"]

[kolumner]
datum = "Datum"
konto = "Konto"
belopp = "Belopp"
"""


def load(data: Path, **files: str) -> tuple[BookingLayout, ...]:
    """The layouts of a data folder with some files, by their names without the suffix."""
    folder = data / "huvudbok"
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / f"{name}.toml").write_text(content, "utf-8")
    return loaded(data)


def loaded(data: Path) -> tuple[BookingLayout, ...]:
    parsed = {}
    for path in sorted((data / "huvudbok").glob("*.toml")):
        name = f"huvudbok/{path.name}"
        parsed[name] = parsed_as(path.read_bytes(), BookingLayoutFile, name)
    return layouts_of(parsed)


def test_the_least_that_a_file_says(tmp_path: Path) -> None:
    assert load(tmp_path, ekonomi=LEAST) == (
        BookingLayout(
            file="huvudbok/ekonomi.toml",
            name="Huvudbok",
            known_by=("Ver", "Konto"),
            account="Konto",
            amount="Belopp",
            booked_on="Datum",
        ),
    )


def test_the_example_of_the_readme_is_read_to_the_last_key(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert load(tmp_path, exempel=example) == (
        BookingLayout(
            file="huvudbok/exempel.toml",
            name="Utdrag ur ekonomisystemet",
            known_by=("Verserie", "Vernr", "Konto", "Belopp"),
            account="Konto",
            amount="Belopp",
            booked_on="Bokföringsdatum",
            voucher=("Verserie", "Vernr"),
            responsibility="Ansvar",
            project="Projekt",
            activity="Verksamhet",
            sheet="Transaktioner",
            has_text_after_code=True,
            passed_over=("Summa", "Totalt", "Ingående balans"),
        ),
    )


def test_the_readme_names_every_key_and_value() -> None:
    readme = README.read_text("utf-8")
    declared = schema(BookingLayoutFile)
    for shape in [declared, *declared["$defs"].values()]:
        for key, said in shape["properties"].items():
            assert re.search(rf"`(\[{key}\]|{key})`", readme), key
            for value in said.get("enum", []):
                assert f'`"{value}"`' in readme, value


def test_debit_and_credit_and_other_ways(tmp_path: Path) -> None:
    content = LEAST.replace('belopp = "Belopp"', 'debet = "D"\nkredit = "K"\nverifikation = "Ver"')
    content = content.replace('datum = "Datum"\n', "")
    content += '[tolkning]\ntecken = "kostnad-minus"\ndatum = "filnamn"\n'
    (layout,) = load(tmp_path, a=content)
    assert (layout.amount, layout.debit, layout.credit) == ("", "D", "K")
    assert (layout.voucher, layout.booked_on) == (("Ver",), "")
    assert (layout.is_cost_negative, layout.dated_by) == (True, "file_name")


def test_a_month_is_in_a_column(tmp_path: Path) -> None:
    (layout,) = load(tmp_path, a=LEAST + '[tolkning]\ndatum = "manad"\n')
    assert (layout.dated_by, layout.booked_on) == ("month", "Datum")


def test_without_a_folder_there_are_no_layouts(tmp_path: Path) -> None:
    assert loaded(tmp_path) == ()
    (tmp_path / "huvudbok").mkdir()
    (tmp_path / "huvudbok" / "README.md").write_text("format = 2", "utf-8")
    assert loaded(tmp_path) == ()


def test_the_shipped_folder_has_no_layout_that_nobody_has_seen() -> None:
    assert loaded(README.parents[1]) == ()


def test_layouts_come_in_the_order_of_their_files(tmp_path: Path) -> None:
    second = LEAST.replace('"Huvudbok"', '"En annan"')
    assert [one.file for one in load(tmp_path, b=LEAST, a=second)] == [
        "huvudbok/a.toml",
        "huvudbok/b.toml",
    ]


@pytest.mark.parametrize("name", ['"Huvudbok"', '" HUVUDBOK "'])
def test_two_lists_of_one_name_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        load(tmp_path, a=LEAST, b=LEAST.replace('"Huvudbok"', name))
    assert str(refused.value) == (
        "huvudbok/b.toml, nyckeln namn: listan heter som den i huvudbok/a.toml. Ge den ett eget "
        "namn."
    )


PEOPLE = (
    *(
        "Leverantör",
        "Leverantörsnamn",
        "Kund",
        "Kundnr",
        "Anställd",
        "Personnummer",
        "Attesterad av",
    ),
    *("Signatur", "Sign", "Handläggare", "Motpart", "Registrerad av"),
)
TEXTS = ("Text", "Verifikationstext", "Projektnamn", "Benämning", "Kommentar")
BROKEN = {
    "an unknown key": ("format = 1", 'format = 1\ntext = "Text"', ("nyckeln text", "är okänd")),
    "a column that has no key": (
        'konto = "Konto"',
        'konto = "Konto"\nleverantor = "Leverantör"',
        ("nyckeln kolumner.leverantor", "är okänd"),
    ),
    "a column of texts by its key": (
        'konto = "Konto"',
        'konto = "Konto"\ntext = "Text"',
        ("nyckeln kolumner.text", "är okänd"),
    ),
    "another format": ("format = 1", "format = 2", ("nyckeln format", "ska vara 1")),
    "no name": ('namn = "Huvudbok"', "", ("nyckeln namn", "saknas")),
    "no account": ('konto = "Konto"', "", ("nyckeln kolumner.konto", "saknas")),
    "an empty header": ('konto = "Konto"', 'konto = " "', ("nyckeln kolumner.konto", "är tom")),
    "no headers": ('["Ver", "Konto"]', "[]", ("rubriker ska vara minst två",)),
    "one header": ('["Ver", "Konto"]', '["Ver"]', ("rubriker ska vara minst två",)),
    "a header that is no list": ('["Ver", "Konto"]', '"Ver"', ("nyckeln rubriker", "en lista")),
    "a header twice": ('["Ver", "Konto"]', '["Ver", "VER"]', ("rubriken ver står 2 gånger",)),
    "no amount": ('belopp = "Belopp"', "", ("nyckeln kolumner", "antingen belopp")),
    "debit alone": ('belopp = "Belopp"', 'debet = "D"', ("nyckeln kolumner", "debet och kredit")),
    "amount and credit": (
        'belopp = "Belopp"',
        'belopp = "Belopp"\nkredit = "K"',
        ("nyckeln kolumner", "antingen belopp"),
    ),
    "amount, debit and credit": (
        'belopp = "Belopp"',
        'belopp = "Belopp"\ndebet = "D"\nkredit = "K"',
        ("nyckeln kolumner", "antingen belopp"),
    ),
    "one column for two things": (
        'belopp = "Belopp"',
        'belopp = "Belopp"\nprojekt = "konto"',
        ("nyckeln kolumner", "rubriken konto står 2 gånger"),
    ),
    "a voucher of no columns": (
        'belopp = "Belopp"',
        'belopp = "Belopp"\nverifikation = []',
        ("nyckeln kolumner.verifikation", "är en tom lista"),
    ),
    "a voucher that is a number": (
        'belopp = "Belopp"',
        'belopp = "Belopp"\nverifikation = 7',
        ("nyckeln kolumner.verifikation:", "text inom citattecken"),
    ),
    "no day": ('datum = "Datum"', "", ("kolumner.datum saknas", "filnamn")),
    "a day in two places": (
        'belopp = "Belopp"',
        'belopp = "Belopp"\n[tolkning]\ndatum = "filnamn"',
        ("både stå i filens namn och i kolumner.datum",),
    ),
    "an unknown sign": (
        'belopp = "Belopp"',
        'belopp = "Belopp"\n[tolkning]\ntecken = "minus"',
        ("nyckeln tolkning.tecken", "kostnad-plus"),
    ),
    "an answer that is text": (
        'belopp = "Belopp"',
        'belopp = "Belopp"\n[tolkning]\nkonto_fore_text = "ja"',
        ("nyckeln tolkning.konto_fore_text", "true eller false"),
    ),
    "no TOML": ('namn = "Huvudbok"', "namn = Huvudbok", ("rad 2", "citattecken")),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_refused_with_file_and_key(case: str, tmp_path: Path) -> None:
    old, new, says = BROKEN[case]
    assert old in LEAST
    with pytest.raises(InputError) as refused:
        load(tmp_path, a=LEAST.replace(old, new))
    for part in ("huvudbok/a.toml, ", *says):
        assert part in str(refused.value)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("header", [*PEOPLE, *TEXTS])
@pytest.mark.parametrize("key", ["verifikation", "datum", "projekt"])
def test_a_column_of_people_or_texts_is_refused_by_its_header(
    key: str, header: str, tmp_path: Path
) -> None:
    named = f'{key} = "{header}"'
    content = LEAST.replace(
        'datum = "Datum"', named if key == "datum" else f'datum = "Datum"\n{named}'
    )
    with pytest.raises(InputError, match="Sådana läses aldrig"):
        load(tmp_path, a=content)


@pytest.mark.parametrize("header", PEOPLE)
def test_people_are_refused_where_texts_stand_after_codes_too(header: str, tmp_path: Path) -> None:
    content = LEAST.replace('konto = "Konto"', f'konto = "{header}"')
    with pytest.raises(InputError, match="Sådana läses aldrig"):
        load(tmp_path, a=content + "[tolkning]\nkonto_fore_text = true\n")


def test_a_column_of_codes_with_their_texts_may_be_called_so(tmp_path: Path) -> None:
    content = LEAST.replace('konto = "Konto"', 'konto = "Konto och text"')
    (layout,) = load(tmp_path, a=content + "[tolkning]\nkonto_fore_text = true\n")
    assert layout.account == "Konto och text"


# -- SIE -------------------------------------------------------------------------------------------


def sie(**keys: object) -> SieDimensions:
    content = "\n".join(f"{key} = {value}" for key, value in {"format": 1, **keys}.items())
    return dimensions_of(parsed_as(content.encode(), SieFile, "huvudbok/sie.toml"))


def test_the_dimensions_of_the_standard_hold_where_nothing_else_is_said() -> None:
    assert sie() == SieDimensions(project=6, responsibility=1, activity=None)
    assert sie(verksamhet=20, ansvar=21) == SieDimensions(6, 21, 20)


@pytest.mark.parametrize("dimension", [7, 8, 9])
def test_dimensions_of_people_and_companies_cannot_be_named(dimension: int) -> None:
    with pytest.raises(InputError, match="läses aldrig"):
        sie(verksamhet=dimension)
