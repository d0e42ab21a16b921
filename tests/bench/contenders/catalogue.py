"""The contenders by name."""

from collections.abc import Mapping

from tests.bench.contenders.contract import Contender, module
from tests.bench.contenders.packed import packed_finals

LANE_JOB = Contender(
    key="lane-job",
    title="stream_app lane, the job's rule",
    guarantee="exactly once",
    commit="100 ms",
    command=lambda site, number: module(
        "lane_job", site.bootstrap, site.app_id, site.source, site.folder / f"data-{number}", site.extra or "{}"
    ),
    changelog=lambda app_id: f"{app_id}-accounts-changelog",
    finals=packed_finals,
)

CONTENDERS: Mapping[str, Contender] = {each.key: each for each in (LANE_JOB,)}
