"""Checks on one call: its journal and its record against the clauses that events can show.

A check that finds nothing to look at says nothing: what was not exercised is never passed.
`CallChecker` prepares an edition, a book and a roster once and checks any number of calls.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from hotline.standard import desk_checks, menu_checks, voice_checks
from hotline.standard.clauses import Edition, edition
from hotline.standard.results import Profile, Result
from hotline.standard.settings import Settings
from hotline.standard.trace import read
from hotline.switch.record import CallRecord, Entry
from menus.model import Book

CHECKS = (
    voice_checks.greeting_first,
    menu_checks.menu_depth,
    menu_checks.transfer_obeyed,
    menu_checks.back_obeyed,
    menu_checks.key_interrupts,
    menu_checks.key_kept,
    menu_checks.silence_prompted,
    menu_checks.last_resort_taken,
    voice_checks.music_while_waiting,
    voice_checks.announcement,
    voice_checks.closing_phrase,
    voice_checks.outage_progress_told,
    voice_checks.account_kept_secret,
    desk_checks.admitted,
    desk_checks.agent_to_be_had,
    desk_checks.language_of_agent,
    desk_checks.certificate,
    desk_checks.self_service_works,
    desk_checks.rings,
    desk_checks.hang_up_order,
    desk_checks.agent_words,
    desk_checks.harassment_warned,
)


class CallChecker:
    """Checks calls against `edition`. `book` tells which prompts a key may interrupt and how many
    re-prompts silence gets; `agents` (id -> profile) tells languages, numbers and certificates."""

    def __init__(
        self,
        edition: Edition,
        *,
        book: Book | None = None,
        agents: Mapping[str, Profile] | None = None,
    ) -> None:
        self._settings = Settings.of(edition, book, agents)

    def answered_by(self, agents: Mapping[str, Profile]) -> CallChecker:
        """The same checks for calls that other agents answer."""
        other = CallChecker.__new__(CallChecker)
        other._settings = replace(self._settings, agents=agents)
        return other

    def check(self, entries: Sequence[Entry], record: CallRecord) -> Iterator[Result]:
        """Everything that can be said about one call; pure, about a tenth of a millisecond."""
        trace = read(entries)
        settings = self._settings
        for check in CHECKS:
            yield from check(trace, record, settings)


def check_call(
    entries: Sequence[Entry],
    record: CallRecord,
    edition_: Edition | None = None,
    *,
    book: Book | None = None,
    agents: Mapping[str, Profile] | None = None,
) -> list[Result]:
    """Check a single call; for many, keep a `CallChecker`."""
    checker = CallChecker(edition_ or edition(), book=book, agents=agents)
    return list(checker.check(entries, record))
