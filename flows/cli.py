"""The command: alone prints and sets exit codes. Heavy libraries load only in the commands that need them."""

import argparse
import getpass
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from zoneinfo import ZoneInfo

from . import __version__, swedish
from .figures import FIGURES, FigureError
from .model import INELIGIBLE_REASON, LIABILITY_BASIS, RETURN_STATUS, WHOLE_GRANT, InputError, Severity

if TYPE_CHECKING:
    from .casework import Desk, Ledger
    from .model import Finding, Move
    from .overview import Standing
    from .pipeline import Job

CLEAN, BUG, NOT_STARTED, BLOCKING = 0, 1, 2, 3
Row = Mapping[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is that of the contract: 0 clean, 3 blocking findings, 2 not started, 1 a bug."""
    asked = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = asked.command
    try:
        return command(asked)
    except InputError as error:
        print(error, file=sys.stderr)
        return NOT_STARTED
    except PermissionError as error:
        print(f"Det går inte att komma åt {error.filename}. Kontrollera att du har rätt till den.", file=sys.stderr)
        return NOT_STARTED
    except FigureError as error:
        print(error, file=sys.stderr)
        return BUG
    except BrokenPipeError:
        sys.stderr.close()
        return CLEAN
    except KeyboardInterrupt:
        print("Avbrutet. Ingenting halvfärdigt har lämnats kvar; kör igen när du vill.", file=sys.stderr)
        return NOT_STARTED


def console() -> NoReturn:
    """The installed command."""
    sys.exit(main())


# -- the words of the command line -----------------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """Argparse in Swedish: one sentence and exit code 2."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message}. Skriv {self.prog} --help för hjälp.", file=sys.stderr)
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


def _parser() -> argparse.ArgumentParser:
    argparse._ = lambda text: _ARGPARSE.get(text, text)  # type: ignore[attr-defined]
    parser = _Parser(prog="statsbidrag", description="Statsbidrag från nämndernas redovisningar till återrapporten.")
    parser.add_argument("--version", action="version", version=f"statsbidrag {__version__}")
    commands = parser.add_subparsers(title="kommandon", required=True, metavar="KOMMANDO", parser_class=_Parser)

    def command(name: str, function: Callable[[argparse.Namespace], int], words: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=words, description=words)
        made.set_defaults(command=function)
        return made

    def common(made: argparse.ArgumentParser, *names: str) -> None:
        if "data" in names:
            made.add_argument("--data", type=Path, default=Path("data"), help="mapp med nämnder och bidrag (./data)")
        if "out" in names:
            made.add_argument("--out", type=Path, default=Path("out"), help="mapp för resultaten (./out)")
        if "as_of" in names:
            words = "den dag som gäller, ÅÅÅÅ-MM-DD (i dag)"
            made.add_argument("--as-of", type=_day, default=None, metavar="DATUM", help=words)

    run = command("run", _run, "Ta in, granska och stäm av redovisningarna och skriv rapporterna.")
    run.add_argument("grants", nargs="*", metavar="BIDRAG", help="id på statsbidrag; inget betyder alla")
    inbox = Path("data/inbox")
    run.add_argument("--returns", type=Path, default=inbox, help="mapp med redovisningar (./data/inbox)")
    run.add_argument("--final", action="store_true", help="slutredovisning i stället för kvartalsavstämning")
    run.add_argument("--by", metavar="NAMN", help="vem som kör, för händelseloggen (den inloggade)")
    common(run, "data", "out", "as_of")

    template = command("template", _template, "Skriv en redovisningsmall för varje nämnd som har medel.")
    template.add_argument("grant", metavar="BIDRAG")
    template.add_argument("--period-end", type=_day, required=True, metavar="DATUM", help="redovisningens sista dag")
    template.add_argument("--board", metavar="NÄMND", help="bara för den här nämnden")
    common(template, "data", "out", "as_of")

    check = command("check", _check, "Granska redovisningar utan att räkna dem.")
    check.add_argument("files", nargs="+", type=Path, metavar="FIL")
    words = (
        "skriv också Great Expectations egna sidor i mappen (för utvecklare; de hämtar skript från nätet när de öppnas)"
    )
    check.add_argument("--gx-docs", type=Path, default=None, metavar="MAPP", help=words)
    common(check, "data", "as_of")

    explain = command("explain", _explain, "Visa varje belopp ända ner till fil, blad och cell.")
    explain.add_argument("grant", metavar="BIDRAG")
    explain.add_argument("board", nargs="?", metavar="NÄMND")
    common(explain, "out")

    _decision_commands(command, common)

    serve = command("serve", _serve, "Kör de schemalagda flödena tills kommandot avbryts.")
    serve.add_argument("--returns", type=Path, default=inbox, help="mapp med redovisningar (./data/inbox)")
    serve.add_argument("--watch", action="store_true", help="ta in nya filer i mappen genast")
    serve.add_argument(
        "--post", type=Path, default=None, metavar="FIL", help="inställningar för e-post (post.toml i --data)"
    )
    serve.add_argument("--port", type=int, default=4200, help="port för Prefects sidor (4200)")
    common(serve, "data", "out")

    status = command("status", _status, "Visa läget för varje bidrag: tidsfrister, vem som saknas och pengar i fara.")
    status.add_argument("--json", action="store_true", help="som JSON")
    common(status, "data", "out", "as_of")
    return parser


_DECISIONS = {
    "review": ("reviewed", "Granska en slutrapport: beloppen är kontrollerade av någon annan än den som körde."),
    "approve": ("attested", "Attestera en granskad slutrapport; utkastmärkningen tas bort."),
    "reject": ("returned", "Återlämna en granskad eller attesterad slutrapport; den blir utkast igen."),
    "file": ("filed", "Anteckna att en attesterad slutrapport är inlämnad, och lägg undan den oföränderlig."),
}
_GROUND_NAMES = {
    "ej-anvant": "not_used",
    "fel-andamal": "wrong_purpose",
    "ej-redovisat": "no_report",
    "villkor": "breach_of_terms",
    "felaktigt-mottaget": "wrongly_received",
}
_ENTRIES = {
    "claim": ("claim", "Bokför myndighetens krav (återkrav), eller stadens krav på en nämnd."),
    "relief": ("relief", "Bokför att ett belopp har satts ned, till exempel för särskilda skäl."),
    "repaid": ("payment", "Bokför en betalning till myndigheten, eller från en nämnd."),
}


def _decision_commands(command: Callable[..., argparse.ArgumentParser], common: Callable[..., None]) -> None:
    """What people do with a final report once it has been run."""

    def about_a_report(name: str, function: Callable[[argparse.Namespace], int], words: str) -> argparse.ArgumentParser:
        made = command(name, function, words)
        made.add_argument("grant", metavar="BIDRAG")
        made.add_argument("--by", metavar="NAMN", required=True, help="vem som beslutar eller bokför")
        made.add_argument("--returns", type=Path, default=Path("data/inbox"), help="mapp med redovisningar")
        common(made, "data", "out")
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
        if kind == "payment":
            made.add_argument("--interest", action="store_true", help="betalningen avser ränta")
        else:
            made.add_argument("--ground", choices=list(_GROUND_NAMES), help="grunden för återbetalningen")
        if kind == "claim":
            made.add_argument("--due", type=_day, default=None, metavar="DATUM", help="när det ska vara betalt")
        common(made, "as_of")

    made = command("compare", _compare, "Visa vad nya redovisningar skulle ändra, innan de räknas.")
    made.add_argument("grant", metavar="BIDRAG")
    made.add_argument("--returns", type=Path, default=Path("data/inbox"), help="mapp med redovisningar (./data/inbox)")
    made.add_argument("--final", action="store_true", help="jämför med slutredovisningen i stället för kvartalet")
    common(made, "data", "out", "as_of")
    made = about_a_report("package", _package, "Gör ett paket för revisorn och arkivet av en slutrapport.")
    made = command("ledger", _ledger, "Visa återbetalningen: vad som krävs, vad som är betalt och vad som återstår.")
    made.add_argument("grant", metavar="BIDRAG")
    common(made, "data", "out", "as_of")
    made = command(
        "verify", _verify, "Gå igenom logg, databas, rapporter och redovisningar och säg vad som inte stämmer."
    )
    made.add_argument("--returns", type=Path, default=Path("data/inbox"), help="mapp med redovisningar (./data/inbox)")
    common(made, "out")
    made = command("paper", _paper, "Skriv ett utkast till tjänsteutlåtande om en eller flera slutrapporter.")
    made.add_argument("grants", nargs="+", metavar="BIDRAG")
    made.add_argument("--to", type=Path, default=Path("tjansteutlatande.docx"), metavar="FIL", help="Wordfilen")
    common(made, "data", "out")


def _amount(text: str) -> Decimal:
    amount = swedish.parse_amount(text)
    if amount is None or amount != amount.quantize(Decimal("0.01")):
        raise argparse.ArgumentTypeError(f"{text} är inte ett belopp i kronor. Skriv som 1250 eller 1250,50")
    return amount


def _now() -> str:
    """The moment for the audit log, in Swedish time; SOURCE_DATE_EPOCH fixes it, as in other programs."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    zone = ZoneInfo("Europe/Stockholm")
    moment = datetime.fromtimestamp(int(fixed), zone) if fixed else datetime.now(zone)
    return moment.isoformat(timespec="seconds")


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a machine whose user has no name
        return "okänd"


def _today() -> date:
    return date.fromisoformat(_now()[:10])


# -- the commands ----------------------------------------------------------------------------------------------------


def _run(asked: argparse.Namespace) -> int:
    _say("Läser beslut och startar …")
    from . import intake, rulebook, store
    from .children import Workshop
    from .prefect_server import Server, configure

    as_of = asked.as_of or _today()
    if not asked.returns.is_dir():
        raise InputError(f"Mappen {asked.returns} finns inte. Ange mappen med redovisningar med --returns.")
    decided = rulebook.load(asked.data, asked.grants, as_of)
    rulebook.plan(decided, asked.grants, as_of, is_final=asked.final)
    store.make(asked.out)
    configure()
    with Workshop() as workshop:
        workshop.warm()
        with Server() as server:
            reading = intake.Intake.of(asked.returns, workshop.readers)
            from . import pipeline

            pipeline.warm()
            server.wait()
            folders = (asked.returns, asked.data, asked.out)
            job = pipeline.run(
                *(asked.grants, folders, as_of),
                is_final=asked.final,
                who=(asked.by or _user(), _now()),
                workshop=workshop,
                reading=[reading],
                say=_say,
            )
    if job is None:
        return BLOCKING if decided.broken else CLEAN
    _tell(job)
    return BLOCKING if job.has_blocking else CLEAN


def _say(sentence: str) -> None:
    print(sentence, flush=True)


def _tell(job: "Job") -> None:
    """What the run found, grant by grant, and where the reports lie."""
    for finding in job.rulebook.broken:
        _say(f"\n{finding.message}\n  {finding.remedy}")
    for result in job.results:
        city = result.tables["city"][0]
        count = {severity: sum(f.severity is severity for f in result.findings) for severity in Severity}
        kind = "Slutredovisning" if result.is_final else "Avstämning"
        waiting = [
            f"{city[f'{status}_count']} {words}"
            for status, words in (
                ("missing", "har inte redovisat"),
                ("held", "väntar på rättelse"),
                ("outdated", "gäller en tidigare period"),
            )
            if city[f"{status}_count"]
        ]
        _say(f"\n{result.grant.name}")
        _say(f"  {kind} till och med {swedish.long_date(result.period_end)}")
        _say(f"  Förbrukat {swedish.kr(city['eligible_sek'])} av {swedish.kr(city['total_sek'])}")
        if_nothing = "" if result.is_final else " om inget mer används"
        _say(f"  Att återbetala{if_nothing} {swedish.kr(city['to_repay_sek'])}")
        boards = _count(city["board_count"], "nämnd", "nämnder")
        _say(f"  {boards}: {swedish.listing(waiting) or 'alla redovisningar räknas'}")
        blocking = _count(count[Severity.BLOCKING], "hindrande anmärkning", "hindrande anmärkningar")
        _say(f"  {blocking}, {_count(count[Severity.WARNING], 'varning', 'varningar')}")
        _say(f"  Rapport: {job.out / result.place / 'aterrapport.html'}")
    _say(f"\nÖversikt: {job.out / 'index.html'}")


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _template(asked: argparse.Namespace) -> int:
    from . import rulebook, store, workbook

    as_of = asked.as_of or asked.period_end
    decided = rulebook.load(asked.data, [asked.grant], as_of)
    grant = decided.grant(asked.grant)
    first, last = grant.spend_from_on, grant.spend_to_on
    if not first <= asked.period_end <= last:
        raise InputError(f"Bidraget gäller {swedish.period(first, last)}. Ange en --period-end inom den tiden.")
    amounts = grant.allocations_on(as_of)
    if not amounts:
        raise InputError(f"Inget beslut om {grant.grant_id} gäller {as_of}. Ange en senare dag med --as-of.")
    boards = sorted({board_id for board_id, _ in amounts})
    if asked.board:
        named = decided.board_named(asked.board)
        if named is None:
            near = swedish.nearest(asked.board, [b.name for b in decided.boards])
            raise InputError(f"Det finns ingen nämnd som heter {asked.board}.{f' Menas {near}?' if near else ''}")
        if decided.counts_under(named, grant, as_of) is None:
            raise InputError(f"{decided.board(named).name} har inga medel i {grant.grant_id} {as_of}.")
        boards = [named]
    store.make(asked.out)
    for board_id in boards:
        allocated = {component: sek for (board, component), sek in amounts.items() if board == board_id}
        path = asked.out / f"{grant.grant_id}_{board_id}_{asked.period_end}.xlsx"
        store.write(path, workbook.template(grant, decided.board(board_id), allocated, asked.period_end, as_of))
        _say(str(path))
    return CLEAN


def _check(asked: argparse.Namespace) -> int:
    from . import intake, rulebook, validation
    from .children import Workshop
    from .model import RunPlan
    from .prefect_server import configure

    as_of = asked.as_of or _today()
    for path in asked.files:
        if not path.is_file():
            raise InputError(f"Filen {path} finns inte.")
    decided = rulebook.load(asked.data, (), as_of)
    configure()
    with Workshop() as workshop:
        workshop.warm()
        read = intake.Intake([(path, str(path)) for path in asked.files], workshop.readers).returns()
        returns = [rulebook.identify(returned, decided) for _, returned in read]
        plan = RunPlan(as_of, False, {g.grant_id: g.spend_to_on for g in decided.grants})
        told = validation.validate_apart(returns, decided, plan, workshop.validator, asked.gx_docs)
    findings = rulebook.waive(told, decided, as_of)
    for path, returned in zip(asked.files, returns, strict=True):
        mine = [finding for finding in findings if finding.file == returned.file]
        _say(f"{path}: {_count(len(mine), 'anmärkning', 'anmärkningar') if mine else 'inga anmärkningar'}")
        for finding in mine:
            _say(_said(finding))
    for finding in decided.broken:
        _say(f"{finding.message} {finding.remedy}")
    return BLOCKING if any(f.severity is Severity.BLOCKING for f in (*findings, *decided.broken)) else CLEAN


def _said(finding: "Finding") -> str:
    where = " ".join(part for part in (finding.sheet, swedish.listing(finding.cells)) if part)
    word = {Severity.BLOCKING: "HINDRAR", Severity.WARNING: "varning", Severity.INFO: "upplysning"}[finding.severity]
    return f"  {word} {where}{': ' if where else ''}{finding.message}\n    {finding.remedy}"


def _explain(asked: argparse.Namespace) -> int:
    from . import store, warehouse

    with store.reading(asked.out), warehouse.kept(asked.out / warehouse.DATABASE) as latest:
        names = ("board", "board_component", "allocation", "line", "sender", "activity", "city", "area", "gender")
        found = {name: latest(name, asked.grant) for name in names}
    boards, city = found["board"], found["city"]
    if not city:
        raise InputError(f"{asked.grant} har inte stämts av i {asked.out}. Kör statsbidrag run {asked.grant} först.")
    wanted = _board_named(asked.board, boards) if asked.board else None
    for board in boards:
        if wanted in {None, board["board_id"]}:
            _explain_board(
                board, {n: [row for row in found[n] if row["board_id"] == board["board_id"]] for n in names[1:6]}
            )
    if wanted is None:
        _say("\nStaden")
        _explain_row("city", city[0])
        for area in found["area"]:
            _say(f"\nOmrådet {area['area']}")
            _explain_row("area", area)
        _say("\nKvinnor och män")
        _explain_row("gender", found["gender"][0])
    return CLEAN


def _board_named(text: str, boards: Sequence[Row]) -> str:
    names = {swedish.key(name): b["board_id"] for b in boards for name in (b["board_id"], b["name"])}
    found: str | None = names.get(swedish.key(text))
    if found is None:
        choices = swedish.listing(sorted(set(names.values())))
        raise InputError(f"{text} finns inte i avstämningen. Välj bland {choices}.")
    return found


def _explain_board(board: Row, rows: Mapping[str, Sequence[Row]]) -> None:
    _say(f"\n{board['name']}: {RETURN_STATUS[board['return_status']]}")
    for sender in rows["sender"]:
        _say(f"  Fil {sender['file']}, SHA-256 {sender['sha256']}")
    _explain_row("board", board, rows)
    if board["return_status"] == "held":
        _say("  Redovisningen väntar på rättelse, så inget annat belopp är känt.")
        return
    for part in rows["board_component"]:
        _say(f"  Komponenten {part['component_id']}")
        _explain_row("board_component", part, margin="    ")
    for row in rows["activity"]:
        _say(f"  Insatsen {row['activity']}  {row['file']} {row['sheet']} rad {row['row_no']}")
        for name, figure in FIGURES["activity"].items():
            cell = row[name.replace("_count", "_cell")]
            _say(f"    {figure.label} {'uppgift saknas' if row[name] is None else row[name]}{f'  {cell}' * bool(cell)}")


def _explain_row(table: str, row: Row, rows: Mapping[str, Sequence[Row]] | None = None, margin: str = "  ") -> None:
    """Each known figure of a row: its value, how it is reckoned, in which steps, and below it what it rests on."""
    words = {name: LIABILITY_BASIS[value] if name == "basis" else swedish.say(value) for name, value in row.items()}
    for name, figure in FIGURES[table].items():
        if row.get(name) is None:
            continue
        value = swedish.percent(row[name]) if name.endswith("_share") else words[name]
        steps = swedish.listing(f"sql/{step}.sql" for step in figure.steps) or figure.source
        _say(f"{margin}{figure.label} {value}: {figure.reckoned.format_map(words)} ({steps})")
        for basis in _basis(name, rows) if rows else ():
            _say(f"{margin}  {basis}")


def _basis(name: str, rows: Mapping[str, Sequence[Row]]) -> Iterator[str]:
    """What a figure of a board rests on: decisions, lines or cells."""
    if name == "allocated_sek":
        for row in rows["allocation"]:
            replaced = "" if row["is_in_force"] else " (ersatt av ett senare beslut)"
            what = f"{row['decided_by']} {row['decided_on']}, {row['component_id']}{replaced}"
            yield f"{swedish.kr(row['amount_sek'])}  {what}"
    if name in {"eligible_sek", "ineligible_sek"}:
        for row in rows["line"]:
            if row["is_eligible"] is (name == "eligible_sek"):
                place = " ".join(part for part in (row["file"], row["sheet"], row["cell"]) if part)
                why = f"  {INELIGIBLE_REASON[row['reason']]}" if row["reason"] else ""
                yield f"{swedish.kr(row['amount_sek'])}  {row['worked_on']}  {place}  {row['component_id']}{why}"
    if name == "forecast_sek":
        for row in rows["sender"]:
            place = " ".join(part for part in (row["file"], row["forecast_sheet"], row["forecast_cell"]) if part)
            yield f"{swedish.kr(row['forecast_sek'])}  {place}"


def _serve(asked: argparse.Namespace) -> int:
    from . import rulebook, store
    from .prefect_server import Server, configure

    if not asked.returns.is_dir():
        raise InputError(f"Mappen {asked.returns} finns inte. Ange mappen med redovisningar med --returns.")
    rulebook.load(asked.data, (), _today())
    store.make(asked.out)
    configure()
    try:
        server = Server(port=asked.port)
    except OSError:
        raise InputError(f"Porten {asked.port} är upptagen. Ange en annan med --port.") from None
    with server:
        server.wait()
        from . import service

        places = service.Places(asked.returns, asked.data, asked.out, asked.post or asked.data / "post.toml")
        _say(f"Prefects sidor: {os.environ.get('PREFECT_API_URL', '').removesuffix('/api')}")
        _say("Flödena körs enligt schemat. Avbryt med Ctrl+C.")
        service.serve(places, lambda: datetime.fromisoformat(_now()), _say, is_watching=asked.watch)
    return CLEAN


def _status(asked: argparse.Namespace) -> int:
    from . import casework

    standings, decided = casework.standings(asked.data, asked.out, asked.as_of or _today())
    if asked.json:
        _say(json.dumps([s.as_json() for s in standings], ensure_ascii=False, indent=2, default=str))
        return CLEAN
    for standing in standings:
        _say_standing(standing)
    for finding in decided.broken:
        _say(f"\n{finding.message}\n  {finding.remedy}")
    return CLEAN


def _say_standing(standing: "Standing") -> None:
    grant, result, days = standing.grant, standing.result, standing.days_left
    _say(f"\n{grant.name} ({grant.grant_id})")
    left = "" if days is None else f", {days} dagar kvar" if days >= 0 else f", passerad för {-days} dagar sedan"
    _say(f"  Återrapport till myndigheten: {grant.agency_deadline_on or grant.agency_deadline_words}{left}")
    _say(f"  Nämnderna till staden: {grant.board_deadline_on or grant.board_deadline_words}")
    if result is None or standing.city is None:
        _say(f"  Inte avstämt ännu. Hela beloppet, {swedish.kr(standing.at_risk_sek)}, är oredovisat.")
        return
    _say(f"  Senast avstämt per {result.as_of}{' (slutredovisning)' if result.is_final else ''}")
    used, gone = swedish.percent(standing.used_share), swedish.percent(standing.elapsed_share)
    _say(f"  Använt {used} av bidraget, när {gone} av tiden har gått")
    city = standing.city
    _say(f"  Att återbetala {swedish.kr(city['to_repay_sek'])}, ännu inte känt {swedish.kr(city['undetermined_sek'])}")
    for step in standing.steps:
        _say(f"  • {step}")


# -- what people decide ----------------------------------------------------------------------------------------------


def _desk(asked: argparse.Namespace) -> "Desk":
    from .casework import Desk

    return Desk(asked.data, asked.returns, asked.out, _now())


def _decide(asked: argparse.Namespace) -> int:
    from . import casework

    review = casework.decide(_desk(asked), asked.grant, asked.kind, asked.by, asked.on or _today(), asked.why)
    correction = f", rättelse {review.version - 1}" if review.version > 1 else ""
    _say(f"Rapporten om {asked.grant} är nu {review.state}{correction}.")
    return CLEAN


def _enter(asked: argparse.Namespace) -> int:
    from . import casework
    from .model import Entry

    board = None
    if asked.board:
        from . import rulebook

        board = rulebook.load(asked.data, [asked.grant], asked.on).board_named(asked.board)
        if board is None:
            raise InputError(f"Det finns ingen nämnd som heter {asked.board}.")
    entry = Entry(
        kind="interest_payment" if asked.interest else asked.kind,
        board_id=board,
        amount_sek=asked.amount,
        on=asked.on,
        reference=asked.ref,
        by=asked.by,
        ground=_GROUND_NAMES[asked.ground] if asked.ground else None,
        due_on=asked.due,
        why=asked.why,
    )
    _say_ledger(casework.enter(_desk(asked), asked.grant, entry, asked.as_of or _today()))
    return CLEAN


def _ledger(asked: argparse.Namespace) -> int:
    from . import casework

    _say_ledger(casework.read_ledger(asked.data, asked.out, asked.grant, asked.as_of or _today()))
    return CLEAN


_LEDGER = {
    "computed_sek": "enligt den inlämnade rapporten",
    "claimed_sek": "krävt",
    "difference_sek": "skillnad mot det beräknade",
    "relief_sek": "nedsatt",
    "paid_sek": "betalt",
    "interest_sek": "ränta",
    "interest_paid_sek": "betald ränta",
    "interest_remaining_sek": "ränta som återstår",
}


def _say_ledger(told: "Ledger") -> None:
    for row in told.tables["account"]:
        left = "inte avgjort" if row["remaining_sek"] is None else f"återstår {swedish.kr(row['remaining_sek'])}"
        late = " (förfallet)" if row["is_overdue"] else ""
        due = f", senast {row['due_on']}{late}" if row["due_on"] else ""
        _say(f"{told.names[row['board_id']]}: {left}{due}")
        for name, words in _LEDGER.items():
            if row[name]:
                _say(f"  {swedish.kr(row[name])}  {words}")
    _say(f"Rapporten är {told.state}.")


def _compare(asked: argparse.Namespace) -> int:
    from . import casework
    from .children import Workshop
    from .prefect_server import configure

    configure()
    desk = casework.Desk(asked.data, asked.returns, asked.out, _now())
    with Workshop() as workshop:
        workshop.warm()
        told = casework.compare(desk, asked.grant, asked.as_of or _today(), is_final=asked.final, workshop=workshop)
    _say(f"{told.grant.name}, jämfört med körningen per {told.since}")
    if not (told.moved or told.lines or told.senders):
        _say("Inget skulle ändras.")
    for sender in told.senders:
        _say(f"\n{sender['sender_name']}: {_sender_change(sender)}")
    for board_id in dict.fromkeys(line["board_id"] for line in told.lines):
        _say(f"\n{told.names[board_id]}, rader som ändras")
        for line in told.lines:
            if line["board_id"] == board_id:
                _say(f"  {_line_change(line)}")
    if told.moved:
        _say("\nBelopp som ändras")
    for move in told.moved:
        if move.component_id != WHOLE_GRANT:
            _say(f"  {_move(move, told.names)}")
    return BLOCKING if told.has_blocking else CLEAN


def _sender_change(sender: Row) -> str:
    def named(when: str) -> str:
        return f"{sender[f'{when}_file']} (version {sender[f'{when}_version'] or 'okänd'})"

    held = ", som väntar på rättelse" if sender["is_held"] else ""
    if sender["before_file"] is None:
        return f"ny redovisning, {named('after')}{held}"
    if sender["after_file"] is None:
        return f"{named('before')} räknas inte längre"
    return f"{named('after')} {'väntar nu på rättelse' if held else 'väntar inte längre på rättelse'}"


def _line_change(line: Row) -> str:
    place = f"{line['file']} {line['sheet']} {line['cell'] or ''}".rstrip()
    words = {"added": "ny", "removed": "borttagen", "changed": "ändrad"}[line["change"]]
    values = [
        _from_to(*(None if part is None else show(part) for part in (line[f"before_{name}"], line[f"after_{name}"])))
        for name, show in (("sek", swedish.kr), ("on", date.isoformat), ("words", str))
    ]
    return f"{words}: {line['activity']}, {', '.join(value for value in values if value)}  ({place})"


def _from_to(before: str | None, after: str | None) -> str:
    if before == after or None in {before, after}:
        return after or before or ""
    return f"{before} → {after}"


def _move(move: "Move", names: Mapping[str, str]) -> str:
    """A figure that changes: whose it is, what it is called, before and after, and by how much."""
    from . import pages

    whose = names[move.board_id] if move.board_id else "Staden"
    part = f", {move.component_id}" if move.component_id else ""
    told = pages.moved(move)
    unit = f"{swedish.NBSP}kr" if told["figure"].endswith(", kr") else ""
    before, after, by = (
        text if text == "–" else f"{text}{unit}" for text in (told["before"], told["after"], told["difference"])
    )
    figure = told["figure"].removesuffix(", kr")
    return f"{whose}{part}: {figure} {before} → {after}{'' if by == '–' else f' ({by})'}"


def _package(asked: argparse.Namespace) -> int:
    from . import proof

    _say(str(proof.package(_desk(asked), asked.grant, asked.by)))
    return CLEAN


def _verify(asked: argparse.Namespace) -> int:
    from . import proof, store

    with store.reading(asked.out):
        broken = list(proof.verify(asked.returns, asked.out))
        told = broken or [proof.summary(asked.out)]
    for sentence in told:
        _say(sentence)
    return BLOCKING if broken else CLEAN


def _paper(asked: argparse.Namespace) -> int:
    from . import casework, store

    with store.reading(asked.out):
        paper = casework.paper(asked.data, asked.out, asked.grants)
    store.write(asked.to, paper)
    _say(str(asked.to))
    return CLEAN
