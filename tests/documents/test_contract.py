"""What rules and figures cite is there to be read: the contract as a page, and links to its
places."""

import re
from xml.etree import ElementTree

import pytest

from statsbidrag.decisions import register
from statsbidrag.documents import contract
from statsbidrag.money.tables import FIGURES

SOURCES = sorted(
    {rule.source for rule in register.register().values()}
    | {figure.source for figures in FIGURES.values() for figure in figures.values()}
)
CITING = [source for source in SOURCES if "ontraktet" in source]


def test_much_is_cited() -> None:
    assert len(CITING) > 40


@pytest.mark.parametrize("source", CITING)
def test_what_is_cited_stands_in_the_contract(source: str) -> None:
    places = contract.cited(source)
    assert places, "the citation is written as the others"
    for place in places:
        assert place is not None
        assert place.title in contract.page()


def test_a_section_that_is_not_there_is_no_place() -> None:
    assert contract.cited("Kontraktet avsnitt 9: annat") == [None]
    assert contract.linked("Kontraktet avsnitt 9.") == "Kontraktet avsnitt 9."


def test_words_lead_to_their_part_of_a_section() -> None:
    (chains,) = contract.cited("Kontraktet avsnitt 2: kedjor av nämnder")
    assert chains is not None
    assert (chains.title, chains.level) == ("Kedjor", 3)
    linked = contract.linked("Kontraktet avsnitt 4; <b>inget</b> gissas")
    assert (
        linked
        == '<a href="kontrakt.html#avsnitt-4">Kontraktet avsnitt 4</a>; &lt;b&gt;inget&lt;/b&gt; '
        "gissas"
    )


def test_each_heading_can_be_linked_to_and_the_page_is_whole() -> None:
    page = contract.page()
    root = ElementTree.fromstring(page.removeprefix("<!DOCTYPE html>\n"))
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert {heading.anchor for heading in contract.headings()} <= set(ids)
    assert [h.section for h in contract.headings() if h.level == 2] == [str(n) for n in range(1, 9)]
    assert not re.search(r'(?:src|href)="(?:[a-z]+:|//)', page)
