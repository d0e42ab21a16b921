"""Write the dashboards: `python -m deploy.grafana.source.write`, or `make dashboards`.

Rule: what stands in deploy/grafana/dashboards is what comes out here; a test holds them equal.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from deploy.grafana.source.business import BUSINESS
from deploy.grafana.source.desk import DESK
from deploy.grafana.source.parts import DOCS, TAG, Board, build
from deploy.grafana.source.pipeline import PIPELINE
from deploy.grafana.source.workers import WORKERS

BOARDS: Final = (BUSINESS, PIPELINE, WORKERS, DESK)
FOLDER: Final = Path(__file__).parents[1] / "dashboards"


def file_name(board: Board) -> str:
    """Name the file of a dashboard."""
    return f"{board.uid.removeprefix(f'{TAG}-')}.json"


def written(docs: str = DOCS) -> Iterator[tuple[str, str]]:
    """Give each file's name and text; `docs` is where people read docs/."""
    for board in BOARDS:
        text = json.dumps(build(board, docs), cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False)
        yield file_name(board), f"{text}\n"


def main() -> None:
    """Write all files."""
    parser = argparse.ArgumentParser(description="Write the Grafana dashboards anew.")
    parser.add_argument("--docs", default=DOCS, metavar="URL", help="where people read docs/ [%(default)s]")
    parser.add_argument("--out", default=FOLDER, type=Path, metavar="DIR", help="the folder to write to")
    given = parser.parse_args()
    for name, text in written(given.docs.rstrip("/")):
        (given.out / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
