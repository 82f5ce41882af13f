"""Letters at the desk: with workbooks to the boards, reminders, one by one, and those of which
nobody knows if they came."""

import re
from email import message_from_bytes
from email.policy import default
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from statsbidrag.case.audit_log import LOG, Log
from statsbidrag.year import outbox
from tests.support.desks import NBSP, OpenDesk, Visitor, words
from tests.support.planted import EQUAL

PERIOD = f"/mallar/{EQUAL}/2023-12-31"


def letters(desk: OpenDesk, box: str = outbox.OUTBOX) -> list[Path]:
    """The letters in a folder."""
    return sorted((desk.office.folders.out / box).glob("*.eml"))


def moved(desk: OpenDesk, visitor: Visitor, box: str) -> str:
    """The name of a letter that now lies in a folder."""
    visitor.post(PERIOD)
    (path, *_) = letters(desk)
    return outbox.move(path, box).name


def test_each_board_gets_a_letter_with_its_own_workbook(shared: OpenDesk) -> None:
    maria = shared.visitor("maria.ek")
    register = shared.office.folders.data / "boards.toml"
    text = register.read_text("utf-8")
    register.write_text(
        text.replace('id = "farsta"', 'id = "farsta"\nepost = "f@stad.se"'), "utf-8"
    )
    assert "11 brev med arbetsböcker ligger i utkorgen" in words(maria.post(PERIOD))
    (path,) = [path for path in letters(shared) if "-farsta_" in path.name]
    message = message_from_bytes(path.read_bytes(), policy=default)
    assert message["To"] == "f@stad.se"
    assert (
        message["Subject"].replace(NBSP, " ").startswith("Dags att redovisa Jämlik tillgång 2023")
    )
    body = message.get_body(("plain",))
    assert body is not None
    plain = " ".join(body.get_content().replace(NBSP, " ").split())
    assert "Lämna in den så snart som möjligt." in plain  # the day has passed on 20 January
    (attached,) = message.iter_attachments()
    assert attached.get_filename() == f"{EQUAL}_farsta_2023-12-31.xlsx"
    content = attached.get_payload(decode=True)
    assert isinstance(content, bytes)
    assert load_workbook(BytesIO(content)).defined_names["namnd"]
    # The same again makes no letter more.
    assert "De breven finns redan" in words(maria.post(PERIOD))
    assert len(letters(shared)) == 11
    (drafted,) = [e for e in shared.office.log().events if e.kind == "drafted"]
    assert drafted.details["login"] == "maria.ek"


def test_a_board_that_has_got_its_workbook_gets_no_other_letter_about_it(shared: OpenDesk) -> None:
    maria = shared.visitor("maria.ek")
    maria.post(PERIOD)
    for path in letters(shared):
        outbox.move(path, outbox.SENT)
    # The next day the workbook is another.
    shared.office.now = lambda: "2024-01-21T12:00:00+01:00"
    assert "De breven finns redan" in words(maria.post(PERIOD))
    assert letters(shared) == []


def test_a_link_in_a_letter_is_whole(shared: OpenDesk) -> None:
    link = "https://bidrag.exempelstad.example/" + "lang/" * 20
    place = shared.office.folders.data / "organisation.toml"
    place.write_text(f'{place.read_text("utf-8")}lamnas_in = "{link}"\n', "utf-8")
    shared.visitor("maria.ek").post(PERIOD)
    message = message_from_bytes(letters(shared)[0].read_bytes(), policy=default)
    body = message.get_body(("plain",))
    assert body is not None
    assert link in body.get_content().splitlines()


def test_settings_of_mail_that_are_wrong_close_no_page(shared: OpenDesk) -> None:
    (shared.office.folders.data / "post.toml").write_text("format = ", "utf-8")
    page = shared.visitor("karl.rev").get("/brev")
    assert page.status_code == 200
    maria = shared.visitor("maria.ek")
    maria.post(PERIOD)
    assert "E-postens inställningar är fel" in words(maria.get("/brev"))


def test_a_period_that_is_not_reported_now_sends_nothing(shared: OpenDesk) -> None:
    maria = shared.visitor("maria.ek")
    assert "Den perioden redovisas inte nu" in words(maria.post(f"/mallar/{EQUAL}/2023-03-31"))
    assert maria.post(f"/mallar/{EQUAL}/snart").status_code == 404
    assert letters(shared) == []


def test_reminders_come_when_somebody_asks_for_them(shared: OpenDesk) -> None:
    maria = shared.visitor("maria.ek")
    said = words(maria.post("/frister"))
    count = re.search(r"([0-9]+) nya påminnelser ligger i utkorgen", said)
    assert count
    assert len(letters(shared)) == int(count[1])
    page = maria.get("/frister")
    assert "Återrapport till MFoF" in words(page)
    assert f"/ut/kalender/{EQUAL}.ics" in page.text
    assert maria.get(f"/ut/kalender/{EQUAL}.ics").text.startswith("BEGIN:VCALENDAR")
    assert "Ingen ska påminnas i dag" in words(maria.post("/frister"))
    (event,) = [e for e in shared.office.log().events if e.kind == "watched"][:1]
    assert (event.by, event.details["login"]) == ("Maria Ek", "maria.ek")


@pytest.mark.parametrize(("has_come", "box"), [("ja", outbox.SENT), ("nej", outbox.OUTBOX)])
def test_a_letter_that_nobody_knew_of_is_settled(shared: OpenDesk, has_come: str, box: str) -> None:
    maria = shared.visitor("maria.ek")
    name = moved(shared, maria, outbox.UNCERTAIN)
    assert "Det kom inte fram" in words(maria.get("/brev"))
    maria.post("/brev/osakert", brev=name, kom=has_come)
    assert name in [path.name for path in letters(shared, box)]
    assert letters(shared, outbox.UNCERTAIN) == []
    shared.office.clerk.settled()
    (event,) = [e for e in Log.read(shared.office.folders.out / LOG).events if e.kind == "posted"]
    assert (event.details["login"], event.details["file"]) == ("maria.ek", name)


def test_a_letter_is_reached_by_its_name_in_its_own_folder_alone(shared: OpenDesk) -> None:
    maria = shared.visitor("maria.ek")
    name = moved(shared, maria, outbox.SENT)
    for path, fields in (
        ("/brev/skickat", {"brev": name}),
        ("/brev/osakert", {"brev": name, "kom": "nej"}),
        ("/brev/osakert", {"brev": f"../{outbox.SENT}/{name}", "kom": "nej"}),
    ):
        assert maria.post(path, **fields).status_code == 404
    assert name in [path.name for path in letters(shared, outbox.SENT)]


def test_one_letter_is_sent_and_the_others_wait(
    shared: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    maria = shared.visitor("maria.ek")
    maria.post(PERIOD)
    example = (shared.office.folders.data / "post.toml.exempel").read_text("utf-8")
    (shared.office.folders.data / "post.toml").write_text(example, "utf-8")
    monkeypatch.setenv("STATSBIDRAG_SMTP_PASSWORD", "hemligt")
    tried: list[str] = []

    def outgoing(draft: bytes, *_: object) -> tuple[bytes, str]:
        tried.append(str(message_from_bytes(draft, policy=default)["Subject"]))
        return draft, "x@example.org"

    def delivered(path: Path, *_: object) -> None:
        outbox.move(path, outbox.SENT)

    monkeypatch.setattr("statsbidrag.year.sending._outgoing", outgoing)
    monkeypatch.setattr("statsbidrag.year.sending._deliver", delivered)
    chosen = letters(shared)[3].name
    assert "1 brev är skickat" in words(maria.post("/brev/skicka", brev=chosen))
    assert [path.name for path in letters(shared, outbox.SENT)] == [chosen]
    assert len(tried) == 1
    assert maria.post("/brev/skicka", brev=chosen).status_code == 404


def test_a_kept_hash_is_looked_for_in_the_log(shared: OpenDesk) -> None:
    maria = shared.visitor("maria.ek")
    maria.post(PERIOD)
    kept = shared.office.log().events[0].sha256
    assert "ingen händelse med hashen" not in words(maria.get(f"/kontroll?hash={kept}"))
    assert "ingen händelse med hashen" in words(maria.get(f"/kontroll?hash={'a' * 64}"))
    assert "64 tecken lång" in words(maria.get("/kontroll?hash=abc"))
