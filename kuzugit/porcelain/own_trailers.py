"""What kuzugit itself writes at the end of a snapshot's message: its form, and its base."""

from __future__ import annotations

from kuzugit.engine.version import engine_name, storage_version
from kuzugit.model.snapshot import FORMAT
from kuzugit.store.history import Snapshot


def form_trailers(base: Snapshot | None, tip: Snapshot | None) -> list[tuple[str, str]]:
    """Return the trailers of a snapshot on top of `tip`, whose database was that of `base`."""
    # Here, because Arrow takes time to import.
    from kuzugit.canonical.parquet import writer

    found = [
        ("Kuzugit-Format", str(FORMAT)),
        ("Kuzugit-Engine", f"{engine_name()}, storage version {storage_version()}"),
        ("Kuzugit-Writer", writer()),
    ]
    if base is not None and tip is not None and base.commit != tip.commit:
        found.append(("Kuzugit-Base", base.version or base.commit))
    return found
