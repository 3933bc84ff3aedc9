"""Who commits, where the environment says so: GIT_AUTHOR_NAME and its siblings."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace

from kuzugit.cli.date import parse_date
from kuzugit.errors import UsageError
from kuzugit.store.location import Store
from kuzugit.store.signature import Signature, configured_signature


def identity(store: Store, environment: Mapping[str, str], role: str) -> Signature | None:
    """Return the signature of `role` (AUTHOR or COMMITTER), or None to leave it to Git.

    What the environment does not say comes from Git's configuration. Raise
    NoAuthor where that lacks it, UsageError for a date in no form of Git's.
    """
    name, email, date = (
        environment.get(f"GIT_{role}_{part}", "").strip() for part in ("NAME", "EMAIL", "DATE")
    )
    if not (name or email or date):
        return None
    if name and email:
        now = int(time.time())
        found = Signature(name, email, now, (time.localtime(now).tm_gmtoff or 0) // 60)
    else:
        configured = configured_signature(store)
        found = replace(configured, name=name or configured.name, email=email or configured.email)
    return _dated(found, date, f"GIT_{role}_DATE") if date else found


def _dated(signature: Signature, date: str, variable: str) -> Signature:
    try:
        seconds, offset = parse_date(date)
    except UsageError as error:
        raise UsageError(f"{variable}: {error}", hint=error.hint) from error.__cause__
    return replace(signature, time=seconds, offset=offset)
