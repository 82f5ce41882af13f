"""The command: alone prints and sets exit codes. Heavy libraries load only in the commands that
need them."""

import argparse
import getpass
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, NoReturn

from ..base import swedish
from ..base.errors import FigureError, InputError
from ..model.case import EntryKind
from . import options, terminal

if TYPE_CHECKING:
    from ..case.casefile import Desk
    from ..model.rulebook import Rulebook
    from ..money.tables import BoardMoney


CLEAN, BUG, NOT_STARTED, BLOCKING = 0, 1, 2, 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is that of the contract: 0 clean, 3 blocking findings, 2 not
    started, 1 a bug."""
    terminal.any_encoding(sys.stdout, sys.stderr)
    asked = options.parser().parse_args(arguments)
    command = _COMMANDS[asked.command]
    try:
        return command(asked)
    except FigureError as error:
        terminal.say(str(error), to=sys.stderr)
        return BUG
    except BrokenPipeError:
        sys.stderr.close()
        return CLEAN
    except (InputError, OSError, KeyboardInterrupt) as error:
        sentence = _sentence(error)
        if sentence is None:
            raise
        terminal.say(sentence, to=sys.stderr)
        return NOT_STARTED


def _sentence(error: BaseException) -> str | None:
    """What the person at the keyboard is told of what stopped a command; None for what is a bug."""
    if isinstance(error, InputError):
        return str(error)
    if isinstance(error, KeyboardInterrupt):
        return "Avbrutet. Ingenting halvfärdigt har lämnats kvar; kör igen när du vill."
    if isinstance(error, PermissionError):
        return f"Det går inte att komma åt {error.filename}. Kontrollera att du har rätt till den."
    if isinstance(error, OSError) and error.errno in terminal.FULL:
        with suppress(
            OSError
        ):  # when it is what we say that has no room, it is not to be tried once more at the end
            sys.stdout.close()
        return "Disken är full. Frigör utrymme och kör samma kommando igen."
    return None


def console() -> NoReturn:
    """The installed command."""
    sys.exit(main())


def _now() -> str:
    """The moment for the audit log, in Swedish time; SOURCE_DATE_EPOCH fixes it, as in other
    programs."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.fromtimestamp(_seconds(fixed), UTC) if fixed else datetime.now(UTC)
    return swedish.here(moment).isoformat(timespec="seconds")


_LAST_SECOND = 253_370_764_800
"""The first of January 9999: no day after it can be reckoned with in every time zone."""


def _seconds(text: str) -> int:
    """What SOURCE_DATE_EPOCH says. Raises InputError when that is no moment."""
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(_LAST_SECOND))
    if not is_number or int(text) > _LAST_SECOND:
        raise InputError(
            f"Miljövariabeln SOURCE_DATE_EPOCH är {text[:40]}. Den ska vara antalet sekunder sedan "
            "1970, till exempel 1705741200. Rätta den eller ta bort den."
        )
    return int(text)


def _runner(asked: argparse.Namespace) -> str:
    """Who runs: as stated, else who is logged in; a final report must have somebody that others can
    be told from."""
    from ..case import people

    if asked.by is not None:
        return people.named(asked.by)
    try:
        return people.named(getpass.getuser())
    except (OSError, KeyError, InputError):  # a machine whose user has no name, or a number for one
        if asked.final:
            raise InputError(
                "Det syns inte vem som är inloggad på datorn. Ange med --by vem som kör."
            ) from None
        return "okänd"


def _today() -> date:
    return date.fromisoformat(_now()[:10])


# -- the commands ----------------------------------------------------------------------------------


def _must_have_folders(asked: argparse.Namespace) -> None:
    from ..case import store

    if not asked.returns.is_dir():
        raise InputError(
            f"Mappen {asked.returns} finns inte. Ange mappen med redovisningar med --returns."
        )
    store.must_lie_apart(asked.out, asked.returns, asked.data)


def _decided_board(decided: "Rulebook", name: str) -> str:
    """The id of a board that somebody has named. Raises InputError, with the name that may be
    meant."""
    board_id = decided.board_named(name)
    if board_id is None:
        near = swedish.nearest(name, [b.name for b in decided.boards])
        raise InputError(
            f"Det finns ingen nämnd som heter {name}.{f' Menas {near}?' if near else ''}"
        )
    return board_id


def _run(asked: argparse.Namespace) -> int:
    with terminal.Listener() as listener:
        listener.stage("Läser beslut och startar")
        from ..case import store
        from ..decisions import (
            data_folder,
            plans,
        )
        from ..returns import intake
        from ..returns.workshop import Workshop
        from ..running.prefect_server import Server, configure

        as_of, by = asked.as_of or _today(), _runner(asked)
        _must_have_folders(asked)
        decided = data_folder.load(asked.data, asked.grants, as_of)
        plans.plan(decided, asked.grants, as_of, is_final=asked.final)
        store.make(asked.out)
        configure()
        with Workshop() as workshop:
            workshop.warm()
            with Server() as server:
                reading = intake.Intake.of(asked.returns, workshop.readers)
                from ..running import pipeline
                from ..running.errand import Errand

                pipeline.warm()
                server.wait()
                if server.repaired:
                    listener.say(server.repaired)
                ran = pipeline.run(
                    Errand(asked.data, asked.returns, asked.out, asked.grants, as_of, by),
                    is_final=asked.final,
                    at=_now(),
                    workshop=workshop,
                    reading=[reading],
                    listener=listener,
                )
    if ran is None:
        return BLOCKING if decided.broken else CLEAN
    terminal.say(*terminal.run(ran))
    return BLOCKING if ran.has_blocking else CLEAN


def _template(asked: argparse.Namespace) -> int:
    from ..case import store
    from ..decisions import data_folder
    from ..returns import return_template
    from ..year import deadlines

    as_of = asked.as_of or asked.period_end
    decided = data_folder.load(asked.data, [asked.grant], as_of)
    grant = decided.grant(asked.grant)
    first, last = grant.spend_from_on, grant.spend_to_on
    if not first <= asked.period_end <= last:
        raise InputError(
            f"Bidraget gäller {swedish.period(first, last)}. Ange en --period-end inom den tiden."
        )
    senders = sorted(decided.units(grant, as_of, asked.period_end))
    if not senders:
        raise InputError(
            f"Inget beslut om {grant.grant_id} gäller {as_of}. Ange en senare dag med --as-of."
        )
    if asked.board:
        senders = [_decided_board(decided, asked.board)]
    due = deadlines.return_day(decided, grant, as_of, asked.period_end)
    returns_by = due.words if due else None
    store.make(asked.out)
    for sender_id in senders:
        board = decided.board(sender_id)
        assigned = decided.assignment(sender_id, grant, as_of, asked.period_end)
        if assigned is None:
            raise InputError(f"{board.name} har inga medel i {grant.grant_id} {as_of}.")
        path = asked.out / f"{grant.grant_id}_{sender_id}_{asked.period_end}.xlsx"
        store.write(
            path,
            return_template.template(grant, board, assigned, asked.period_end, as_of, returns_by),
        )
        terminal.say(str(path))
    return CLEAN


def _check(asked: argparse.Namespace) -> int:
    from ..returns.workshop import Workshop
    from ..running import checking
    from ..running.prefect_server import configure

    files = checking.named(asked.files)
    if not files:
        terminal.say(f"Det finns inga filer i {swedish.listing(map(str, asked.files))}.")
        return CLEAN
    configure()
    with Workshop() as workshop:
        workshop.warm()
        as_of = asked.as_of or _today()
        checked = checking.check(
            files, asked.data, as_of, workshop, is_final=asked.final, docs=asked.gx_docs
        )
    terminal.say(*terminal.checked(checked))
    return BLOCKING if checked.has_blocking else CLEAN


def _explain(asked: argparse.Namespace) -> int:
    from ..case import store
    from ..money import earlier_runs
    from . import explanation

    with store.reading(asked.out):
        found = earlier_runs.kept(asked.out / earlier_runs.DATABASE, asked.grant)
    if found is None:
        raise InputError(
            f"{asked.grant} har inte stämts av i {asked.out}. Kör statsbidrag run {asked.grant} "
            "först."
        )
    wanted = _board_named(asked.board, found.tables.board) if asked.board else None
    terminal.say(*explanation.explanation(found.tables, wanted))
    return CLEAN


def _board_named(text: str, boards: Sequence["BoardMoney"]) -> str:
    names = {swedish.key(name): b.board_id for b in boards for name in (b.board_id, b.name)}
    found: str | None = names.get(swedish.key(text))
    if found is None:
        choices = swedish.listing(sorted(set(names.values()), key=swedish.order))
        raise InputError(f"{text} finns inte i avstämningen. Välj bland {choices}.")
    return found


def _serve(asked: argparse.Namespace) -> int:
    from ..case import store
    from ..decisions import data_folder
    from ..running import web
    from ..running.prefect_server import Server, UnansweredError, configure
    from ..year import mail_settings

    _must_have_folders(asked)
    data_folder.load(asked.data, (), _today())
    mail = asked.post or asked.data / "post.toml"
    mail_settings.settings(mail)
    store.make(asked.out)
    configure(level="INFO")
    with ExitStack() as stack:
        try:
            server = stack.enter_context(Server(port=asked.port))
            pages = stack.enter_context(web.showing(asked.out, asked.port + 1))
        except OSError:
            raise InputError(
                f"Porten {asked.port} eller {asked.port + 1} är upptagen. Ange en annan med --port."
            ) from None
        server.wait()
        if server.repaired:
            terminal.say(server.repaired)
        from ..running import service

        terminal.say(f"Prefects sidor: {os.environ['PREFECT_API_URL'].removesuffix('/api')}")
        if server.key and sys.stdout.isatty():
            terminal.say(f"Nyckeln till Prefects sidor: {server.key}")
        elif server.key:
            terminal.say(
                f"Nyckeln till Prefects sidor står i {stack.enter_context(server.noting())}"
            )
        terminal.say(f"Rapporterna: {pages}", "Flödena körs enligt schemat. Avbryt med Ctrl+C.")
        places = service.Places(asked.data, asked.returns, asked.out, mail, pages)
        try:
            with server.lasting():
                service.serve(
                    places,
                    lambda: datetime.fromisoformat(_now()),
                    terminal.say,
                    is_watching=asked.watch,
                )
        except UnansweredError as error:
            raise InputError(
                f"{error} Starta statsbidrag serve igen. Det som missas körs då."
            ) from None
    return CLEAN


def _status(asked: argparse.Namespace) -> int:
    from ..case import state_of_grants

    standings, decided = state_of_grants.read_standings(
        asked.data, asked.out, asked.as_of or _today()
    )
    if asked.json:
        is_plain = not terminal.shows_everything(sys.stdout)
        terminal.say(
            json.dumps(
                [s.as_json() for s in standings], ensure_ascii=is_plain, indent=2, default=str
            )
        )
        return CLEAN
    for finding in decided.broken:
        terminal.say(f"\n{finding.message}\n  {finding.remedy}")
    for standing in standings:
        terminal.say(*terminal.standing(standing))
    return CLEAN


# -- what people decide ----------------------------------------------------------------------------


def _desk(asked: argparse.Namespace) -> "Desk":
    from ..case.casefile import Desk

    return Desk(asked.data, asked.returns, asked.out, _now())


def _decide(asked: argparse.Namespace) -> int:
    from ..case import casework

    review = casework.decide(
        _desk(asked), asked.grant, asked.kind, asked.by, asked.on or _today(), asked.why
    )
    correction = f", rättelse {review.version - 1}" if review.version > 1 else ""
    terminal.say(f"Rapporten om {asked.grant} är nu {review.state}{correction}.")
    return CLEAN


def _enter(asked: argparse.Namespace) -> int:
    from ..case import bookkeeping
    from ..model.case import Entry

    board = None
    if asked.board:
        from ..decisions import data_folder

        board = _decided_board(data_folder.load(asked.data, [asked.grant], asked.on), asked.board)
    entry = Entry(
        kind=EntryKind.INTEREST_PAYMENT if asked.interest else asked.kind,
        board_id=board,
        amount_sek=asked.amount,
        on=asked.on,
        reference=asked.ref,
        by=asked.by,
        ground=options.GROUND_NAMES[asked.ground] if asked.ground else None,
        due_on=asked.due,
        why=asked.why,
    )
    terminal.say(
        *terminal.ledger(
            bookkeeping.enter(_desk(asked), asked.grant, entry, asked.as_of or _today())
        )
    )
    return CLEAN


def _ledger(asked: argparse.Namespace) -> int:
    from ..case import bookkeeping

    terminal.say(
        *terminal.ledger(
            bookkeeping.read(asked.data, asked.out, asked.grant, asked.as_of or _today())
        )
    )
    return CLEAN


def _compare(asked: argparse.Namespace) -> int:
    from ..returns.workshop import Workshop
    from ..running import comparison
    from ..running.prefect_server import configure

    configure()
    with Workshop() as workshop:
        workshop.warm()
        told = comparison.compare(
            _desk(asked),
            asked.grant,
            asked.as_of or _today(),
            is_final=asked.final,
            workshop=workshop,
        )
    terminal.say(*terminal.comparison(told))
    return BLOCKING if told.has_blocking else CLEAN


def _package(asked: argparse.Namespace) -> int:
    from ..case import package

    terminal.say(str(package.make(_desk(asked), asked.grant, asked.by)))
    return CLEAN


def _verify(asked: argparse.Namespace) -> int:
    from ..case import proof, store

    with store.reading(asked.out):
        found = proof.verify(asked.returns, asked.out, asked.hashes)
    terminal.say(*(found.faults or [found.summary]), *found.notes, found.last)
    return BLOCKING if found.faults else CLEAN


def _paper(asked: argparse.Namespace) -> int:
    from ..case import casefile, store

    with store.reading(asked.out):
        paper = casefile.paper(asked.data, asked.out, asked.grants)
    store.write(asked.to, paper)
    terminal.say(str(asked.to))
    return CLEAN


_COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "run": _run,
    "template": _template,
    "check": _check,
    "explain": _explain,
    "serve": _serve,
    "status": _status,
    **dict.fromkeys(("review", "approve", "reject", "file"), _decide),
    **dict.fromkeys(("claim", "relief", "repaid"), _enter),
    "compare": _compare,
    "package": _package,
    "ledger": _ledger,
    "verify": _verify,
    "paper": _paper,
}
"""What does each command; the names are those of `options`."""
