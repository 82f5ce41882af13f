"""Great Expectations: the suites of `expectations/` run over frames. Nothing passes because its
check crashed."""

import functools
import gc
import importlib.util
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
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
from .frames import FRAMES
from .light_expectations import PLAIN, light
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
    near: str | None = None
    crashed: bool = False


def load() -> Any:
    """Great Expectations, without the two heavy libraries that only expectations we don't use need.

    scipy.stats and altair serve the tests of distributions; they are put off until somebody touches
    them, which halves the time to load. STATSBIDRAG_GX_WHOLE=1 turns that off.
    """
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    if "great_expectations" not in sys.modules and not os.environ.get(PLAIN):
        for name in ("scipy.stats", "altair"):
            _put_off(name)
    import great_expectations

    return great_expectations


def warm() -> None:
    """Load what `validate` needs and use it once, ahead of the first call."""
    nothing_wrong = Frame("problems", [Record(Return("", "", 0, "other"), {"problem": None})])
    assert not list(run_suite(nothing_wrong, {}, RunPlan(date.min, False, {})))
    for name in FRAMES:
        _definition(name)
        for expectation in suite(name):
            light(expectation["type"])
    gc.freeze()  # what is loaded now stays: the collector needn't go through it again and again


def _put_off(name: str) -> None:
    """Let a module be loaded when something is first taken from it, not when it is imported."""
    spec = importlib.util.find_spec(name)
    if name in sys.modules or spec is None or spec.loader is None:
        return
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, module)


def gx_context(docs: Path | None) -> "AbstractDataContext":
    """Great Expectations' context: in memory, or in a folder for its own pages."""
    gx = load()
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

    def by_place(self) -> Any:
        """As pandas wants it, each row with its place among the records."""
        import pandas as pd

        frame = pd.DataFrame([record.values for record in self.records], dtype=object)
        frame["record"] = range(len(self.records))
        return frame


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
    """One suite over one frame of all returns; `docs` is a context that keeps what it sees, for
    Great Expectations' own pages."""
    wanted = []
    for expectation in suite(frame.name):
        if plan.is_final or not expectation["meta"].get("only_final"):
            wanted.append(expectation)
    if docs is None:
        outcomes = _outcomes(frame, wanted, parameters)
    else:
        outcomes = _outcomes_in_docs(docs, frame, wanted, parameters)
    for outcome in outcomes:
        config = outcome.expectation_config
        meta = config.meta
        if _crashed(outcome.exception_info):
            by_file = {record.returned.file: record for record in frame.records}
            yield from (
                Breach(meta["rule"], record, (), crashed=True) for record in by_file.values()
            )
            continue
        hits = outcome.result.get("unexpected_index_list") or []
        if not outcome.success and not hits:
            raise RuntimeError(f"{frame.name}.yaml: {meta['rule']} failed without saying where")
        for hit in hits:
            record = frame.records[hit["record"]]
            cells = record.cells.get(meta.get("cell") or config.kwargs["column"], ())
            yield Breach(meta["rule"].format_map(record.values), record, cells, meta.get("near"))


def _outcomes(
    frame: Frame, wanted: Sequence[Expectation], parameters: Mapping[str, list[str]]
) -> list[Any]:
    """What comes of those expectations that don't hold, in Great Expectations' order.

    Most hold, so it is asked whether they do before it is asked where they don't.
    """
    numbered = []
    for place, expectation in enumerate(wanted):
        meta = expectation["meta"] | {"place": place}
        numbered.append({**expectation, "type": light(expectation["type"]), "meta": meta})
    definition = _definition(frame.name)
    try:
        batch = definition.get_batch({"dataframe": frame.by_place()})
        how = {"expectation_parameters": dict(parameters)}
        told = batch.validate(_loaded(frame.name, numbered), result_format=WHETHER, **how)
        failed = [outcome for outcome in told.results if not outcome.success]
        if not failed:
            return []
        asked = [numbered[outcome.expectation_config.meta["place"]] for outcome in failed]
        if any(_crashed(outcome.exception_info) for outcome in failed):
            # Those that crash come first, and would take others of their columns along.
            asked = numbered
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
    definition = load().ValidationDefinition(name=frame.name, data=batches, suite=stored)
    told = context.validation_definitions.add_or_update(definition).run(
        batch_parameters={"dataframe": frame.by_place()},
        expectation_parameters=dict(parameters),
        result_format=dict(WITH_PLACES),
    )
    return list(told.results)


def _loaded(name: str, wanted: Sequence[Expectation]) -> Any:
    """Expectations as a suite of Great Expectations', made anew each time: one that has been used
    remembers what it was told."""
    loaded = load().ExpectationSuite(name=name, expectations=list(wanted))
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
