"""What a snapshot undoes that the branch has, and its database never had."""

from __future__ import annotations

from kuzugit.model.changes import Changes
from kuzugit.store.history import Snapshot, is_ancestor, log
from kuzugit.store.location import Store
from kuzugit.store.refs import left


def taken_back(
    store: Store, base: Snapshot | None, tip: Snapshot | None, changes: Changes
) -> tuple[str, ...]:
    """Return a warning where a snapshot on top of `tip` takes back what nobody looked at.

    `base` is what its database was made from, `changes` what it changes at `tip`. After a
    rollback it takes back what was there when the database was put back, as is wanted. What
    came to the branch since, by a pull or an import, the database never had; nor one that
    was made from no snapshot, anything of it.
    """
    if tip is None or not changes or (base is not None and base.commit == tip.commit):
        return ()
    if base is None:
        return (
            "the database was made from no snapshot, and what the branch has and it has not is "
            f"taken back; kuzugit checkout {tip.name} --to PATH builds what the branch has",
        )
    known = left(store)
    seen = base if known is None or is_ancestor(store, known, base) else known
    count = sum(1 for _ in log(store, tip, exclude=(seen, base)))
    if not count:
        return ()
    one = f"{count} snapshots" if count > 1 else "1 snapshot"
    return (
        f"the branch has {one} that the database never had, and what changed there is taken "
        f"back; kuzugit log {seen.name}..{tip.name} shows it",
    )
