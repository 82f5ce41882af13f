"""What may be asked of the program: the commands, their options and the words of their help, in
Swedish."""

import argparse
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NoReturn

from .. import __version__
from ..base import swedish
from ..model.case import EntryKind, kept_hash
from ..model.codes import Ground
from . import terminal

EXIT_CODE = 2
"""That of a command that could not be understood."""


class _Parser(argparse.ArgumentParser):
    """Argparse in Swedish: one sentence and exit code 2."""

    def error(self, message: str) -> NoReturn:
        terminal.say(f"{self.prog}: {message}. Skriv {self.prog} --help för hjälp.", to=sys.stderr)
        raise SystemExit(EXIT_CODE)


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
    "invalid choice: %(value)r (choose from %(choices)s)": "%(value)r finns inte (välj bland "
    "%(choices)s)",
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
    plain = kept_hash(text)
    if plain is None:
        raise argparse.ArgumentTypeError(
            f"{text} är ingen hash. Den är 64 tecken lång, av 0-9 och a-f"
        )
    return plain


def _common(made: argparse.ArgumentParser, *names: str) -> None:
    """The options that many commands share, by name."""
    if "returns" in names:
        words = "mapp med redovisningar (./data/inbox)"
        made.add_argument(
            "--returns", type=Path, default=Path("data/inbox"), metavar="MAPP", help=words
        )
    if "data" in names:
        made.add_argument(
            "--data", type=Path, default=Path("data"), help="mapp med nämnder och bidrag (./data)"
        )
    if "out" in names:
        made.add_argument(
            "--out", type=Path, default=Path("out"), help="mapp för resultaten (./out)"
        )
    if "as_of" in names:
        words = "den dag som gäller, ÅÅÅÅ-MM-DD (i dag)"
        made.add_argument("--as-of", type=_day, default=None, metavar="DATUM", help=words)


def parser() -> argparse.ArgumentParser:
    """What may be asked of the program; `command` of what it parses is the name of the command."""
    argparse._ = lambda text: _ARGPARSE.get(text, text)  # type: ignore[attr-defined]
    parser = _Parser(
        prog="statsbidrag",
        description="Statsbidrag från nämndernas redovisningar till återrapporten.",
    )
    parser.add_argument("--version", action="version", version=f"statsbidrag {__version__}")
    commands = parser.add_subparsers(
        title="kommandon", required=True, metavar="KOMMANDO", parser_class=_Parser
    )

    def command(name: str, words: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=words, description=words)
        made.set_defaults(command=name)
        return made

    run = command("run", "Ta in, granska och stäm av redovisningarna och skriv rapporterna.")
    run.add_argument(
        "grants", nargs="*", metavar="BIDRAG", help="id på statsbidrag; inget betyder alla"
    )
    run.add_argument(
        "--final", action="store_true", help="slutredovisning i stället för kvartalsavstämning"
    )
    run.add_argument("--report", metavar="ID", help="en delrapport som bidragsfilen nämner")
    run.add_argument("--by", metavar="NAMN", help="vem som kör, för händelseloggen (den inloggade)")
    _common(run, "returns", "data", "out", "as_of")

    template = command("template", "Skriv en redovisningsmall för varje nämnd som har medel.")
    template.add_argument("grant", metavar="BIDRAG")
    template.add_argument(
        "--period-end", type=_day, required=True, metavar="DATUM", help="redovisningens sista dag"
    )
    template.add_argument("--board", metavar="NÄMND", help="bara för den här nämnden")
    _common(template, "data", "out", "as_of")

    check = command("check", "Granska redovisningar utan att räkna dem.")
    check.add_argument(
        "files", nargs="+", type=Path, metavar="FIL", help="redovisningar, eller mappar med sådana"
    )
    check.add_argument(
        "--final", action="store_true", help="granska som slutredovisning i stället för kvartalets"
    )
    words = (
        "skriv också Great Expectations egna sidor i mappen (för utvecklare; de hämtar skript från "
        "nätet när de öppnas)"
    )
    check.add_argument("--gx-docs", type=Path, default=None, metavar="MAPP", help=words)
    _common(check, "data", "as_of")

    explain = command("explain", "Visa varje belopp ända ner till fil, blad och cell.")
    explain.add_argument("grant", metavar="BIDRAG")
    explain.add_argument("board", nargs="?", metavar="NÄMND")
    _common(explain, "out")

    _decision_commands(command)

    serve = command("serve", "Kör de schemalagda flödena tills kommandot avbryts.")
    serve.add_argument("--watch", action="store_true", help="ta in nya filer i mappen genast")
    serve.add_argument(
        "--post",
        type=Path,
        default=None,
        metavar="FIL",
        help="inställningar för e-post (post.toml i --data)",
    )
    serve.add_argument(
        "--port",
        type=int,
        default=4200,
        help="port för Prefects sidor; rapporterna visas på nästa (4200)",
    )
    _common(serve, "returns", "data", "out")

    status = command(
        "status", "Visa läget för varje bidrag: tidsfrister, vem som saknas och pengar i fara."
    )
    status.add_argument("--json", action="store_true", help="som JSON")
    _common(status, "data", "out", "as_of")

    backup = command("backup", "Gör en säkerhetskopia av data, redovisningar och resultat.")
    words = "mappen som kopian läggs i; inte någon av dem som den är en kopia av"
    backup.add_argument("--to", type=Path, required=True, metavar="MAPP", help=words)
    _common(backup, "returns", "data", "out")

    restore = command("restore", "Återställ en säkerhetskopia i en tom mapp och gå igenom den.")
    restore.add_argument("file", type=Path, metavar="FIL", help="säkerhetskopian")
    restore.add_argument(
        "--to", type=Path, required=True, metavar="MAPP", help="en ny eller tom mapp"
    )
    return parser


_DECISIONS = {
    "review": (
        "reviewed",
        "Granska en slutrapport: beloppen är kontrollerade av någon annan än den som körde.",
    ),
    "approve": ("attested", "Attestera en granskad slutrapport; utkastmärkningen tas bort."),
    "reject": (
        "returned",
        "Återlämna en granskad eller attesterad slutrapport; den blir utkast igen.",
    ),
    "file": (
        "filed",
        "Anteckna att en attesterad slutrapport är inlämnad, och lägg undan den oföränderlig.",
    ),
}
GROUND_NAMES = {
    "ej-anvant": Ground.NOT_USED,
    "fel-andamal": Ground.WRONG_PURPOSE,
    "ej-redovisat": Ground.NO_REPORT,
    "villkor": Ground.BREACH_OF_TERMS,
    "felaktigt-mottaget": Ground.WRONGLY_RECEIVED,
}
_ENTRIES = {
    "claim": (
        EntryKind.CLAIM,
        "Bokför myndighetens krav (återkrav), eller stadens krav på en nämnd.",
    ),
    "relief": (
        EntryKind.RELIEF,
        "Bokför att ett belopp har satts ned, till exempel för särskilda skäl.",
    ),
    "repaid": (EntryKind.PAYMENT, "Bokför en betalning till myndigheten, eller från en nämnd."),
}


def _decision_commands(command: Callable[..., argparse.ArgumentParser]) -> None:
    """What people do with a final report once it has been run."""

    def about_a_report(name: str, words: str) -> argparse.ArgumentParser:
        made = command(name, words)
        made.add_argument("grant", metavar="BIDRAG")
        made.add_argument(
            "--by", metavar="NAMN", required=True, help="vem som beslutar eller bokför"
        )
        _common(made, "returns", "data", "out")
        return made

    for name, (kind, words) in _DECISIONS.items():
        made = about_a_report(name, words)
        made.add_argument(
            "--on", type=_day, default=None, metavar="DATUM", help="dagen för beslutet (i dag)"
        )
        made.add_argument("--why", metavar="TEXT", help="skälet")
        _interim(made)
        made.set_defaults(kind=kind)
    for name, (kind, words) in _ENTRIES.items():
        made = about_a_report(name, words)
        made.add_argument(
            "--amount",
            type=_amount,
            required=True,
            metavar="KRONOR",
            help="till exempel 1250,50; en rättelse skrivs --amount=-1250,50",
        )
        made.add_argument(
            "--on",
            type=_day,
            required=True,
            metavar="DATUM",
            help="dagen för beslutet eller betalningen",
        )
        made.add_argument(
            "--ref",
            required=True,
            metavar="TEXT",
            help="beslutets dnr, eller betalningens märkning",
        )
        made.add_argument(
            "--board", metavar="NÄMND", help="mellan den här nämnden och den som fördelar bidraget"
        )
        made.add_argument("--why", metavar="TEXT", help="skälet")
        made.set_defaults(kind=kind, ground=None, due=None, interest=False)
        if kind == EntryKind.PAYMENT:
            made.add_argument("--interest", action="store_true", help="betalningen avser ränta")
        else:
            made.add_argument(
                "--ground", choices=list(GROUND_NAMES), help="grunden för återbetalningen"
            )
        if kind == EntryKind.CLAIM:
            made.add_argument(
                "--due", type=_day, default=None, metavar="DATUM", help="när det ska vara betalt"
            )
        _common(made, "as_of")

    made = command("compare", "Visa vad nya redovisningar skulle ändra, innan de räknas.")
    made.add_argument("grant", metavar="BIDRAG")
    made.add_argument(
        "--final", action="store_true", help="jämför med slutredovisningen i stället för kvartalet"
    )
    _common(made, "returns", "data", "out", "as_of")
    made = about_a_report("package", "Gör ett paket för revisorn och arkivet av en slutrapport.")
    _interim(made)
    made = command(
        "ledger", "Visa återbetalningen: vad som krävs, vad som är betalt och vad som återstår."
    )
    made.add_argument("grant", metavar="BIDRAG")
    _common(made, "data", "out", "as_of")
    made = command(
        "verify",
        "Gå igenom logg, databas, rapporter och redovisningar och säg vad som inte stämmer.",
    )
    words = "en hash ur loggen som du har sparat: den ska finnas kvar (kan anges flera gånger)"
    made.add_argument(
        "--hash",
        type=_sha256,
        action="append",
        default=[],
        dest="hashes",
        metavar="HASH",
        help=words,
    )
    _common(made, "returns", "out")
    made = command(
        "draft", "Gör utkast till bidragsfiler ur ett besluts dokument (text, Word eller PDF)."
    )
    made.add_argument("files", nargs="+", type=Path, metavar="FIL", help="beslutets dokument")
    made.add_argument("--out", type=Path, required=True, metavar="MAPP", help="dit utkasten skrivs")
    _common(made, "data")
    made = command(
        "paper", "Skriv ett utkast till tjänsteutlåtande om en eller flera slutrapporter."
    )
    made.add_argument("grants", nargs="+", metavar="BIDRAG")
    made.add_argument(
        "--to", type=Path, default=Path("tjansteutlatande.docx"), metavar="FIL", help="Wordfilen"
    )
    _interim(made)
    _common(made, "data", "out")


def _interim(made: argparse.ArgumentParser) -> None:
    """That it is about an interim report."""
    made.add_argument(
        "--report", default=None, metavar="ID", help="delrapporten, i stället för slutrapporten"
    )


def _amount(text: str) -> Decimal:
    amount = swedish.parse_kronor(text)
    if amount is None:
        raise argparse.ArgumentTypeError(
            f"{text} är inte ett belopp i kronor. Skriv som 1250 eller 1250,50"
        )
    return amount
