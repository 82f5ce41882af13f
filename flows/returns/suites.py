"""Great Expectations: the suites of `expectations/` run over frames. Nothing passes because its
check crashed."""

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
from .frames import Record

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
    if "great_expectations" not in sys.modules and not os.environ.get("STATSBIDRAG_GX_WHOLE"):
        for name in ("scipy.stats", "altair"):
            _put_off(name)
    import great_expectations

    return great_expectations


def warm() -> None:
    """Load what `validate` needs and use it once, ahead of the first call."""
    context = gx_context(None)
    nothing_wrong = Frame("problems", [Record(Return("", "", 0, "other"), {"problem": None})])
    plan = RunPlan(date.min, False, {})
    assert not list(
        run_suite(context, context.data_sources.add_pandas("prov"), nothing_wrong, {}, plan)
    )


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


def suite(name: str) -> list[dict[str, Any]]:
    """The expectations of one suite file, as they stand there."""
    import yaml

    text = files("statsbidrag.expectations").joinpath(f"{name}.yaml").read_text("utf-8")
    loaded: list[dict[str, Any]] = yaml.load(
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


def run_suite(
    context: "AbstractDataContext",
    source: Any,
    frame: Frame,
    parameters: Mapping[str, list[str]],
    plan: RunPlan,
) -> Iterator[Breach]:
    """One suite over one frame of all returns."""
    gx = load()
    wanted = [e for e in suite(frame.name) if plan.is_final or not e["meta"].get("only_final")]
    loaded = gx.ExpectationSuite(name=frame.name, expectations=wanted)
    if len(loaded.expectations) != len(wanted):
        raise RuntimeError(
            f"{frame.name}.yaml: {len(wanted)} expectations, {len(loaded.expectations)} understood"
        )
    batches = source.add_dataframe_asset(frame.name).add_batch_definition_whole_dataframe(
        frame.name
    )
    how: dict[str, Any] = {
        "expectation_parameters": dict(parameters),
        "result_format": {
            "result_format": "COMPLETE",
            "unexpected_index_column_names": ["record"],
            "partial_unexpected_count": 0,
        },
    }
    parameters = {"dataframe": frame.by_place()}
    if context.root_directory:  # with Data Docs, GX keeps the definition and its result
        stored = context.suites.add_or_update(loaded)
        definition = gx.ValidationDefinition(name=frame.name, data=batches, suite=stored)
        result = context.validation_definitions.add_or_update(definition).run(
            batch_parameters=parameters, **how
        )
    else:
        result = batches.get_batch(parameters).validate(loaded, **how)
    for outcome in result.results:
        config = outcome.expectation_config
        assert config is not None
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


def _crashed(info: Any) -> bool:
    """GX tells a crash either flat or by metric."""
    infos = [info, *(v for v in (info or {}).values() if isinstance(v, dict))]
    return any(t.get("raised_exception") for t in infos if t)
