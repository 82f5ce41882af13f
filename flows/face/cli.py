"""The command: alone prints and sets exit codes. Heavy libraries load only in the commands that need them."""

import argparse
import getpass
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from .. import __version__
from ..base import swedish
from ..base.errors import FigureError, InputError
from ..model.case import EntryKind
from ..model.codes import Ground
from . import terminal

if TYPE_CHECKING:
    from ..case.casefile import Desk
    from ..model.rulebook import Rulebook
    from ..money.tables import BoardMoney


CLEAN, BUG, NOT_STARTED, BLOCKING = 0, 1, 2, 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is that of the contract: 0 clean, 3 blocking findings, 2 not started, 1 a bug."""
    terminal.any_encoding(sys.stdout, sys.stderr)
    asked = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = asked.command
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
        with suppress(OSError):  # when it is what we say that has no room, it is not to be tried once more at the end
            sys.stdout.close()
        return "Disken är full. Frigör utrymme och kör samma kommando igen."
    return None


def console() -> NoReturn:
    """The installed command."""
    sys.exit(main())


# -- the words of the command line -----------------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """Argparse in Swedish: one sentence and exit code 2."""

    def error(self, message: str) -> NoReturn:
        terminal.say(f"{self.prog}: {message}. Skriv {self.prog} --help för hjälp.", to=sys.stderr)
        raise SystemExit(NOT_STARTED)


_ARGPARSE = {
    "usage: ": "användning: ",
    "positional arguments": "argument",
    "options": "val",
    "show this help message and exit": "visa den här hjälpen och avsluta",
    "show program's version number and exit": "visa programmets version och avsluta",
    "the following arguments are required: %s": "följande måste anges: %s",
    "unrecognized arguments: %s": "det här känns inte igen: %s",
    "expected one argument": "ett värde ska följa",
    "expected at least one argument": "minst ett värde ska följa",
    "invalid choice: %(value)r (choose from %(choices)s)": "%(value)r finns inte (välj bland %(choices)s)",
    "argument %(argument_name)s: %(message)s": "%(argument_name)s: %(message)s",
    "invalid %(type)s value: %(value)r": "%(value)r är inte %(type)s",
    "%(prog)s: error: %(message)s\n": "%(prog)s: %(message)s\n",
}


def _day(text: str) -> date:
    day = swedish.parse_date(text)
    if day is None:
        raise argparse.ArgumentTypeError(f"{text} är inte ett datum. Skriv som 2023-12-31")
    return day


def _sha256(text: str) -> str:
    plain = "".join(text.split()).casefold()
    if len(plain) != 64 or set(plain) - set("0123456789abcdef"):
        raise argparse.ArgumentTypeError(f"{text} är ingen hash. Den är 64 tecken lång, av 0-9 och a-f")
    return plain


def _common(made: argparse.ArgumentParser, *names: str) -> None:
    """The options that many commands share, by name."""
    if "returns" in names:
        words = "mapp med redovisningar (./data/inbox)"
        made.add_argument("--returns", type=Path, default=Path("data/inbox"), metavar="MAPP", help=words)
    if "data" in names:
        made.add_argument("--data", type=Path, default=Path("data"), help="mapp med nämnder och bidrag (./data)")
    if "out" in names:
        made.add_argument("--out", type=Path, default=Path("out"), help="mapp för resultaten (./out)")
    if "as_of" in names:
        words = "den dag som gäller, ÅÅÅÅ-MM-DD (i dag)"
        made.add_argument("--as-of", type=_day, default=None, metavar="DATUM", help=words)


def _parser() -> argparse.ArgumentParser:
    argparse._ = lambda text: _ARGPARSE.get(text, text)  # type: ignore[attr-defined]
    parser = _Parser(prog="statsbidrag", description="Statsbidrag från nämndernas redovisningar till återrapporten.")
    parser.add_argument("--version", action="version", version=f"statsbidrag {__version__}")
    commands = parser.add_subparsers(title="kommandon", required=True, metavar="KOMMANDO", parser_class=_Parser)

    def command(name: str, function: Callable[[argparse.Namespace], int], words: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=words, description=words)
        made.set_defaults(command=function)
        return made

    run = command("run", _run, "Ta in, granska och stäm av redovisningarna och skriv rapporterna.")
    run.add_argument("grants", nargs="*", metavar="BIDRAG", help="id på statsbidrag; inget betyder alla")
    run.add_argument("--final", action="store_true", help="slutredovisning i stället för kvartalsavstämning")
    run.add_argument("--by", metavar="NAMN", help="vem som kör, för händelseloggen (den inloggade)")
    _common(run, "returns", "data", "out", "as_of")

    template = command("template", _template, "Skriv en redovisningsmall för varje nämnd som har medel.")
    template.add_argument("grant", metavar="BIDRAG")
    template.add_argument("--period-end", type=_day, required=True, metavar="DATUM", help="redovisningens sista dag")
    template.add_argument("--board", metavar="NÄMND", help="bara för den här nämnden")
    _common(template, "data", "out", "as_of")

    check = command("check", _check, "Granska redovisningar utan att räkna dem.")
    check.add_argument("files", nargs="+", type=Path, metavar="FIL", help="redovisningar, eller mappar med sådana")
    check.add_argument("--final", action="store_true", help="granska som slutredovisning i stället för kvartalets")
    words = (
        "skriv också Great Expectations egna sidor i mappen (för utvecklare; de hämtar skript från nätet när de öppnas)"
    )
    check.add_argument("--gx-docs", type=Path, default=None, metavar="MAPP", help=words)
    _common(check, "data", "as_of")

    explain = command("explain", _explain, "Visa varje belopp ända ner till fil, blad och cell.")
    explain.add_argument("grant", metavar="BIDRAG")
    explain.add_argument("board", nargs="?", metavar="NÄMND")
    _common(explain, "out")

    _decision_commands(command)

    serve = command("serve", _serve, "Kör de schemalagda flödena tills kommandot avbryts.")
    serve.add_argument("--watch", action="store_true", help="ta in nya filer i mappen genast")
    serve.add_argument(
        "--post", type=Path, default=None, metavar="FIL", help="inställningar för e-post (post.toml i --data)"
    )
    serve.add_argument(
        "--port", type=int, default=4200, help="port för Prefects sidor; rapporterna visas på nästa (4200)"
    )
    _common(serve, "returns", "data", "out")

    status = command("status", _status, "Visa läget för varje bidrag: tidsfrister, vem som saknas och pengar i fara.")
    status.add_argument("--json", action="store_true", help="som JSON")
    _common(status, "data", "out", "as_of")
    return parser


_DECISIONS = {
    "review": ("reviewed", "Granska en slutrapport: beloppen är kontrollerade av någon annan än den som körde."),
    "approve": ("attested", "Attestera en granskad slutrapport; utkastmärkningen tas bort."),
    "reject": ("returned", "Återlämna en granskad eller attesterad slutrapport; den blir utkast igen."),
    "file": ("filed", "Anteckna att en attesterad slutrapport är inlämnad, och lägg undan den oföränderlig."),
}
_GROUND_NAMES = {
    "ej-anvant": Ground.NOT_USED,
    "fel-andamal": Ground.WRONG_PURPOSE,
    "ej-redovisat": Ground.NO_REPORT,
    "villkor": Ground.BREACH_OF_TERMS,
    "felaktigt-mottaget": Ground.WRONGLY_RECEIVED,
}
_ENTRIES = {
    "claim": (EntryKind.CLAIM, "Bokför myndighetens krav (återkrav), eller stadens krav på en nämnd."),
    "relief": (EntryKind.RELIEF, "Bokför att ett belopp har satts ned, till exempel för särskilda skäl."),
    "repaid": (EntryKind.PAYMENT, "Bokför en betalning till myndigheten, eller från en nämnd."),
}


def _decision_commands(command: Callable[..., argparse.ArgumentParser]) -> None:
    """What people do with a final report once it has been run."""

    def about_a_report(name: str, function: Callable[[argparse.Namespace], int], words: str) -> argparse.ArgumentParser:
        made = command(name, function, words)
        made.add_argument("grant", metavar="BIDRAG")
        made.add_argument("--by", metavar="NAMN", required=True, help="vem som beslutar eller bokför")
        _common(made, "returns", "data", "out")
        return made

    for name, (kind, words) in _DECISIONS.items():
        made = about_a_report(name, _decide, words)
        made.add_argument("--on", type=_day, default=None, metavar="DATUM", help="dagen för beslutet (i dag)")
        made.add_argument("--why", metavar="TEXT", help="skälet")
        made.set_defaults(kind=kind)
    for name, (kind, words) in _ENTRIES.items():
        made = about_a_report(name, _enter, words)
        made.add_argument(
            "--amount",
            type=_amount,
            required=True,
            metavar="KRONOR",
            help="till exempel 1250,50; en rättelse skrivs --amount=-1250,50",
        )
        made.add_argument(
            "--on", type=_day, required=True, metavar="DATUM", help="dagen för beslutet eller betalningen"
        )
        made.add_argument("--ref", required=True, metavar="TEXT", help="beslutets dnr, eller betalningens märkning")
        made.add_argument("--board", metavar="NÄMND", help="mellan den här nämnden och Socialnämnden")
        made.add_argument("--why", metavar="TEXT", help="skälet")
        made.set_defaults(kind=kind, ground=None, due=None, interest=False)
        if kind == EntryKind.PAYMENT:
            made.add_argument("--interest", action="store_true", help="betalningen avser ränta")
        else:
            made.add_argument("--ground", choices=list(_GROUND_NAMES), help="grunden för återbetalningen")
        if kind == EntryKind.CLAIM:
            made.add_argument("--due", type=_day, default=None, metavar="DATUM", help="när det ska vara betalt")
        _common(made, "as_of")

    made = command("compare", _compare, "Visa vad nya redovisningar skulle ändra, innan de räknas.")
    made.add_argument("grant", metavar="BIDRAG")
    made.add_argument("--final", action="store_true", help="jämför med slutredovisningen i stället för kvartalet")
    _common(made, "returns", "data", "out", "as_of")
    made = about_a_report("package", _package, "Gör ett paket för revisorn och arkivet av en slutrapport.")
    made = command("ledger", _ledger, "Visa återbetalningen: vad som krävs, vad som är betalt och vad som återstår.")
    made.add_argument("grant", metavar="BIDRAG")
    _common(made, "data", "out", "as_of")
    made = command(
        "verify", _verify, "Gå igenom logg, databas, rapporter och redovisningar och säg vad som inte stämmer."
    )
    words = "en hash ur loggen som du har sparat: den ska finnas kvar (kan anges flera gånger)"
    made.add_argument("--hash", type=_sha256, action="append", default=[], dest="hashes", metavar="HASH", help=words)
    _common(made, "returns", "out")
    made = command("paper", _paper, "Skriv ett utkast till tjänsteutlåtande om en eller flera slutrapporter.")
    made.add_argument("grants", nargs="+", metavar="BIDRAG")
    made.add_argument("--to", type=Path, default=Path("tjansteutlatande.docx"), metavar="FIL", help="Wordfilen")
    _common(made, "data", "out")


def _amount(text: str) -> Decimal:
    amount = swedish.parse_amount(text)
    if amount is None or amount != amount.quantize(Decimal("0.01")):
        raise argparse.ArgumentTypeError(f"{text} är inte ett belopp i kronor. Skriv som 1250 eller 1250,50")
    return amount


def _now() -> str:
    """The moment for the audit log, in Swedish time; SOURCE_DATE_EPOCH fixes it, as in other programs."""
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
            f"Miljövariabeln SOURCE_DATE_EPOCH är {text[:40]}. Den ska vara antalet sekunder sedan 1970, till exempel "
            "1705741200. Rätta den eller ta bort den."
        )
    return int(text)


def _runner(asked: argparse.Namespace) -> str:
    """Who runs: as stated, else who is logged in; a final report must have somebody that others can be told from."""
    from ..case import people

    if asked.by is not None:
        return people.named(asked.by)
    try:
        return people.named(getpass.getuser())
    except (OSError, KeyError, InputError):  # a machine whose user has no name, or a number for one
        if asked.final:
            raise InputError("Det syns inte vem som är inloggad på datorn. Ange med --by vem som kör.") from None
        return "okänd"


def _today() -> date:
    return date.fromisoformat(_now()[:10])


# -- the commands ----------------------------------------------------------------------------------------------------


def _must_have_folders(asked: argparse.Namespace) -> None:
    from ..case import store

    if not asked.returns.is_dir():
        raise InputError(f"Mappen {asked.returns} finns inte. Ange mappen med redovisningar med --returns.")
    store.must_lie_apart(asked.out, asked.returns, asked.data)


def _decided_board(decided: "Rulebook", name: str) -> str:
    """The id of a board that somebody has named. Raises InputError, with the name that may be meant."""
    board_id = decided.board_named(name)
    if board_id is None:
        near = swedish.nearest(name, [b.name for b in decided.boards])
        raise InputError(f"Det finns ingen nämnd som heter {name}.{f' Menas {near}?' if near else ''}")
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

                pipeline.warm()
                server.wait()
                if server.repaired:
                    listener.say(server.repaired)
                ran = pipeline.run(
                    pipeline.Errand(asked.data, asked.returns, asked.out, asked.grants, as_of, by),
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
        raise InputError(f"Bidraget gäller {swedish.period(first, last)}. Ange en --period-end inom den tiden.")
    senders = sorted(decided.units(grant, as_of, asked.period_end))
    if not senders:
        raise InputError(f"Inget beslut om {grant.grant_id} gäller {as_of}. Ange en senare dag med --as-of.")
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
        store.write(path, return_template.template(grant, board, assigned, asked.period_end, as_of, returns_by))
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
        checked = checking.check(files, asked.data, as_of, workshop, is_final=asked.final, docs=asked.gx_docs)
    terminal.say(*terminal.checked(checked))
    return BLOCKING if checked.has_blocking else CLEAN


def _explain(asked: argparse.Namespace) -> int:
    from ..case import store
    from ..money import earlier_runs
    from . import explanation

    with store.reading(asked.out):
        found = earlier_runs.kept(asked.out / earlier_runs.DATABASE, asked.grant)
    if found is None:
        raise InputError(f"{asked.grant} har inte stämts av i {asked.out}. Kör statsbidrag run {asked.grant} först.")
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
            terminal.say(f"Nyckeln till Prefects sidor står i {stack.enter_context(server.noting())}")
        terminal.say(f"Rapporterna: {pages}", "Flödena körs enligt schemat. Avbryt med Ctrl+C.")
        places = service.Places(asked.data, asked.returns, asked.out, mail, pages)
        try:
            with server.lasting():
                service.serve(places, lambda: datetime.fromisoformat(_now()), terminal.say, is_watching=asked.watch)
        except UnansweredError as error:
            raise InputError(f"{error} Starta statsbidrag serve igen. Det som missas körs då.") from None
    return CLEAN


def _status(asked: argparse.Namespace) -> int:
    from ..case import state_of_grants

    standings, decided = state_of_grants.read_standings(asked.data, asked.out, asked.as_of or _today())
    if asked.json:
        is_plain = not terminal.shows_everything(sys.stdout)
        terminal.say(json.dumps([s.as_json() for s in standings], ensure_ascii=is_plain, indent=2, default=str))
        return CLEAN
    for finding in decided.broken:
        terminal.say(f"\n{finding.message}\n  {finding.remedy}")
    for standing in standings:
        terminal.say(*terminal.standing(standing))
    return CLEAN


# -- what people decide ----------------------------------------------------------------------------------------------


def _desk(asked: argparse.Namespace) -> "Desk":
    from ..case.casefile import Desk

    return Desk(asked.data, asked.returns, asked.out, _now())


def _decide(asked: argparse.Namespace) -> int:
    from ..case import casework

    review = casework.decide(_desk(asked), asked.grant, asked.kind, asked.by, asked.on or _today(), asked.why)
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
        ground=_GROUND_NAMES[asked.ground] if asked.ground else None,
        due_on=asked.due,
        why=asked.why,
    )
    terminal.say(*terminal.ledger(bookkeeping.enter(_desk(asked), asked.grant, entry, asked.as_of or _today())))
    return CLEAN


def _ledger(asked: argparse.Namespace) -> int:
    from ..case import bookkeeping

    terminal.say(*terminal.ledger(bookkeeping.read(asked.data, asked.out, asked.grant, asked.as_of or _today())))
    return CLEAN


def _compare(asked: argparse.Namespace) -> int:
    from ..returns.workshop import Workshop
    from ..running import comparison
    from ..running.prefect_server import configure

    configure()
    with Workshop() as workshop:
        workshop.warm()
        told = comparison.compare(
            _desk(asked), asked.grant, asked.as_of or _today(), is_final=asked.final, workshop=workshop
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
