"""The command: alone prints and sets exit codes. Heavy libraries load only in the commands that
need them."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, MutableSequence, Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import TYPE_CHECKING, NoReturn

from ..base import collector, swedish
from ..base.errors import FigureError, InputError
from ..model.case import EntryKind
from . import options, stops, terminal
from .moment import now, runner, today
from .named import board_named, decided_board, must_have_folders

if TYPE_CHECKING:
    from ..case.casefile import Occasion


CLEAN, BUG, NOT_STARTED, BLOCKING = 0, 1, 2, 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is that of the contract: 0 clean, 3 blocking findings, 2 not
    started, 1 a bug."""
    collector.rest()
    # What another package plugs into the library that reads decisions has no business there, and
    # to look for it takes as long as to read them.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
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
        sentence = stops.sentence(error)
        if sentence is None:
            raise
        terminal.say(sentence, to=sys.stderr)
        return NOT_STARTED


def console() -> NoReturn:
    """The installed command."""
    stops.leave(main())


# -- the commands ----------------------------------------------------------------------------------


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
        from ..running import cluster
        from ..running.prefect_server import Server, configure

        as_of, by = asked.as_of or today(), runner(asked)
        must_have_folders(asked)
        decided = data_folder.load(asked.data, asked.grants, as_of)
        plans.plan(decided, asked.grants, as_of, is_final=asked.final, report_id=asked.report)
        store.make(asked.out)
        configure()
        cluster.must_answer()
        is_read_elsewhere = cluster.address() is not None
        with Workshop(keeps=not is_read_elsewhere, lasts=False) as workshop:
            reading = []
            if not is_read_elsewhere:
                workshop.warm()
            with Server() as server:
                if not is_read_elsewhere:
                    reading = [intake.Intake.of_folder(asked.returns, workshop.readers)]
                from ..running import pipeline
                from ..running.errand import Errand

                pipeline.warm(workshop)
                server.wait()
                if server.repaired:
                    listener.say(server.repaired)
                folders = (asked.data, asked.returns, asked.out)
                ran = pipeline.run(
                    Errand(*folders, asked.grants, as_of, by, report_id=asked.report),
                    is_final=asked.final,
                    at=now(),
                    workshop=workshop,
                    reading=reading,
                    listener=listener,
                )
    if ran is None:
        return BLOCKING if decided.broken else CLEAN
    terminal.say(*terminal.run(ran))
    return BLOCKING if ran.has_blocking else CLEAN


def _template(asked: argparse.Namespace) -> int:
    from ..case import store
    from ..decisions import data_folder
    from ..running import blank_workbooks

    as_of = asked.as_of or asked.period_end
    decided = data_folder.load(asked.data, [asked.grant], as_of)
    grant = decided.grant(asked.grant)
    senders = blank_workbooks.senders(decided, grant, as_of, asked.period_end)
    if asked.board:
        senders = [decided_board(decided, asked.board)]
    store.make(asked.out)
    for sender_id in senders:
        name, workbook = blank_workbooks.blank(decided, grant, sender_id, as_of, asked.period_end)
        store.write(asked.out / name, workbook)
        terminal.say(str(asked.out / name))
    return CLEAN


def _check(asked: argparse.Namespace) -> int:
    from ..decisions import data_folder
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
        as_of = asked.as_of or today()
        decided = data_folder.load(asked.data, (), as_of)
        checked = checking.check(
            files, decided, as_of, workshop, is_final=asked.final, docs=asked.gx_docs
        )
    terminal.say(*terminal.checked(checked))
    return BLOCKING if checked.has_blocking else CLEAN


def _explain(asked: argparse.Namespace) -> int:
    from ..case import store
    from ..money import earlier_runs
    from . import explanation

    with store.reading(asked.out):
        result = earlier_runs.kept(asked.out / earlier_runs.DATABASE, asked.grant)
    if result is None:
        raise InputError(
            f"{asked.grant} har inte stämts av i {asked.out}. Kör statsbidrag run {asked.grant} "
            "först."
        )
    wanted = board_named(asked.board, result.tables.board) if asked.board else None
    terminal.say(*explanation.explanation(result.tables, wanted))
    return CLEAN


def _serve(asked: argparse.Namespace) -> int:
    from ..running import ending

    with ending.ending() as at_the_latest:
        _keep_serving(asked, at_the_latest)
    return CLEAN


def _keep_serving(
    asked: argparse.Namespace, at_the_latest: MutableSequence[Callable[[], None]]
) -> None:
    from ..base.folders import Folders
    from ..case import store
    from ..decisions import data_folder
    from ..running.prefect_answers import UnansweredError
    from ..running.prefect_server import Server, configure
    from ..year import mail_settings

    must_have_folders(asked)
    data_folder.load(asked.data, (), today())
    mail = asked.post or asked.data / "post.toml"
    mail_settings.settings(mail)
    store.make(asked.out)
    folders = Folders(asked.data, asked.returns, asked.out)
    configure(level="INFO")
    with ExitStack() as stack:
        try:
            server = stack.enter_context(Server(port=asked.port))
            at_the_latest.append(server.close)
            from ..desk import desk_opening  # Prefect is loaded with it, and knows its server now

            desk = desk_opening.place(folders, asked.port + 1, now)
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
        address = stack.enter_context(
            desk_opening.opened(desk, folders, mail, now, terminal.complain)
        )
        terminal.say(f"Skrivbordet: {address}", "Flödena körs enligt schemat. Avbryt med Ctrl+C.")
        pages = f"{desk.address}/ut/"
        places = service.Places(asked.data, asked.returns, asked.out, mail, pages)
        try:
            with server.lasting():
                service.serve(
                    places,
                    lambda: datetime.fromisoformat(now()),
                    terminal.say,
                    is_watching=asked.watch,
                )
        except UnansweredError as error:
            raise InputError(
                f"{error} Starta statsbidrag serve igen. Det som missas körs då."
            ) from None


def _status(asked: argparse.Namespace) -> int:
    from ..case import state_of_grants

    standings, decided = state_of_grants.read_standings(
        asked.data, asked.out, asked.as_of or today()
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


def _occasion(asked: argparse.Namespace) -> "Occasion":
    from ..case.casefile import Occasion

    return Occasion(asked.data, asked.returns, asked.out, now())


def _decide(asked: argparse.Namespace) -> int:
    from ..case import casework

    on, report_id = asked.on or today(), asked.report
    review = casework.decide(
        _occasion(asked), asked.grant, asked.kind, asked.by, on, asked.why, report_id
    )
    correction = f", rättelse {review.version - 1}" if review.version > 1 else ""
    what = f"Delrapporten {report_id}" if report_id else "Rapporten"
    terminal.say(f"{what} om {asked.grant} är nu {review.state}{correction}.")
    return CLEAN


def _enter(asked: argparse.Namespace) -> int:
    from ..case import bookkeeping
    from ..model.case import Entry

    board = None
    if asked.board:
        from ..decisions import data_folder

        board = decided_board(data_folder.load(asked.data, [asked.grant], asked.on), asked.board)
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
            bookkeeping.enter(_occasion(asked), asked.grant, entry, asked.as_of or today())
        )
    )
    return CLEAN


def _ledger(asked: argparse.Namespace) -> int:
    from ..case import bookkeeping

    terminal.say(
        *terminal.ledger(
            bookkeeping.read(asked.data, asked.out, asked.grant, asked.as_of or today())
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
        compared = comparison.compare(
            _occasion(asked),
            asked.grant,
            asked.as_of or today(),
            is_final=asked.final,
            workshop=workshop,
        )
    terminal.say(*terminal.comparison(compared))
    return BLOCKING if compared.has_blocking else CLEAN


def _package(asked: argparse.Namespace) -> int:
    from ..case import package

    terminal.say(str(package.make(_occasion(asked), asked.grant, asked.by, asked.report)))
    return CLEAN


def _verify(asked: argparse.Namespace) -> int:
    from ..case import proof, store

    with store.reading(asked.out):
        verdict = proof.verify(asked.returns, asked.out, asked.hashes)
    terminal.say(*(verdict.faults or [verdict.summary]), *verdict.notes, verdict.last)
    return BLOCKING if verdict.faults else CLEAN


def _keep_safe(asked: argparse.Namespace) -> int:
    from . import safekeeping

    return CLEAN if safekeeping.done(asked, now()) else BLOCKING


def _paper(asked: argparse.Namespace) -> int:
    from ..case import papers, store

    with store.reading(asked.out):
        paper = papers.paper(asked.data, asked.out, asked.grants, asked.report)
    store.write(asked.to, paper)
    terminal.say(str(asked.to))
    return CLEAN


def _draft(asked: argparse.Namespace) -> int:
    from . import draft_files

    return CLEAN if draft_files.draft(asked, today()) else BLOCKING


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
    **dict.fromkeys(("backup", "restore"), _keep_safe),
    "paper": _paper,
    "draft": _draft,
}
"""What does each command; the names are those of `options`."""
