"""Makes the rounds: all checks at the same time, each with a deadline, and none can stop another."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from app.doctor.findings import Finding, Patient, wrong

Check = Callable[[Patient], Iterable[Finding]]


def made(patient: Patient, checks: Mapping[str, Check], seconds: float) -> Mapping[str, Sequence[Finding]]:
    """Return what each check finds; one that takes longer than so many seconds, or fails, says so."""
    done: queue.Queue[tuple[str, Sequence[Finding]]] = queue.Queue()

    def run(name: str, check: Check) -> None:
        try:
            done.put((name, tuple(check(patient))))
        except Exception as error:  # noqa: BLE001 -- whatever it is, the others are told
            words = f"the check itself failed: {type(error).__name__}: {error}".splitlines()[0][:300]
            done.put((name, (wrong(words, "report this as a bug of Kotsu"),)))

    for name, check in checks.items():
        # A thread that hangs must not keep the process from ending, as those of an executor would.
        threading.Thread(target=run, args=(name, check), daemon=True).start()
    until = time.monotonic() + seconds
    late = wrong(
        f"there was no answer within {seconds:g} s", "see whether a firewall or a proxy is in the way"
    )
    found: dict[str, Sequence[Finding]] = {}
    while len(found) < len(checks):
        try:
            name, findings = done.get(timeout=max(until - time.monotonic(), 0))
        except queue.Empty:
            break
        found[name] = findings
    return {name: found.get(name, (late,)) for name in checks}
