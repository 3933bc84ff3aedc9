"""Git for a Kùzu graph database.

    import kuzugit

    repo = kuzugit.Repository.open()
    repo.commit("what changed", connection=conn)
    repo.checkout("v0.1.0", to="old.kuzu")

Everything else of the API hangs on `Repository` and is loaded when it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kuzugit.porcelain.repository import Repository

__all__ = ["Repository"]


def __getattr__(name: str) -> Any:
    if name == "Repository":
        from kuzugit.porcelain.repository import Repository

        return Repository
    raise AttributeError(f"module 'kuzugit' has no attribute {name!r}")
