"""Letters: what they say, that they are made once, and that a real mail server gets each of them
once."""

import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from asyncio import WriteTransport
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from statsbidrag.base.addresses import address
from statsbidrag.base.environment import MAIL_PASSWORD
from statsbidrag.base.errors import InputError
from statsbidrag.base.swedish import NBSP
from statsbidrag.case import casework, store
from statsbidrag.case.audit_log import LOG, Log
from statsbidrag.model.returns import Return
from statsbidrag.model.rulebook import Rulebook
from statsbidrag.money.results import GrantResult
from statsbidrag.running import watch
from statsbidrag.year import acknowledgements, correspondence, mail_settings, outbox, sending
from tests.support import packages, planted
from tests.support.filling import Row
from tests.support.rows import rows_in, with_rows
from tests.support.way import Way, planned

AT = datetime(2024, 1, 20, 6, 0, tzinfo=UTC)
DAY = date(2024, 1, 20)
SECRET = "hemligt-Tjugotre-ord"
BOARD, OTHER = "bromma", "farsta"
TO = "ekonomi@example.org"


# -- letters from a run ----------------------------------------------------------------------------


def returned(
    board: str = BOARD,
    *,
    to: str | None = TO,
    costs: Sequence[Row] = planted.COSTS,
    **header: object,
) -> bytes:
    """A return workbook with an address to answer to; without faults but for those that are asked
    for."""
    return planted.filled(board, header={"epost": to, **header}, costs=costs)


@cache
def faulty(**header: Any) -> bytes:
    """A return that is held, and that has something to look at too."""
    first, second, *rest = planted.COSTS
    return returned(
        costs=[{**first, "Belopp": "ca 9 tkr"}, {**second, "Belopp": "30 000,25 kr"}, *rest],
        **header,
    )


@dataclass
class Case:
    """A run of some files in process, and the letters that it gives, by the file that each is
    about."""

    way: Way
    book: Rulebook
    ran: dict[object, tuple[list[Return], list[GrantResult]]] = field(default_factory=dict)

    def run(
        self, files: Mapping[str, bytes], *, is_final: bool = False, as_of: date = planted.AS_OF
    ) -> tuple[list[Return], list[GrantResult]]:
        asked = tuple(files.items()), is_final, as_of
        if asked not in self.ran:
            plan = planned(planted.EQUAL, is_final=is_final, as_of=as_of)
            returns = self.way.take_in(files, self.book)
            found = self.way.judge(returns, self.book, plan)
            self.ran[asked] = returns, self.way.settle(returns, found, self.book, plan)
        return self.ran[asked]

    def letters(
        self, files: Mapping[str, bytes], *, on: date = DAY, **how: Any
    ) -> dict[str, correspondence.Letter]:
        returns, results = self.run(files, **how)
        workbooks = {one.file: b"PK\x03\x04 kommenterad" for one in returns if one.kind == "xlsx"}
        received = {one.sha256: on for one in returns}
        made = acknowledgements.acknowledgements(results, returns, self.book, received, workbooks)
        assert len(made) == len({one.file_name for one in made})
        return {
            next(one.file for one in returns if one.sha256 == letter.about): letter
            for letter in made
        }

    def letter(self, content: bytes, **how: Any) -> correspondence.Letter:
        (made,) = self.letters({"redovisning.xlsx": content}, **how).values()
        return made


@pytest.fixture(scope="module")
def case(way: Way, decisions: Rulebook) -> Case:
    return Case(way, decisions)


def parsed(content: bytes) -> EmailMessage:
    """What any mail program reads, which finds nothing odd."""
    message = BytesParser(policy=policy.default).parsebytes(content)
    assert isinstance(message, EmailMessage)
    for part in message.walk():
        assert not part.defects
        assert not any(value.defects for value in part.values())
    assert content.count(b"\n") == content.count(b"\r\n")
    assert max(map(len, content.split(b"\r\n"))) <= 79  # the type of a workbook alone is that long
    return message


def text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert isinstance(body, EmailMessage)
    return str(body.get_content()).replace("\r\n", "\n")


def test_a_return_that_is_held_gets_a_letter_that_says_what_to_do(case: Case) -> None:
    letter = case.letter(faulty())
    message = parsed(letter.draft())
    said = text(message)
    assert said == letter.body
    assert message["To"] == TO
    assert message["Subject"] == "Er redovisning måste rättas: Bromma, Jämlik tillgång 2023"
    assert message["X-Unsent"] == "1"
    assert f"Mottagen:            20{NBSP}januari{NBSP}2024" in said
    assert "Er redovisning räknas inte ännu. 1 fel måste rättas först." in said.replace(NBSP, " ")
    assert (
        said.index("Det här måste rättas")
        < said.index("”ca 9 tkr”")
        < said.index("Det här vill vi att ni tittar på")
    )
    assert "    Var: bladet Kostnader, cell H6\n    Gör så här: Skriv beloppet i kronor" in said
    assert max(map(len, said.split("\n"))) <= 78
    (attachment,) = message.iter_attachments()
    assert attachment.get_filename() == "redovisning-med-kommentarer.xlsx"
    assert attachment.get_content() == b"PK\x03\x04 kommenterad"


def test_a_return_that_counts_gets_thanks_and_no_attachment(case: Case) -> None:
    message = parsed(case.letter(returned()).draft())
    assert message["Subject"] == "Er redovisning räknas: Bromma, Jämlik tillgång 2023"
    assert "Er redovisning räknas. Ni behöver inte göra något mer. Tack!" in text(message)
    assert "Socialförvaltningen återrapporterar till MFoF senast den 1 februari 2024." in " ".join(
        text(message).split()
    )
    assert not list(message.iter_attachments())


def test_what_becomes_of_each_return_is_said(case: Case) -> None:
    made = case.letters(
        {
            "1/gammal.xlsx": returned(),
            "2/ny.xlsx": returned(version=2),
            "2/samma.xlsx": returned(version=2),
            "3/tidig.xlsx": planted.filled(OTHER, period_end=date(2023, 9, 30)),
            "4/brev.pdf": b"%PDF-1.7",
            "5/~$ny.xlsx": b"las",
        }
    )
    assert list(made) == ["1/gammal.xlsx", "2/ny.xlsx", "3/tidig.xlsx", "4/brev.pdf"]
    said = {file: " ".join(letter.body.split()) for file, letter in made.items()}
    assert "räknas inte, för ni har lämnat en nyare" in said["1/gammal.xlsx"]
    assert "Er redovisning räknas." in said["2/ny.xlsx"]
    assert "räknas, men den gäller en tidigare period" in said["3/tidig.xlsx"]
    assert "Lämna också en redovisning till och med den 31 december 2023." in said["3/tidig.xlsx"]
    assert "Filen är en PDF." in said["4/brev.pdf"]
    assert made["4/brev.pdf"].to is None
    assert said["4/brev.pdf"].startswith("[Brevet har ingen mottagare")


def test_a_return_for_a_later_period_is_told_to_wait(case: Case) -> None:
    said = " ".join(case.letter(returned(), as_of=date(2023, 10, 20)).body.split())
    assert (
        "räknas inte ännu, för den gäller en senare period. Vi stämmer nu av till och med den 30 "
        "september" in said
    )


def test_a_predecessor_hears_what_its_return_waits_for(case: Case) -> None:
    files = {
        "spanga.xlsx": planted.filled("spanga-tensta", period_end=date(2023, 6, 30)),
        "jarva.xlsx": planted.filled("jarva", costs=[{**planted.COSTS[0], "Datum": "snart"}]),
    }
    alone = case.letters({"spanga.xlsx": files["spanga.xlsx"]})["spanga.xlsx"]
    beside = case.letters(files)["spanga.xlsx"]
    assert "Den räknas ihop med en annan redovisning, som måste rättas först." in " ".join(
        beside.body.split()
    )
    assert "Er redovisning räknas" in " ".join(alone.body.split())


def test_whoever_has_filed_a_report_is_told_to_correct_that(case: Case) -> None:
    """There is no workbook to raise the version of."""
    unfiled = packages.zipped(packages.files(steps=packages.STEPS[:2]))
    for content, told in (
        (packages.package(), "Vill ni ändra något, lämna in en rättelse av rapporten"),
        (unfiled, "Rätta felen i er egen rapport, lämna in en rättelse av rapporten"),
    ):
        said = " ".join(case.letter(content).body.split())
        assert told in said
        assert "arbetsbok" not in said
        assert "None" not in said


def test_a_file_that_nobody_could_open_has_not_been_received(
    case: Case, decisions: Rulebook
) -> None:
    (sent,), results = case.run({"redovisning.xlsx": faulty()})
    assert (
        acknowledgements.acknowledgements(results, [replace(sent, sha256="")], decisions, {}, {})
        == []
    )


def test_a_letter_with_many_findings_says_that_there_are_more(case: Case) -> None:
    costs = [{**planted.COSTS[0], "Belopp": f"{number} tkr"} for number in range(1, 61)]
    said = " ".join(case.letter(returned(costs=costs)).body.split())
    assert "40. " in said
    assert "41. " not in said
    assert re.search(r"Vi har [0-9]+ anmärkningar till\.", said)


def test_a_letter_goes_where_the_register_says_rather_than_where_the_return_does(
    case: Case, decisions: Rulebook
) -> None:
    (sent,), results = case.run({"redovisning.xlsx": returned()})
    boards = []
    for board in decisions.boards:
        is_own = board.board_id == sent.sender_id
        boards.append(replace(board, email="brevlada@stad.se") if is_own else board)
    for book, to in (
        (decisions, TO),
        (replace(decisions, boards=tuple(boards)), "brevlada@stad.se"),
    ):
        (letter,) = acknowledgements.acknowledgements(results, [sent], book, {sent.sha256: DAY}, {})
        assert letter.to == to


def test_a_reminder_goes_where_the_register_says(decisions: Rulebook) -> None:
    boards = tuple(replace(board, email="b@stad.se") for board in decisions.boards[:1])
    book = replace(decisions, boards=boards)
    assert watch.addresses(book, None) == {boards[0].board_id: "b@stad.se"}


def test_a_personal_number_never_reaches_a_letter(case: Case, tmp_path: Path) -> None:
    number = "19121212-1212"  # the tax agency's own example
    (letter,) = case.letters(
        {
            f"redovisning {number}.xlsx": faulty(
                kontaktperson=f"Anna {number}", orsak_ej_forbrukat=number
            )
        }
    ).values()
    own = correspondence.letter(
        "paminnelse", "x", "y", TO, f"Om {number}", f"Hej {number.replace('-', NBSP)}"
    )
    for one in (letter, own):
        message = parsed(one.draft())
        assert "1212-1212" not in one.file_name + str(message["Subject"]) + text(message)
    assert "personnummer" in text(parsed(letter.draft()))
    assert "Anna" not in text(parsed(letter.draft()))


# -- hostile names and addresses -------------------------------------------------------------------

HOSTILE = "Farsta\r\nBcc: alla@example.com\n\n\u2028To: x@example.com\x00\u202e\ud800\x85.\n.\r\n"


def test_a_hostile_board_or_file_name_stays_a_name(case: Case, decisions: Rulebook) -> None:
    boards = tuple(
        replace(b, name=f"{HOSTILE}{'å' * 200}") if b.board_id == BOARD else b
        for b in decisions.boards
    )
    (sent,), results = case.run({"redovisning.xlsx": faulty()})
    renamed = replace(sent, file=f'x/{HOSTILE}"; name="\\..\\{"ö" * 200}.xlsx')
    rows = [
        replace(
            result,
            tables=with_rows(
                result,
                manifest=[{**row, "name": renamed.file} for row in rows_in(result, "manifest")],
                sender=[{**row, "file": renamed.file} for row in rows_in(result, "sender")],
            ).tables,
            findings=tuple(
                replace(f, file=f.file and renamed.file, message=HOSTILE * 3)
                for f in result.findings
            ),
        )
        for result in results
    ]
    book = replace(decisions, boards=boards)
    (letter,) = acknowledgements.acknowledgements(
        rows, [renamed], book, {renamed.sha256: DAY}, {renamed.file: b"x"}
    )
    message = parsed(letter.draft())
    assert sorted(message.keys()) == sorted(
        ["X-Unsent", "To", "Subject", "MIME-Version", "Content-Type"]
    )
    assert message["To"] == TO
    assert text(message) == letter.body
    assert max(map(len, letter.body.split("\n"))) <= 78
    assert not any(ord(char) < 32 and char != "\n" for char in letter.body)
    assert re.fullmatch(r"[a-z0-9_-]+\.eml", letter.file_name)


@pytest.mark.parametrize(
    "written",
    [
        "ekonomi@example.org",
        "  Anna.Ek+bidrag@sub.stockholm.se ",
        "a@b.se",
        f"{'a' * 64}@example.org",
    ],
)
def test_a_plain_address_is_taken(written: str) -> None:
    assert address(written) == written.strip()


@pytest.mark.parametrize(
    "written",
    [
        *(
            "",
            "anna",
            "@example.org",
            "anna@",
            "anna@localhost",
            "anna@example.org.",
            "a..b@example.org",
            ".a@example.org",
        ),
        *(
            "anna@example.org, bo@example.org",
            "anna@example.org;bo@example.org",
            "anna@example.org bo@example.org",
        ),
        *(
            "Anna <anna@example.org>",
            "<anna@example.org>",
            '"anna"@example.org',
            "anna(ek)@example.org",
        ),
        *(
            "anna@example.org\nBcc: bo@example.org",
            "anna@example.org\r\n",
            "anna@example.org\n",
            "anna\x00@example.org",
        ),
        *(
            "anna@example.org@example.com",
            "anna@[127.0.0.1]",
            "anna@-example.org",
            "anna@exa_mple.org",
            "åsa@example.org",
        ),
        *(
            "anna@exämple.org",
            "mailto:anna@example.org",
            "grupp:anna@example.org;",
            "anna%example.com@[x]",
            "а@example.org",
        ),
        *(f"{'a' * 65}@example.org", f"a@{'b' * 64}.org", f"a@{'b.' * 130}org"),
        *(None, 7, date(2024, 1, 1)),
    ],
)
def test_anything_else_is_nobodys_address(written: object) -> None:
    assert address(written) is None


@given(st.text() | st.text('ab.@\r\n,;<>" '))
def test_no_text_makes_an_address_with_room_for_another(written: str) -> None:
    found = address(written)
    assert found is None or not set(found) & set('\r\n,;<>" \0')


def test_a_return_with_a_clever_address_has_no_recipient(case: Case) -> None:
    letter = case.letter(returned(to="Anna <anna@example.org>, bo@example.org"))
    assert letter.to is None
    assert parsed(letter.draft())["To"] is None
    assert "example.org" not in letter.body


@hypothesis_settings(max_examples=60, deadline=None)
@example("", "0\n ")
@example("", " \n0")
@example("Er redovisning är mottagen: Järva, Jämlik tillgång 2023", "")  # Jämliktillgång
@example(f"{9 * '0'}{10 * chr(0x800)} ¡ ¡", "")  # the library loses its first blank
@given(st.text(), st.text())
def test_any_words_make_a_letter_that_reads_back(subject: str, body: str) -> None:
    letter = correspondence.letter("paminnelse", subject, body, TO, subject, body)
    message = parsed(letter.draft())
    assert message["Subject"] == letter.subject
    assert text(message) == letter.body
    assert (
        letter.draft()
        == correspondence.letter("paminnelse", subject, body, TO, subject, body).draft()
    )
    sent, _ = sending._outgoing(letter.draft(), plain(25), AT)
    assert sent != letter.draft()
    if letter.body.strip("\n"):
        assert outbox.draft_of(sent) == letter.draft(), "what was sent leads back to the draft"


def test_a_reminder_keeps_its_paragraphs_and_fixed_spaces() -> None:
    body = f"Hej!\n\nNi har {'x' * 60} 1{NBSP}978{NBSP}155{NBSP}kr kvar.\n\n  - senast 2024-02-01"
    letter = correspondence.letter("paminnelse", "g b", "sista dag", TO, "Påminnelse", body)
    assert (
        letter.body
        == f"Hej!\n\nNi har {'x' * 60}\n1{NBSP}978{NBSP}155{NBSP}kr kvar.\n\n  - senast "
        "2024-02-01\n"
    )
    assert letter.file_name.startswith("paminnelse_g-b_")


# -- the outbox ------------------------------------------------------------------------------------


def put(out: Path, letters: Iterable[correspondence.Letter]) -> tuple[str, ...]:
    """Lay letters in the outbox, as a run does: in a change, with its line in the log."""
    with store.Change(out) as change:
        log = Log.read(out / LOG)
        made = casework.put_letters(change, log, AT.isoformat(), "Kim Kör", letters)
        casework.publish(change, log)
    return made


def drafts(out: Path, box: str = outbox.OUTBOX) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((out / box).glob("*"))}


def test_the_same_letter_is_made_once_with_the_same_bytes(case: Case, tmp_path: Path) -> None:
    first = put(tmp_path / "a", case.letters({"redovisning.xlsx": faulty()}).values())
    again = put(tmp_path / "b", case.letters({"redovisning.xlsx": faulty()}).values())
    assert first == again
    assert drafts(tmp_path / "a") == drafts(tmp_path / "b")
    assert (
        put(
            tmp_path / "a",
            case.letters({"redovisning.xlsx": faulty()}, on=date(2024, 3, 1)).values(),
        )
        == ()
    )
    assert drafts(tmp_path / "a") == drafts(tmp_path / "b")


@pytest.mark.parametrize("box", [outbox.UNCERTAIN, outbox.SENT])
def test_a_letter_that_has_gone_is_not_made_again(box: str, case: Case, tmp_path: Path) -> None:
    letter = case.letter(faulty())
    (name,) = put(tmp_path, [letter])
    (tmp_path / box).mkdir()
    (tmp_path / outbox.OUTBOX / name).rename(tmp_path / box / name)
    assert put(tmp_path, [letter]) == ()


def test_other_findings_make_a_new_letter_that_takes_the_place_of_the_one_that_waits(
    case: Case, tmp_path: Path
) -> None:
    letter = case.letter(faulty())
    other = replace(letter, identity="0" * 16)
    put(tmp_path, [letter])
    assert put(tmp_path, [other]) == (other.file_name,)
    assert list(drafts(tmp_path)) == [other.file_name]


def test_a_new_quarter_makes_no_new_letter_about_an_old_return(case: Case) -> None:
    header = {"epost": TO, "intygas_den": date(2023, 10, 9)}
    early = planted.filled(BOARD, period_end=date(2023, 9, 30), header=header)
    at_the_time = case.letter(early, as_of=date(2023, 10, 20))
    later = case.letter(early)
    assert at_the_time.file_name == later.file_name
    assert case.letter(early, is_final=True).file_name != later.file_name  # now it is held


def test_a_replaced_return_is_told_of_only_if_it_has_got_no_letter(
    case: Case, tmp_path: Path
) -> None:
    one = {"redovisning.xlsx": returned()}
    both = one | {"ny.xlsx": returned(version=2)}
    put(tmp_path / "both", case.letters(both).values())
    assert len(drafts(tmp_path / "both")) == 2
    put(tmp_path, case.letters(one).values())
    (tmp_path / outbox.OUTBOX).rename(tmp_path / outbox.SENT)
    assert put(tmp_path, case.letters(both).values()) == (case.letters(both)["ny.xlsx"].file_name,)


@pytest.mark.parametrize("what", ["file", "link"])
def test_a_folder_that_cannot_be_written_in_is_one_sentence(what: str, tmp_path: Path) -> None:
    if what == "file":
        (tmp_path / outbox.OUTBOX).write_text("en fil")
    else:
        (tmp_path / "annan").mkdir()
        (tmp_path / outbox.OUTBOX).symlink_to(tmp_path / "annan")
    with pytest.raises(InputError, match="Det går inte att skriva brev"):
        put(tmp_path, [reminder()])


# -- settings --------------------------------------------------------------------------------------

EXAMPLE = Path(__file__).parents[2] / "data" / "post.toml.exempel"


def test_the_example_can_be_used_and_no_file_means_no_sending(tmp_path: Path) -> None:
    found = mail_settings.settings(EXAMPLE)
    assert found == mail_settings.Settings(
        "smtp.example.org",
        587,
        "starttls",
        "statsbidrag@example.org",
        "statsbidrag",
        ("example.org",),
    )
    assert mail_settings.settings(tmp_path / "post.toml") is None


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            'user = "x"',
            f'losenord = "{SECRET}"',
            "nyckeln losenord finns inte. Lösenordet ska aldrig stå i filen",
        ),
        ("port = 587", "", "nyckeln port saknas. Den är ett tal"),
        ("port = 587", "port = true", "nyckeln port är fel"),
        ("port = 587", "port = 65536", "nyckeln port är fel"),
        ("port = 587", f"port = {SECRET} 1", "rad 13: raden går inte att läsa"),
        ('"starttls"', '"ssl"', "nyckeln sakerhet är fel"),
        ('"starttls"', '"ingen"', "lösenord skickas aldrig utan kryptering"),
        ('"statsbidrag@example.org"', '"Stad <s@example.org>"', "nyckeln avsandare är fel"),
        ('["example.org"]', "[]", "nyckeln mottagare är fel"),
        ('["example.org"]', '["*"]', "nyckeln mottagare är fel"),
        ("format = 1", "format = 2", "nyckeln format är fel"),
    ],
)
def test_settings_that_are_wrong_are_one_sentence(
    old: str, new: str, says: str, tmp_path: Path
) -> None:
    content = EXAMPLE.read_text("utf-8") + '# user = "x"\n'.replace(
        "# ", "" if old == 'user = "x"' else "# "
    )
    (tmp_path / "post.toml").write_text(re.sub(f"(?m){re.escape(old)}", new, content), "utf-8")
    with pytest.raises(InputError, match=re.escape(says)) as refused:
        mail_settings.settings(tmp_path / "post.toml")
    assert SECRET not in str(refused.value)


def with_password_file(folder: Path, named: str) -> Path:
    """Settings that name a file with the password, beside them."""
    path = folder / "post.toml"
    path.write_text(EXAMPLE.read_text("utf-8") + f'losenordsfil = "{named}"\n', "utf-8")
    return path


@pytest.mark.parametrize("content", [SECRET, f"{SECRET}\n", f"{SECRET}\r\n"])
def test_the_password_may_stand_in_a_file_of_its_own(
    content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(MAIL_PASSWORD, raising=False)
    file = tmp_path / "losenord"
    file.write_text(content, "ascii", newline="")
    file.chmod(0o600)
    found = mail_settings.settings(with_password_file(tmp_path, "losenord"))
    assert found
    assert mail_settings.password(found) == SECRET
    assert SECRET not in repr(found)
    found = mail_settings.settings(with_password_file(tmp_path, str(file.absolute())))
    assert found
    assert mail_settings.password(found) == SECRET
    monkeypatch.setenv(MAIL_PASSWORD, "annat")
    assert mail_settings.password(found) == "annat"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o610, 0o620, 0o602, 0o601, 0o644, 0o777])
def test_a_password_that_others_can_reach_is_refused(
    mode: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(MAIL_PASSWORD, raising=False)
    (tmp_path / "losenord").write_text(SECRET, "ascii")
    (tmp_path / "losenord").chmod(mode)
    with pytest.raises(InputError, match="kan läsas eller ändras av andra") as refused:
        mail_settings.settings(with_password_file(tmp_path, "losenord"))
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    "content", ["", "\n", f"{SECRET}\n{SECRET}\n", f"\n{SECRET}", SECRET * 200]
)
def test_a_file_that_holds_anything_but_a_password_is_refused(
    content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(MAIL_PASSWORD, raising=False)
    (tmp_path / "losenord").write_text(content, "ascii")
    (tmp_path / "losenord").chmod(0o600)
    with pytest.raises(
        InputError, match="ska innehålla lösenordet till e-postservern på en rad"
    ) as refused:
        mail_settings.settings(with_password_file(tmp_path, "losenord"))
    assert SECRET not in str(refused.value)


def test_a_password_file_that_is_not_there_is_told_without_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody may have written the password where the name of the file should be."""
    monkeypatch.delenv(MAIL_PASSWORD, raising=False)
    with pytest.raises(InputError, match="Filen som losenordsfil anger") as refused:
        mail_settings.settings(with_password_file(tmp_path, SECRET))
    assert SECRET not in str(refused.value)
    (tmp_path / "mapp").mkdir(mode=0o700)
    os.mkfifo(tmp_path / "ror", 0o600)
    for named in ("mapp", "ror"):
        with pytest.raises(InputError, match="Filen som losenordsfil anger"):
            mail_settings.settings(with_password_file(tmp_path, named))


# -- a mail server ---------------------------------------------------------------------------------


@dataclass
class Server:
    """A real mail server on this machine, that can be taken down and that remembers what it has
    accepted."""

    port: int
    tls: ssl.SSLContext | None = None
    is_implicit: bool = False
    refused: dict[str, str] = field(default_factory=dict)
    verdicts: list[str] = field(default_factory=list)
    """What it says to the next letters that it gets; then yes. Empty: it hangs up without a
    word."""
    got: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    passwords: list[bytes] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        verdict = self.verdicts.pop(0) if self.verdicts else "250 Tack"
        if verdict.startswith("250") or not verdict:
            assert isinstance(envelope.content, bytes)
            self.got.append((envelope.mail_from or "", envelope.rcpt_tos, envelope.content))
        if not verdict:
            assert isinstance(server.transport, WriteTransport)
            server.transport.abort()
        return verdict or "250"

    def authenticate(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        mechanism: str,
        data: LoginPassword,
    ) -> AuthResult:
        self.passwords.append(data.password)
        return AuthResult(success=data.password == SECRET.encode(), handled=False)

    @contextmanager
    def up(self) -> Iterator[None]:
        controller = Controller(
            self,
            "127.0.0.1",
            self.port,
            ssl_context=self.tls if self.is_implicit else None,
            tls_context=None if self.is_implicit else self.tls,
            require_starttls=bool(self.tls) and not self.is_implicit,
            authenticator=self.authenticate if self.tls else None,
            auth_require_tls=not self.is_implicit,
            auth_required=bool(self.tls) and not self.is_implicit,
        )
        controller.start()
        try:
            yield
        finally:
            controller.stop()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def server() -> Server:
    return Server(free_port())


def plain(port: int) -> mail_settings.Settings:
    return mail_settings.Settings(
        "127.0.0.1", port, "ingen", "statsbidrag@example.org", None, ("example.org",)
    )


def reminder(number: int = 1, to: str | None = TO) -> correspondence.Letter:
    return correspondence.letter(
        "paminnelse",
        "bidrag bromma",
        f"dag {number}",
        to,
        f"Påminnelse {number}",
        ".\nÅ, ä och ö.\n..\n",
    )


def send(out: Path, server: Server, **how: Any) -> sending.Sending:
    return sending.send(out, plain(server.port), AT, **how)


def nothing() -> str:
    raise AssertionError("the password is not asked for when nobody needs it")


def test_a_letter_is_sent_once_and_arrives_as_written(
    case: Case, server: Server, tmp_path: Path
) -> None:
    letter = case.letter(faulty())
    (name,) = put(tmp_path, [letter])
    with server.up():
        done = send(tmp_path, server, secret=nothing)
        again = send(tmp_path, server, secret=nothing)
    assert done == sending.Sending(sent=(name,), sentences=(f"1{NBSP}brev är skickat.",))
    assert again == sending.Sending()
    ((sender, people, content),) = server.got
    assert (sender, people) == ("statsbidrag@example.org", [TO])
    message = parsed(content)
    assert text(message) == letter.body
    assert [part.get_content() for part in message.iter_attachments()] == [
        b"PK\x03\x04 kommenterad"
    ]
    assert (message["From"], message["To"], message["Date"].datetime) == (
        "statsbidrag@example.org",
        TO,
        AT,
    )
    assert message["X-Unsent"] is None
    assert message["Auto-Submitted"] == "auto-generated"
    assert re.fullmatch("<[0-9a-f]{32}@example.org>", message["Message-ID"])
    assert drafts(tmp_path, outbox.SENT) == {name: content}
    assert outbox.draft_of(content) == letter.draft()
    assert put(tmp_path, [letter]) == ()


def test_lines_of_full_stops_arrive(server: Server, tmp_path: Path) -> None:
    put(tmp_path, [reminder()])
    with server.up():
        send(tmp_path, server)
    assert text(parsed(server.got[0][2])) == ".\nÅ, ä och ö.\n..\n"


def test_what_waits_while_the_server_is_down_is_sent_once_when_it_is_up(
    server: Server, tmp_path: Path
) -> None:
    names = put(tmp_path, [reminder(1), reminder(2)])
    before = drafts(tmp_path)
    done = send(tmp_path, server)
    assert set(done.kept) == set(names)
    assert done.sent == done.uncertain == ()
    (sentence,) = done.sentences
    assert sentence == (
        f"E-postservern 127.0.0.1:{server.port} svarar inte som den ska. 2{NBSP}brev ligger kvar i "
        f"utkorgen och prövas igen nästa gång ({sorted(names)[0]} och {sorted(names)[1]})."
    )
    assert drafts(tmp_path) == before
    with server.up():
        assert set(send(tmp_path, server).sent) == set(names)
        assert send(tmp_path, server) == sending.Sending()
    assert len(server.got) == 2


def test_a_recipient_that_is_refused_costs_nobody_else_a_letter(
    server: Server, tmp_path: Path
) -> None:
    server.refused["borta@example.org"] = "550 5.1.1 borta@example.org finns inte"
    names = put(tmp_path, [reminder(1, "borta@example.org"), reminder(2)])
    with server.up():
        done = send(tmp_path, server)
    assert len(server.got) == 1
    assert set(done.sent + done.kept) == set(names)
    assert len(done.sent) == 1
    assert any(
        "tog inte emot mottagaren (svar 550 5.1.1)." in sentence for sentence in done.sentences
    )
    assert "borta@" not in repr(done)
    del server.refused["borta@example.org"]
    with server.up():
        assert send(tmp_path, server).sent == done.kept


@pytest.mark.parametrize(
    ("to", "says"), [(None, "Mottagare saknas"), ("x@example.com", "utanför de domäner")]
)
def test_a_letter_that_may_go_nowhere_is_kept(
    to: str | None, says: str, server: Server, tmp_path: Path
) -> None:
    names = put(tmp_path, [reminder(1, to)])
    done = send(tmp_path, server)  # nobody is even called
    assert done.kept == names
    assert says in done.sentences[0]


@pytest.mark.parametrize("verdict", ["451 4.3.0 senare", "554 5.7.1 nej", "421 stänger"])
def test_a_letter_that_the_server_refuses_is_kept_and_sent_later(
    verdict: str, server: Server, tmp_path: Path
) -> None:
    names = put(tmp_path, [reminder()])
    server.verdicts = [verdict]
    with server.up():
        done = send(tmp_path, server)
        assert (done.kept, done.uncertain) == (names, ())
        assert f"(svar {verdict[:3]}" in done.sentences[0]
        assert send(tmp_path, server).sent == names
    assert len(server.got) == 1


def test_a_server_that_goes_silent_after_the_letter_leaves_it_uncertain(
    server: Server, tmp_path: Path
) -> None:
    names = put(tmp_path, [reminder()])
    server.verdicts = [""]
    with server.up():
        done = send(tmp_path, server)
        assert send(tmp_path, server) == done
    assert (
        len(server.got) == 1
    )  # it had taken the letter: a second try would have been a second letter
    assert (done.sent, done.kept, done.uncertain) == ((), (), names)
    assert done.sentences == (sending.uncertainty(names),)
    assert "Det är osäkert om" in done.sentences[0]
    assert put(tmp_path, [reminder()]) == ()


def test_after_a_letter_that_nobody_hears_of_the_rest_wait(server: Server, tmp_path: Path) -> None:
    names = sorted(put(tmp_path, [reminder(number) for number in range(1, 5)]))
    server.verdicts = [""]
    with server.up():
        done = send(tmp_path, server)
        assert (len(server.got), done.uncertain, done.kept) == (
            1,
            tuple(names[:1]),
            tuple(names[1:]),
        )
        assert done.sentences[0].startswith(
            "E-postservern svarade inte på om den tog emot ett brev, så utskicket avb"
        )
        assert "3\xa0brev ligger kvar i utkorgen" in done.sentences[0]
        assert send(tmp_path, server).sent == tuple(names[1:])


def test_a_sending_ends_in_its_time(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = sorted(put(tmp_path, [reminder(number) for number in range(1, 4)]))
    clock = iter([0.0, 1.0, 599.0, 601.0])
    with server.up():
        monkeypatch.setattr(sending, "time", SimpleNamespace(monotonic=lambda: next(clock)))
        done = send(tmp_path, server)
    assert (done.sent, done.kept) == (tuple(names[:2]), tuple(names[2:]))
    assert "Utskicket tog mer än 10\u00a0minuter och avbröts." in done.sentences[1]


def test_a_server_that_breaks_off_twice_in_a_row_gets_no_more_letters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = sorted(put(tmp_path, [reminder(number) for number in range(1, 7)]))
    tried: list[str] = []

    def deliver(path: Path, *_: object) -> None:
        tried.append(path.name)
        if path.name != names[1]:
            raise sending._BrokenOffError("E-postservern avbröt kontakten.")

    monkeypatch.setattr(sending, "_deliver", deliver)
    done = sending.send(tmp_path, plain(1), AT)
    assert tried == names[:4]  # the second went well, so the first may have been at fault by itself
    assert done.kept == tuple(names)


def test_a_server_that_talks_for_ever_is_hung_up_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "VERDICT_SECONDS", 0.5)
    names = put(tmp_path, [reminder()])
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        with listener, listener.accept()[0] as line, suppress(OSError):
            for answer in [*TO_DATA, b"354 kom\r\n"]:
                line.sendall(answer)
                line.recv(65536)
            for _ in range(200):
                line.sendall(b"250-")
                time.sleep(0.1)

    thread = threading.Thread(target=drip)
    thread.start()
    begun = time.monotonic()
    assert sending.send(tmp_path, plain(listener.getsockname()[1]), AT).uncertain == names
    assert time.monotonic() - begun < 10
    thread.join(30)


def serve_once(answers: list[bytes], *, hang: float = 0) -> tuple[int, threading.Thread]:
    """A server that gives these answers, whatever it hears, and then hangs up or says nothing
    more."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listener, listener.accept()[0] as line:
            for answer in answers:
                line.sendall(answer)
                line.recv(65536)
            if hang:
                line.settimeout(hang)
                with suppress(OSError):
                    while line.recv(65536):
                        pass

    thread = threading.Thread(target=serve)
    thread.start()
    return int(listener.getsockname()[1]), thread


HELLO = [b"220 hej\r\n", b"250 hej\r\n"]
TO_DATA = [*HELLO, b"250 ok\r\n", b"250 ok\r\n"]


@pytest.mark.parametrize(
    ("answers", "hang", "is_uncertain"),
    [
        ([], 5, False),
        (HELLO[:1], 0, False),
        ([b"skr\xff\xe4p\r\n"], 0, False),
        (HELLO, 5, False),
        ([*HELLO, b"452 fullt\r\n"], 0, False),
        (TO_DATA, 0, False),
        ([*TO_DATA, b"503 nej\r\n"], 0, False),
        ([*TO_DATA, b"354 kom\r\n"], 5, True),
        ([*TO_DATA, b"354 kom\r\n", b"skr\xe4p\r\n"], 0, True),
        ([*TO_DATA, b"354 kom\r\n", b"299" + b"x" * 10000 + b"\r\n"], 0, True),
    ],
)
def test_a_server_that_breaks_off_never_gets_a_letter_twice(
    answers: list[bytes],
    hang: float,
    is_uncertain: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sending, "TIMEOUT_SECONDS", 0.5)
    monkeypatch.setattr(sending, "VERDICT_SECONDS", 0.5)
    names = put(tmp_path, [reminder()])
    port, thread = serve_once(answers, hang=hang)
    done = sending.send(tmp_path, plain(port), AT)
    thread.join(10)
    assert (done.kept, done.uncertain) == (((), names) if is_uncertain else (names, ()))
    assert len(done.sentences) == 1


CHILD = """
import os, signal, sys
from datetime import datetime, timezone
from pathlib import Path
from statsbidrag.year import mail_settings, sending
out, port, number, when = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
move, calls = sending.move, [0]
def killed(*given):
    calls[0] += 1
    if calls[0] == number and when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    moved = move(*given)
    if calls[0] == number and when == "after":
        os.kill(os.getpid(), signal.SIGKILL)
    return moved
sending.move = killed
sending.send(out, mail_settings.Settings("127.0.0.1", port, "ingen", "s@example.org", None, ("example.org",)),
             datetime(2024, 1, 20, tzinfo=timezone.utc))
"""


@pytest.mark.parametrize(
    ("number", "when", "boxes", "arrived"),
    [
        (1, "before", (0, 0, 3), 3),  # nothing had been decided: all are sent by the next call
        (1, "after", (0, 1, 2), 2),  # cut off before the last bytes: it can't be told from the next
        (2, "before", (0, 1, 2), 3),  # accepted, and nobody left to hear it
        (2, "after", (0, 0, 3), 3),
        (4, "before", (0, 1, 2), 3),
    ],
)
def test_killed_anywhere_no_letter_is_sent_twice_and_none_is_lost(
    number: int,
    when: str,
    boxes: tuple[int, int, int],
    arrived: int,
    server: Server,
    tmp_path: Path,
) -> None:
    put(tmp_path, [reminder(number) for number in (1, 2, 3)])
    with server.up():
        child = subprocess.run(
            [sys.executable, "-c", CHILD, str(tmp_path), str(server.port), str(number), when],
            check=False,
        )
        assert child.returncode == -signal.SIGKILL
        send(tmp_path, server)
        send(tmp_path, server)
    stand = outbox.outbox(tmp_path)
    assert tuple(map(len, (stand.waiting, stand.uncertain, stand.sent))) == boxes
    assert len(server.got) == arrived == len({content for _, _, content in server.got})


def test_two_at_once_send_each_letter_once(server: Server, tmp_path: Path) -> None:
    names = put(tmp_path, [reminder(number) for number in range(8)])
    done: list[sending.Sending] = []
    with server.up():
        threads = [
            threading.Thread(target=lambda: done.append(send(tmp_path, server))) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        done.append(send(tmp_path, server))
    assert sorted(name for one in done for name in one.sent) == sorted(names)
    assert len(server.got) == 8


def test_a_draft_that_is_taken_away_meanwhile_is_not_sent(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, [reminder()])
    move = outbox.move

    def taken_away(path: Path, box: str) -> object:
        path.unlink()
        return move(path, box)

    monkeypatch.setattr(sending, "move", taken_away)
    with server.up():
        assert send(tmp_path, server) == sending.Sending()
    assert server.got == []


# -- encryption and passwords ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for this machine with its key, made here."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "e-postserver")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("certifikat") / "server.pem"
    form, plain_text = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, form, plain_text)
    )
    return path


@pytest.fixture(params=["starttls", "tls"])
def safe(
    request: pytest.FixtureRequest, certificate: Path
) -> tuple[Server, mail_settings.Settings]:
    """A server that demands encryption and a password, and the settings for it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = Server(free_port(), context, is_implicit=request.param == "tls")
    return server, replace(plain(server.port), security=request.param, user="statsbidrag")


def test_a_letter_goes_encrypted_with_a_password(
    safe: tuple[Server, mail_settings.Settings],
    certificate: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server, settings = safe
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setenv(MAIL_PASSWORD, SECRET)
    names = put(tmp_path, [reminder(1), reminder(2)])
    with server.up():
        done = sending.send(tmp_path, settings, AT)
    assert set(done.sent) == set(names)
    assert len(server.got) == 2
    assert SECRET not in repr(done) + repr(settings)


def test_a_server_whose_certificate_nobody_vouches_for_gets_no_password(
    safe: tuple[Server, mail_settings.Settings], tmp_path: Path
) -> None:
    server, settings = safe
    names = put(tmp_path, [reminder()])
    with server.up():
        done = sending.send(tmp_path, settings, AT, lambda: SECRET)
    assert done.kept == names
    assert "går inte att lita på" in done.sentences[0]
    assert server.passwords == []


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("", "Lösenordet till e-postservern saknas"),
        ("fel-" + SECRET, "godtog inte användaren och lösenordet"),
        ("å" + SECRET, "annat än ASCII"),
        (SECRET + "\r\nQUIT", "godtog inte användaren och lösenordet"),
    ],
)
def test_a_password_that_is_wrong_is_told_without_it(
    password: str,
    says: str,
    safe: tuple[Server, mail_settings.Settings],
    certificate: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    server, settings = safe
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    names = put(tmp_path, [reminder()])
    with server.up():
        done = sending.send(tmp_path, settings, AT, lambda: password)
    assert done.kept == names
    assert says in done.sentences[0]
    out, err = capfd.readouterr()
    mine = "".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("mail.")
    )
    assert SECRET not in repr(done) + out + err + mine
    assert not any(
        SECRET.encode() in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()
    )


def test_a_server_without_encryption_gets_no_password(server: Server, tmp_path: Path) -> None:
    names = put(tmp_path, [reminder()])
    settings = replace(plain(server.port), security="starttls", user="statsbidrag")
    with server.up():
        done = sending.send(tmp_path, settings, AT, lambda: SECRET)
    assert done.kept == names
    assert "erbjuder inte den kryptering" in done.sentences[0]
    assert server.passwords == []


def test_no_error_inside_holds_the_password(server: Server) -> None:
    """What is raised on the way, with all that it was raised from."""
    settings = replace(plain(server.port), security="starttls", user="statsbidrag")
    for password in (SECRET, f"ö{SECRET}"):
        with pytest.raises(sending._NoServerError) as raised:
            sending._connected(settings, password)
        error: BaseException | None = raised.value
        while error:
            assert SECRET not in repr(error) + repr(error.args) + repr(vars(error))
            error = error.__context__
