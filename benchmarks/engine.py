"""CPU seconds of the engine alone over one folder: who may reach whom, of everyone, counted.

    python benchmarks/engine.py FOLDER

Reading and assembling happen before the clock starts; printed is one number. The cyclic collector
is off, as it is in the program while it reads and evaluates.
"""

from __future__ import annotations

import gc
import sys
import time

from reviewer import cluster, engine, manifests, sources
from reviewer.manifests import Memo


def main(folder: str) -> None:
    """Read, assemble, then time the engine."""
    memo = Memo()
    target = sources.resolve(folder, ".")
    gc.disable()
    model = cluster.assemble(manifests.read(sources.documents(target, memo), memo))
    started = time.process_time()
    (reachability,) = engine.reach([model], "auto")
    flows = reachability.count()
    print(time.process_time() - started)
    print(f"{flows} flows", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1])
