"""What dashboards are made of: queries, panels in a few shapes, rows, and a dashboard around them.

Rule: a panel has a title (with the field's Chinese word where it has one), a description, a unit, a legend and a link
to the page that says what to do or what is meant.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

from grafana_foundation_sdk.builders import bargauge, common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import common as kinds
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

DOCS: Final = "https://git.example.com/stream-app/blob/main/docs"  # where people read docs/; --docs tells another
SOURCE: Final = models.DataSourceRef(type_val="prometheus", uid="${datasource}")
TAG: Final = "stream-app"

SHORT, NONE, PERCENT, SECONDS, BYTES, YUAN = "short", "none", "percentunit", "s", "bytes", "suffix: 元"
EVENTS_A_SECOND, RECORDS_A_SECOND, AN_HOUR, A_DAY = "suffix: events/s", "suffix: records/s", "suffix: /h", "suffix: /d"

WHOLE, HALF, THIRD, QUARTER, SIXTH = 24, 12, 8, 6, 4  # of a row's width
TALL, LOW = 8, 4

Panel: TypeAlias = Builder[models.Panel]


class Query(NamedTuple):
    """A PromQL expression, and how its series are named."""

    expr: str
    legend: str


class About(NamedTuple):
    """What a panel says of itself; `page` is a document of docs/ with an anchor."""

    title: str
    description: str
    unit: str
    page: str


class Limit(NamedTuple):
    """From where on a figure is red: at or above a value, or below it."""

    value: float
    is_floor: bool = False


def lines(about: About, *queries: Query, width: int = HALF, stacked: bool = False, least: float | None = 0) -> Panel:
    """Make a panel of lines over time."""
    panel = (
        timeseries.Panel()
        .title(about.title)
        .description(about.description)
        .unit(about.unit)
        .datasource(SOURCE)
        .links([_runbook(about.page)])
        .span(width)
        .height(TALL)
        .legend(_legend())
        .tooltip(common.VizTooltipOptions().mode(kinds.TooltipDisplayMode.MULTI).sort(kinds.SortOrder.DESCENDING))
        .line_width(1)
        .fill_opacity(25 if stacked else 8)
        .show_points(kinds.VisibilityMode.NEVER)
        .targets(_targets(queries))
    )
    if stacked:
        panel = panel.stacking(common.StackingConfig().mode(kinds.StackingMode.NORMAL))
    return panel if least is None else panel.axis_soft_min(least)


def figure(about: About, query: Query, width: int = QUARTER, limit: Limit | None = None) -> Panel:
    """Make a panel of one figure, the last, with its course behind it."""
    return (
        stat.Panel()
        .title(about.title)
        .description(about.description)
        .unit(about.unit)
        .datasource(SOURCE)
        .links([_runbook(about.page)])
        .span(width)
        .height(LOW)
        .graph_mode(kinds.BigValueGraphMode.AREA)
        .color_mode(kinds.BigValueColorMode.VALUE)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .thresholds(_thresholds(limit))
        .targets(_targets([query]))
    )


def bands(about: About, query: Query, width: int = HALF) -> Panel:
    """Make a panel of bars, one a band of a histogram: Grafana takes neighbours' counts from each other."""
    target = prometheus.Dataquery().expr(query.expr).legend_format(query.legend).ref_id("A").instant()
    return (
        bargauge.Panel()
        .title(about.title)
        .description(about.description)
        .unit(about.unit)
        .datasource(SOURCE)
        .links([_runbook(about.page)])
        .span(width)
        .height(TALL)
        .display_mode(kinds.BarGaugeDisplayMode.BASIC)
        .orientation(kinds.VizOrientation.HORIZONTAL)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .thresholds(_thresholds(None))
        .min(0)
        .targets([target.format(PromQueryFormat.HEATMAP).datasource(SOURCE)])
    )


class Row(NamedTuple):
    """A headed row of panels."""

    title: str
    panels: Sequence[Panel]


class Board(NamedTuple):
    """A dashboard; `instance` names a metric by whose instances it can be narrowed, empty for none."""

    uid: str
    title: str
    description: str
    rows: Sequence[Row]
    instance: str = ""
    since: str = "now-6h"


def build(board: Board, docs: str) -> models.Dashboard:
    """Build a dashboard; `docs` is where people read docs/."""
    made = (
        dashboard.Dashboard(board.title)
        .uid(board.uid)
        .description(board.description)
        .tags([TAG])
        .readonly()
        .timezone("browser")
        .time(board.since, "now")
        .refresh("30s")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .link(_others())
        .with_variable(dashboard.DatasourceVariable("datasource").label("Prometheus").type("prometheus"))
        .with_variable(dashboard.ConstantVariable("docs").value(docs))
    )
    if board.instance:
        made = made.with_variable(_instances(board.instance))
    for row in board.rows:
        made = made.with_row(dashboard.Row(row.title))
        for panel in row.panels:
            made = made.with_panel(panel)
    return _numbered(made.build())


def _numbered(made: models.Dashboard) -> models.Dashboard:
    for number, panel in enumerate(made.panels or [], 1):
        panel.id_val = number
    return made


def _instances(metric: str) -> dashboard.QueryVariable:
    return (
        dashboard.QueryVariable("instance")
        .label("instance")
        .datasource(SOURCE)
        .query(f"label_values({metric}, instance)")
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(models.VariableSort.ALPHABETICAL_ASC)
        .multi(multi=True)
        .include_all(include_all=True)
        .all_value(".+")
        .current(models.VariableOption(selected=True, text=["All"], value=["$__all"]))
    )


def _others() -> dashboard.DashboardLink:
    return (
        dashboard.DashboardLink("stream-app")
        .type(models.DashboardLinkType.DASHBOARDS)
        .tags([TAG])
        .keep_time(keep_time=True)
    )


def _runbook(page: str) -> dashboard.DashboardLink:
    return (
        dashboard.DashboardLink("What it means, what to do")
        .type(models.DashboardLinkType.LINK)
        .url(f"${{docs:raw}}/{page}")
        .target_blank(target_blank=True)
    )


def _legend() -> common.VizLegendOptions:
    return (
        common.VizLegendOptions()
        .display_mode(kinds.LegendDisplayMode.TABLE)
        .placement(kinds.LegendPlacement.BOTTOM)
        .show_legend(show_legend=True)
        .calcs(["lastNotNull", "max"])
    )


def _thresholds(limit: Limit | None) -> dashboard.ThresholdsConfig:
    first, then = ("red", "green") if limit is not None and limit.is_floor else ("green", "red")
    steps = [models.Threshold(value=None, color=first)]
    if limit is not None:
        steps.append(models.Threshold(value=limit.value, color=then))
    return dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(steps)


def _targets(queries: Sequence[Query]) -> list[Builder[Dataquery]]:
    return [
        prometheus.Dataquery()
        .expr(query.expr)
        .legend_format(query.legend)
        .ref_id(chr(ord("A") + number))
        .range()
        .datasource(SOURCE)
        for number, query in enumerate(queries)
    ]
