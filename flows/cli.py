"""The command: alone prints and sets exit codes. Heavy libraries load only in the commands that need them."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from zoneinfo import ZoneInfo

from . import __version__, swedish
from .model import INELIGIBLE_REASON, LIABILITY_BASIS, RETURN_STATUS, InputError, Severity

if TYPE_CHECKING:
    from .model import Finding, Grant
    from .pipeline import Job

CLEAN, BUG, NOT_STARTED, BLOCKING = 0, 1, 2, 3
Row = Mapping[str, Any]

_GROUNDS = {"not_used": "ej förbrukat", "wrong_purpose": "använt till annat", "no_report": "ej redovisat"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is that of the contract: 0 clean, 3 blocking findings, 2 not started, 1 a bug."""
    asked = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = asked.command
    try:
        return command(asked)
    except InputError as error:
        print(error, file=sys.stderr)
        return NOT_STARTED
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

    status = command("status", _status, "Visa läget för varje bidrag: tidsfrister, vem som saknas och pengar i fara.")
    status.add_argument("--json", action="store_true", help="som JSON")
    common(status, "data", "out", "as_of")
    return parser


def _today() -> date:
    return datetime.now(ZoneInfo("Europe/Stockholm")).date()


# -- the commands ----------------------------------------------------------------------------------------------------


def _run(asked: argparse.Namespace) -> int:
    _say("Läser beslut och startar …")
    from . import intake, rulebook
    from .children import Workshop
    from .prefect_server import Server, configure

    as_of = asked.as_of or _today()
    if not asked.returns.is_dir():
        raise InputError(f"Mappen {asked.returns} finns inte. Ange mappen med redovisningar med --returns.")
    decided = rulebook.load(asked.data, asked.grants, as_of)
    rulebook.plan(decided, asked.grants, as_of, is_final=asked.final)
    _make_folder(asked.out)
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
                workshop=workshop,
                reading=[reading],
                say=_say,
            )
    if job is None:
        return BLOCKING if decided.broken else CLEAN
    _tell(job)
    return BLOCKING if job.has_blocking else CLEAN


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".skrivprov").touch()
        (folder / ".skrivprov").unlink()
    except OSError:
        raise InputError(f"Det går inte att skriva i mappen {folder}. Välj en annan med --out.") from None


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
    from . import rulebook, workbook

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
    _make_folder(asked.out)
    for board_id in boards:
        allocated = {component: sek for (board, component), sek in amounts.items() if board == board_id}
        path = asked.out / f"{grant.grant_id}_{board_id}_{asked.period_end}.xlsx"
        path.write_bytes(workbook.template(grant, decided.board(board_id), allocated, asked.period_end, as_of))
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
    from . import warehouse

    with warehouse.kept(asked.out / warehouse.DATABASE) as latest:
        names = ("board", "board_component", "allocation", "line", "sender", "city")
        found = {name: latest(name, asked.grant) for name in names}
    boards, city = found["board"], found["city"]
    if not city:
        raise InputError(f"{asked.grant} har inte stämts av i {asked.out}. Kör statsbidrag run {asked.grant} först.")
    wanted = _board_named(asked.board, boards) if asked.board else None
    for board in boards:
        if wanted in {None, board["board_id"]}:
            _explain_board(
                board, {n: [row for row in found[n] if row["board_id"] == board["board_id"]] for n in names[1:-1]}
            )
    if wanted is None:
        _explain_city(city[0])
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
    _say(f"  Tilldelat {swedish.kr(board['allocated_sek'])}, enligt")
    for decision in rows["allocation"]:
        replaced = "" if decision["is_in_force"] else " (ersatt av ett senare beslut)"
        what = f"{decision['decided_by']} {decision['decided_on']}, {decision['component_id']}{replaced}"
        _say(f"    {swedish.kr(decision['amount_sek'])}  {what}")
    if board["return_status"] == "held":
        _say("  Redovisningen väntar på rättelse, så inget annat belopp är känt.")
        return
    _say(f"  Redovisat {swedish.kr(board['reported_sek'])} = bidragsberättigat plus inte bidragsberättigat")
    for is_eligible, name, words in (
        (True, "eligible_sek", "Bidragsberättigat"),
        (False, "ineligible_sek", "Inte bidragsberättigat"),
    ):
        lines = [line for line in rows["line"] if line["is_eligible"] is is_eligible]
        _say(f"  {words} {swedish.kr(board[name])}{', summan av' if lines else ''}")
        for line in lines:
            place = " ".join(part for part in (line["file"], line["sheet"], line["cell"]) if part)
            why = f"  {INELIGIBLE_REASON[line['reason']]}" if line["reason"] else ""
            _say(f"    {swedish.kr(line['amount_sek'])}  {line['worked_on']}  {place}  {line['component_id']}{why}")
    if len(rows["board_component"]) > 1:
        for part in rows["board_component"]:
            owed = "" if part["liability_sek"] is None else f", att återbetala {swedish.kr(part['liability_sek'])}"
            _say(
                f"  Komponenten {part['component_id']}: tilldelat {swedish.kr(part['allocated_sek'])}, "
                f"bidragsberättigat {swedish.kr(part['eligible_sek'])}, "
                f"inte bidragsberättigat {swedish.kr(part['ineligible_sek'])}{owed}"
            )
    _say(f"  Återstår {swedish.kr(board['remaining_sek'])} = tilldelat minus bidragsberättigat")
    _say(f"  Över tilldelningen {swedish.kr(board['overspent_sek'])}")
    if board["used_share"] is not None:
        _say(f"  Använt {swedish.percent(board['used_share'])} = bidragsberättigat av tilldelat")
    _say(f"  Att återbetala {swedish.kr(board['liability_sek'])} (sql/320_board_money.sql), av det")
    for ground, words in _GROUNDS.items():
        _say(f"    {swedish.kr(board[f'{ground}_sek'])}  {words}")
    if board["forecast_sek"] is not None:
        files = swedish.listing(sender["file"] for sender in rows["sender"])
        _say(f"  Prognos {swedish.kr(board['forecast_sek'])}, fältet prognos i {files}")
        _say(f"  Väntas bli över {swedish.kr(board['projected_unspent_sek'])} = tilldelat minus prognos")


def _explain_city(city: Row) -> None:
    _say("\nStaden (sql/510_city.sql)")
    for name, words in {
        "total_sek": "Beviljat",
        "allocated_sek": "Fördelat till nämnderna",
        "unallocated_sek": "Ej fördelat = beviljat minus fördelat",
        "boards_sek": "Nämndernas återbetalning, summan ovan",
        "undetermined_sek": "Tilldelat nämnder vars redovisning väntar på rättelse",
        "namnd_basis_sek": "Per nämnd = ej fördelat plus nämndernas återbetalning",
        "kommun_basis_sek": "För kommunen = beviljat minus allt bidragsberättigat och det som väntar",
        "set_off_sek": "Skillnaden mellan de två",
        "to_repay_sek": f"Att återbetala, räknat {LIABILITY_BASIS[city['basis']]}, hela kronor",
    }.items():
        _say(f"  {swedish.kr(city[name])}  {words}")


def _status(asked: argparse.Namespace) -> int:
    from . import rulebook, warehouse

    as_of = asked.as_of or _today()
    decided = rulebook.load(asked.data, (), as_of)
    database = asked.out / warehouse.DATABASE
    if database.exists():
        with warehouse.kept(database) as latest:
            rows = [
                _standing(g, as_of, latest("city", g.grant_id), latest("board", g.grant_id)) for g in decided.grants
            ]
    else:
        rows = [_standing(grant, as_of) for grant in decided.grants]
    rows.sort(key=lambda row: (-row["at_risk_sek"], row["grant"]))
    if asked.json:
        shown = [{k: f"{v:.2f}" if k.endswith("_sek") and v is not None else v for k, v in r.items()} for r in rows]
        _say(json.dumps(shown, ensure_ascii=False, indent=2, default=str))
    else:
        for row in rows:
            _say_standing(row)
        for finding in decided.broken:
            _say(f"\n{finding.message}\n  {finding.remedy}")
    return CLEAN


def _standing(grant: "Grant", as_of: date, city: Sequence[Row] = (), boards: Sequence[Row] = ()) -> dict[str, Any]:
    """Where a grant stands by its latest run; before any run all of it is at risk and nobody has sent in."""
    ran = city[0] if city else None
    deadline = grant.agency_deadline_on
    return {
        "grant": grant.grant_id,
        "name": grant.name,
        "as_of": as_of,
        "reconciled_as_of": ran and ran["as_of_on"],
        "final": ran and ran["is_final"],
        "board_deadline": grant.board_deadline_on or grant.board_deadline_words,
        "agency_deadline": deadline or grant.agency_deadline_words,
        "days_to_agency_deadline": deadline and (deadline - as_of).days,
        "sent_in": [b["board_id"] for b in boards if b["return_status"] != "missing"],
        "missing": [b["board_id"] for b in boards if b["return_status"] == "missing"],
        "held": [b["board_id"] for b in boards if b["return_status"] == "held"],
        "outdated": [b["board_id"] for b in boards if b["return_status"] == "outdated"],
        "to_repay_sek": ran and ran["to_repay_sek"],
        "undetermined_sek": ran and ran["undetermined_sek"],
        "at_risk_sek": ran["at_risk_sek"] if ran else grant.total_sek,
    }


def _say_standing(row: Row) -> None:
    _say(f"\n{row['name']} ({row['grant']})")
    days = row["days_to_agency_deadline"]
    left = "" if days is None else f", {days} dagar kvar" if days >= 0 else f", passerad för {-days} dagar sedan"
    _say(f"  Återrapport till myndigheten: {row['agency_deadline']}{left}")
    _say(f"  Nämnderna till staden: {row['board_deadline']}")
    if row["reconciled_as_of"] is None:
        _say(f"  Inte avstämt ännu. Hela beloppet, {swedish.kr(row['at_risk_sek'])}, är oredovisat.")
        return
    _say(f"  Senast avstämt per {row['reconciled_as_of']}{' (slutredovisning)' if row['final'] else ''}")
    for name, words in (("missing", "Saknas"), ("held", "Väntar på rättelse"), ("outdated", "Äldre period")):
        if row[name]:
            _say(f"  {words}: {swedish.listing(row[name])}")
    _say(f"  Att återbetala {swedish.kr(row['to_repay_sek'])}, ännu inte känt {swedish.kr(row['undetermined_sek'])}")
