"""Where in a workbook a personal number was found, in words."""

from collections.abc import Mapping

HIDDEN = "i en del av filen som inte visas i Excel"
WHERE = {
    "comments": "i en anteckning",
    "persons/": "i namnet på den som har skrivit en anteckning",
    "vmldrawing": "i en textruta, en knapp eller en anteckning",
    "/drawings/": "i en textruta",
    "/diagrams/": "i ett diagram",
    "/charts/": "i ett diagram",
    "docprops/": "i filens egenskaper",
    "externallinks/": "i det som sparats från en annan fil",
    "/tables/": "i en tabells rubriker eller namn",
    "pivot": "i en pivottabell",
    "slicer": "i ett utsnitt",
    "connections": "i en datakoppling",
    "querytables": "i en datakoppling",
    "printersettings": "i skrivarens inställningar",
    "vba": "i ett makro",
    "/media/": "i en bild",
    "embeddings/": "i en fil inuti arbetsboken",
    "_rels/": "i en länk",
}
"""Where a person looks for what a part holds, by what is in its name; the first that fits."""
IN_SETTINGS: Mapping[str, str] = {
    "hyperlink": "i en länk",
    "datavalidation": "i en rullista eller ett meddelande om vad som får skrivas",
    "formula1": "i en rullista eller ett villkor för vad som får skrivas",
    "formula2": "i en rullista eller ett villkor för vad som får skrivas",
    "formula": "i en regel för färger",
    "filter": "i ett filter",
}
