"""Great Expectations: the suites of `expectations/` run over frames. Nothing passes because its
check crashed."""

import functools
import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..model.returns import (
    Cell,
    Return,
)
from ..model.rulebook import RunPlan
from . import gx_loading
from .frames import FRAMES
from .light_expectations import light
from .records import Record

if TYPE_CHECKING:
    from great_expectations.data_context.data_context.abstract_data_context import (
        AbstractDataContext,
    )


@dataclass(frozen=True)
class Breach:
    """A row of a frame that an expectation doesn't hold for; or a file whose check crashed."""

    rule_id: str
    record: Record
    cells: tuple[Cell, ...]
    place: int
    """Of the expectation in its suite; before all others where the check crashed."""
    near: str | None = None
    crashed: bool = False


def warm() -> None:
    """Load what `validate` needs and use it once, ahead of the first call."""
    nothing_wrong = Frame("problems", [Record(Return("", "", 0, "other"), {"problem": None})])
    assert not list(run_suite(nothing_wrong, {}, RunPlan(date.min, False, {})))
    for name in FRAMES:
        _definition(name)
        for expectation in suite(name):
            light(expectation["type"])
    gc.freeze()  # what is loaded now stays: the collector needn't go through it again and again


def gx_context(docs: Path | None) -> "AbstractDataContext":
    """Great Expectations' context: in memory, or in a folder for its own pages."""
    gx = gx_loading.loaded()
    context: AbstractDataContext = (
        gx.get_context(mode="file", project_root_dir=docs)
        if docs
        else gx.get_context(mode="ephemeral")
    )
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    return context


Expectation = dict[str, Any]
"""An expectation as it stands in a suite file."""


def suite(name: str) -> list[Expectation]:
    """The expectations of one suite file, as they stand there."""
    import yaml

    text = files("statsbidrag.expectations").joinpath(f"{name}.yaml").read_text("utf-8")
    loaded: list[Expectation] = yaml.load(
        text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    )
    return loaded


@dataclass(frozen=True)
class Frame:
    """The records that one suite is about."""

    name: str
    records: Sequence[Record]

    @functools.cached_property
    def _alike(self) -> dict[int, list[int]]:
        """The places of the records that share their values, by the values' identity: what is said
        of one of them is said of all."""
        places: dict[int, list[int]] = {}
        for place, record in enumerate(self.records):
            places.setdefault(id(record.values), []).append(place)
        return places

    def by_place(self) -> Any:
        """As pandas wants it: the values that records have, each row with the place of the first
        record that has them."""
        import pandas as pd

        firsts = [places[0] for places in self._alike.values()]
        frame = pd.DataFrame([self.records[place].values for place in firsts], dtype=object)
        frame["record"] = firsts
        return frame

    def hit(self, firsts: Iterable[int]) -> list[Record]:
        """The records that are meant by the first ones that have their values, in order."""
        places: list[int] = []
        for first in firsts:
            places += self._alike[id(self.records[first].values)]
        return [self.records[place] for place in sorted(places)]


WITH_PLACES: Mapping[str, Any] = {
    "result_format": "COMPLETE",
    "unexpected_index_column_names": ["record"],
    "partial_unexpected_count": 0,
}
"""How Great Expectations is asked where an expectation doesn't hold."""
WHETHER = {"result_format": "BOOLEAN_ONLY"}
"""How it is asked whether one holds: half the work."""


def run_suite(
    frame: Frame,
    parameters: Mapping[str, list[str]],
    plan: RunPlan,
    docs: "AbstractDataContext | None" = None,
) -> Iterator[Breach]:
    """One suite over one frame of returns, in the order of the expectations and then of the
    records; `docs` is a context that keeps what it sees, for
    Great Expectations' own pages."""
    wanted = []
    for place, expectation in enumerate(suite(frame.name)):
        meta = expectation["meta"] | {"place": place}
        if plan.is_final or not meta.get("only_final"):
            wanted.append({**expectation, "meta": meta})
    if docs is None:
        outcomes = _outcomes(frame, wanted, parameters)
    else:
        outcomes = _outcomes_in_docs(docs, frame, wanted, parameters)
    for outcome in sorted(outcomes, key=_place):
        config = outcome.expectation_config
        meta, place = config.meta, _place(outcome)
        if _crashed(outcome.exception_info):
            by_file = {record.returned.file: record for record in frame.records}
            for record in by_file.values():
                yield Breach(meta["rule"], record, (), place, crashed=True)
            continue
        hits = outcome.result.get("unexpected_index_list") or []
        if not outcome.success and not hits:
            raise RuntimeError(f"{frame.name}.yaml: {meta['rule']} failed without saying where")
        for record in frame.hit(hit["record"] for hit in hits):
            cells = record.cells.get(meta.get("cell") or config.kwargs["column"], ())
            rule_id = meta["rule"].format_map(record.values)
            yield Breach(rule_id, record, cells, place, meta.get("near"))


def _place(outcome: Any) -> int:
    """The place of an expectation in its suite; before all others where the check crashed."""
    if _crashed(outcome.exception_info):
        return -1
    place: int = outcome.expectation_config.meta["place"]
    return place


def _outcomes(
    frame: Frame, wanted: Sequence[Expectation], parameters: Mapping[str, list[str]]
) -> list[Any]:
    """What comes of those expectations that don't hold.

    Most hold, so it is asked whether they do before it is asked where they don't.
    """
    lightened = {}
    for expectation in wanted:
        place = expectation["meta"]["place"]
        lightened[place] = {**expectation, "type": light(expectation["type"])}
    definition = _definition(frame.name)
    try:
        batch = definition.get_batch({"dataframe": frame.by_place()})
        how = {"expectation_parameters": dict(parameters)}
        told = batch.validate(
            _loaded(frame.name, [*lightened.values()]), result_format=WHETHER, **how
        )
        failed = [outcome for outcome in told.results if not outcome.success]
        if not failed:
            return []
        asked = [lightened[outcome.expectation_config.meta["place"]] for outcome in failed]
        if any(_crashed(outcome.exception_info) for outcome in failed):
            # Those that crash would take others of their columns along.
            asked = [*lightened.values()]
        told = batch.validate(_loaded(frame.name, asked), result_format=dict(WITH_PLACES), **how)
        return list(told.results)
    finally:
        # Great Expectations keeps the last frame that it was shown: nothing of a return is to stay.
        nothing = definition.get_batch({"dataframe": Frame(frame.name, ()).by_place()})
        nothing.validate(_loaded(frame.name, ()))


def _outcomes_in_docs(
    context: "AbstractDataContext",
    frame: Frame,
    wanted: Sequence[Expectation],
    parameters: Mapping[str, list[str]],
) -> list[Any]:
    """What comes of every expectation; the context keeps the definition and its result."""
    source: Any = context.data_sources.all().get(_SOURCE)
    source = source or context.data_sources.add_pandas(_SOURCE)
    batches = source.add_dataframe_asset(frame.name).add_batch_definition_whole_dataframe(
        frame.name
    )
    stored = context.suites.add_or_update(_loaded(frame.name, wanted))
    definition = gx_loading.loaded().ValidationDefinition(
        name=frame.name, data=batches, suite=stored
    )
    told = context.validation_definitions.add_or_update(definition).run(
        batch_parameters={"dataframe": frame.by_place()},
        expectation_parameters=dict(parameters),
        result_format=dict(WITH_PLACES),
    )
    return list(told.results)


def _loaded(name: str, wanted: Sequence[Expectation]) -> Any:
    """Expectations as a suite of Great Expectations', made anew each time: one that has been used
    remembers what it was told."""
    loaded = gx_loading.loaded().ExpectationSuite(name=name, expectations=list(wanted))
    if len(loaded.expectations) != len(wanted):
        raise RuntimeError(
            f"{name}.yaml: {len(wanted)} expectations, {len(loaded.expectations)} understood"
        )
    return loaded


_SOURCE = "redovisningar"


@functools.cache
def _kept_source() -> Any:
    """Where frames come from, in a context in memory that is made once: to make one takes as long
    as to check a return."""
    return gx_context(None).data_sources.add_pandas(_SOURCE)


@functools.cache
def _definition(name: str) -> Any:
    """How the frame of a suite is taken: whole."""
    return _kept_source().add_dataframe_asset(name).add_batch_definition_whole_dataframe(name)


def _crashed(info: Any) -> bool:
    """GX tells a crash either flat or by metric."""
    infos = [info, *(v for v in (info or {}).values() if isinstance(v, dict))]
    return any(t.get("raised_exception") for t in infos if t)
