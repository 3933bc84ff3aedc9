"""How it stands with hooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kuzugit.cli.render.escape import printable

if TYPE_CHECKING:
    from kuzugit.cli.render.document import Json
    from kuzugit.porcelain.hooks import Hooks
    from kuzugit.store.hook_files import Hook


def hooks_lines(found: Hooks) -> list[str]:
    """Return the directory, a line for each hook, and the file that was made."""
    lines = [printable(f"Hooks in {found.directory}"), *map(_line, found.hooks)]
    if found.lock_file is not None:
        lines.append(printable(f"Made {found.lock_file}: let your repository track it"))
    return lines


def _line(hook: Hook) -> str:
    before = f", after {hook.before.name}" if hook.before is not None else ""
    return printable(f"  {hook.name}: {hook.state}{before}")


def hooks_fields(found: Hooks) -> dict[str, Json]:
    """Return the hooks as JSON fields."""
    return {
        "directory": str(found.directory),
        "hooks": [
            {
                "name": hook.name,
                "state": str(hook.state),
                "before": None if hook.before is None else str(hook.before),
            }
            for hook in found.hooks
        ],
        "lock_file": None if found.lock_file is None else str(found.lock_file),
    }
