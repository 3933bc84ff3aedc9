"""`python -m tests.bench [--small]`: measure, print the table, write build/bench.json."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.diffs import measure_diffs
from tests.bench.figures import Bench, Figure, measure
from tests.bench.odd_types import measure_odd_types
from tests.bench.packs import measure_packs
from tests.bench.process import Runner, hermetic_environment
from tests.bench.report import as_json, as_table, machine
from tests.bench.sizes import FULL, SMALL, Sizes
from tests.bench.syncs import measure_syncs
from tests.bench.travels import measure_travels

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Return 1 when a figure is over its limit; a small run measures but does not judge."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--small", action="store_true", help="a twentieth of the rows, once")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "bench.json")
    arguments = parser.parse_args()
    sizes = SMALL if arguments.small else FULL
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    # Beside the result and not in /tmp, which is memory on some machines.
    with TemporaryDirectory(dir=arguments.output.parent, prefix="bench-") as directory:
        figures = run(Path(directory), sizes)
    document = as_json(figures, sizes, machine())
    arguments.output.write_text(json.dumps(document, indent=2) + "\n")
    sys.stdout.write(f"{as_table(figures)}\n\nwritten to {arguments.output}\n")
    return int(not arguments.small and not all(figure.holds for figure in figures))


def run(directory: Path, sizes: Sizes) -> list[Figure]:
    """Measure every figure inside the empty `directory`."""
    home = directory / "home"
    home.mkdir()
    runner = Runner(hermetic_environment(home, ROOT))
    bench = Bench(directory, runner, sizes)
    return [
        *measure(bench, _say),
        *measure_odd_types(bench, _say),
        *measure_diffs(bench, _say),
        *measure_syncs(bench, _say),
        *measure_packs(bench, _say),
        *measure_travels(bench, _say),
    ]


def _say(line: str) -> None:
    sys.stderr.write(f"bench: {line}\n")


if __name__ == "__main__":
    sys.exit(main())
