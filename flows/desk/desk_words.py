"""What to do next, as the desk's pages have it: sentences that tell of commands and their options,
in words of buttons and fields."""

import re

_TURNED = (
    (r"Kör statsbidrag run \S+ --report \S+ först\.", "Gör delrapporten först."),
    (r"Kör statsbidrag run \S+ --report \S+ igen\.", "Gör delrapporten igen."),
    (
        r"Ange antingen --final eller --report, inte båda\.",
        "Välj slutredovisningen eller delrapporten.",
    ),
    (r"Kör statsbidrag run(?: \S+)? --final först\.", "Gör slutredovisningen först."),
    (r"Kör statsbidrag run(?: \S+)? --final igen\.", "Gör slutredovisningen igen."),
    (r"Kör statsbidrag run(?: \S+)? först\.", "Räkna bidraget först."),
    (r"[Kk]ör\s+statsbidrag run igen", "räkna igen"),
    (r"Kör utan --final för en delavstämning\.", "Välj delavstämning."),
    (r"Gör slutredovisningen: statsbidrag run \S+ --final\.", "Gör slutredovisningen."),
    (r"(Stäm av bidraget när \S+ har redovisat): statsbidrag run \S+\.", r"\1."),
    (r": statsbidrag (?:claim|repaid) \S+ --board NÄMND\.", "."),
    (r": statsbidrag (?:review|approve|file) \S+ --report \S+?\.", "."),
    (r": statsbidrag (?:review|approve|file|repaid) \S+?\.", "."),
    (r"Ange med --by vem det är\.", "Skriv ditt namn."),
    (r"Ange med --why varför", "Skriv varför"),
    (r"Ange med --on dagen då", "Ange dagen då"),
    (r"Ange en senare dag med --(?:on|as-of)\.", "Ange en senare dag."),
    (r"Ange en annan --ref om", "Ange en annan märkning om"),
    (r"Ange en --period-end inom den tiden\.", "Välj en dag inom den tiden."),
    (r", och pröva med verify --hash nästa gång\.", "."),
    (
        r"(?:Välj|Ange) (?:en annan(?: mapp)?|mappen(?: med [a-zåäö ]+)?) med --(?:out|data|to)\.",
        "Säg till den som sköter Skrivbordet.",
    ),
    (
        r"Ange (?:rätt mapp|en ny eller tom mapp) med --\S+?\.",
        "Säg till den som sköter Skrivbordet.",
    ),
    (
        r" Ska resultaten börja om från början, välj en annan mapp med --out\.",
        " Säg annars till den som sköter Skrivbordet.",
    ),
    (
        r"Låt någon som får skriva i mappen köra statsbidrag status\.",
        "Säg till den som sköter Skrivbordet.",
    ),
    (r", eller ange mappen med --data\.", "."),
    (r"[Kk]ör samma kommando igen", "försök igen"),
)
"""What the commands say, and what is said here."""


def at_the_desk(sentence: str) -> str:
    """A sentence for somebody who sees pages and no commands."""
    for said, instead in _TURNED:
        sentence = re.sub(said, instead, sentence)
    return sentence
