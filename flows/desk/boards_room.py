"""The boards: where letters to each go, and what their workbooks say of whom to ask and where to
hand in."""

from starlette.responses import Response

from ..base import swedish
from ..base.addresses import address
from ..base.errors import InputError
from ..case import amending
from ..case.amending import Amendment
from ..decisions import amendments
from ..decisions.data_names import BOARDS, ORGANISATION
from ..model.boards import Board
from .amending_forms import again, put
from .asking import Ask


def boards_page(ask: Ask) -> Response:
    """Every board that exists, and its address."""
    return _shown(ask, "")


def _shown(ask: Ask, wrong: str) -> Response:
    decided = ask.office.decided()
    _, seen_boards = amending.seen(ask.office.folders.data, BOARDS)
    _, seen_organisation = amending.seen(ask.office.folders.data, ORGANISATION)
    view = {
        "boards": _existing(ask),
        "organisation": decided.organisation,
        "seen_boards": seen_boards,
        "seen_organisation": seen_organisation,
        "wrong": wrong,
    }
    title = ask.office.wording.said("Nämnderna")
    return ask.page("namnder.html.j2", title, view, 400 if wrong else 200)


def _existing(ask: Ask) -> list[Board]:
    boards = []
    for board in ask.office.decided().boards:
        is_there = board.valid_to_on is None or board.valid_to_on >= ask.office.today
        if is_there or board.email:
            boards.append(board)
    return sorted(boards, key=lambda board: swedish.order(board.name))


def write_to_boards(ask: Ask) -> Response:
    """Put the addresses in the register of boards, or whom to ask in the organisation's file."""
    return again(ask, _shown, _written)


def _written(ask: Ask) -> Response:
    by = ask.by()
    if ask.form.text("vad") == "arbetsbok":
        put(ask, by, _of_workbooks(ask))
        return ask.go("/namnder", "Det är infört och står i arbetsböckerna från och med nu.")
    put(ask, by, _of_addresses(ask))
    return ask.go("/namnder", "Adresserna är införda. Breven går dit från och med nästa körning.")


def _of_addresses(ask: Ask) -> Amendment:
    changed: list[tuple[Board, str]] = []
    for board in _existing(ask):
        name = f"epost-{board.board_id}"
        if name not in ask.form.fields:
            continue
        written = ask.form.text(name)
        amending.must_be_tellable([(board.name, written)])
        if written and address(written) != written:
            raise InputError(f"{board.name}: {written} är ingen e-postadress.")
        if written != (board.email or ""):
            changed.append((board, written))
    if not changed:
        raise InputError("Ingen adress är ändrad.")

    def put_all(content: bytes) -> bytes:
        for board, written in changed:
            content = amendments.with_address(content, board.board_id, written)
        return content

    names = swedish.listing(board.name for board, _ in changed)
    return Amendment(BOARDS, ask.form.text("sett"), f"adress för brev till {names}", put_all)


def _of_workbooks(ask: Ask) -> Amendment:
    now = ask.office.decided().organisation
    contact = ask.form.fields.get("kontakt", now.contact or "").strip()
    place = ask.form.fields.get("lamnas_in", now.handed_in_at or "").strip()
    amending.must_be_tellable([("Kontakt", contact), ("Lämnas in", place)])

    return Amendment(
        ORGANISATION,
        ask.form.text("sett"),
        "vem nämnderna frågar och var de lämnar in",
        lambda content: amendments.with_workbook_words(content, contact, place),
    )
