"""From a book's files to the resolved `Book`: inheritance and defaults decided once, here.

    read (reader) -> check (schema) -> resolve (this module) -> Book

What is written wrongly is a `BookError`; what is written well but leads callers nowhere is a
finding of `menus.lint`.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any

from hotline.standard.clauses import DEFAULT
from menus import defaults, schema
from menus.limits import book_limits, standard_edition
from menus.model import (
    Book,
    Bulletin,
    Collect,
    Counter,
    Hours,
    Key,
    Menu,
    Place,
    PromptText,
    ServiceSpec,
    Step,
    Survey,
    Target,
    Texts,
    Waiting,
)
from menus.reader import Document, NodePath, read, read_text
from menus.services import SERVICES, phrases
from menus.texts import template_fault
from menus.wording import NOWHERE, BookError, Both, Problem

WITH_ARG = ("menu", "step", "language")
COMMANDS = ("agent", "back", "top", "repeat")
"""Targets of common keys that an input inherits; a digit means its target only when typed alone."""
WITHOUT_ARG = ("back", "top", "repeat", "end", "wait", "callback")


def default_book() -> Path:
    """Where the built-in book of 95598 is."""
    return Path(str(files("menus").joinpath("books", "95598.yaml")))


def load(path: str | Path | None = None) -> Book:
    """Load a book: a YAML file, a folder of them, or (None) the built-in book of 95598.

    Raises `BookError` listing every problem found.
    """
    path = default_book() if path is None else path
    return resolve(read(path), str(path))


def loads(text: str, file: str = "book.yaml") -> Book:
    """Load a book from YAML text; `file` is what messages call it."""
    return resolve(read_text(text, file), file)


def resolve(document: Document, source: str) -> Book:
    """The book that a document means."""
    problems = schema.check(document)
    if problems:
        raise BookError(problems)
    if "edition" in document.data:
        standard_edition(document.data["edition"], document.place("edition"))
    return _Resolver(document, source).book()


def target(text: str) -> Target:
    """Parse `menu:ID`, `step:ID`, `agent`, `agent:SKILL`, `language:CODE`, `back`, `top`,
    `repeat`, `end`, `wait` or `callback`; raises `ValueError` for anything else.
    """
    kind, colon, arg = text.strip().partition(":")
    if kind in WITH_ARG and arg:
        return Target(kind, arg)  # type: ignore[arg-type]
    if kind == "agent" and bool(arg) == bool(colon):
        return Target("agent", arg)
    if kind in WITHOUT_ARG and not colon:
        return Target(kind)  # type: ignore[arg-type]
    raise ValueError(
        f"{text!r} is no target; write menu:ID, step:ID, agent, agent:SKILL, language:CODE, "
        "back, top, repeat or end"
    )


class _Resolver:
    """One pass over a document that has passed the schema."""

    def __init__(self, document: Document, source: str) -> None:
        self.document = document
        self.data: Mapping[str, Any] = document.data
        self.source = source
        self.language: str = self.data.get("language", defaults.ZH)
        self.problems: list[Problem] = []
        timeouts = self.data.get("timeouts", {})
        self.first_digit = float(timeouts.get("first_digit", defaults.FIRST_DIGIT))
        self.inter_digit = float(timeouts.get("inter_digit", defaults.INTER_DIGIT))
        self.common = {
            key: (target(text), self.place("common_keys", key))
            for key, text in self.data.get("common_keys", {}).items()
        }
        self.no_input = self._book_counter("no_input", "no_input", defaults.NO_INPUT_LIMIT)
        self.wrong_key = self._book_counter(
            "wrong_key", "error.wrong_key", defaults.WRONG_KEY_LIMIT
        )
        self.wrong_input = self._book_counter(
            "wrong_input", "error.wrong_input", defaults.WRONG_KEY_LIMIT
        )

    def place(self, *path: str | int) -> Place:
        return self.document.place(*path)

    def problem(self, path: NodePath, message: Both, hint: Both = NOWHERE) -> None:
        self.problems.append(Problem(self.place(*path), message, hint))

    # --- the book ------------------------------------------------------------------------------

    def book(self) -> Book:
        data = self.data
        waiting = self._waiting()
        menus = {name: self._menu(name, waiting.menu) for name in data["menus"]}
        steps = {name: self._step(name) for name in data.get("steps", {})}
        book = Book(
            version=data["version"],
            edition=data.get("edition", DEFAULT),
            language=self.language,
            start=data["start"],
            starts={self.language: data["start"], **data.get("starts", {})},
            greeting=self._system("greeting", ("greeting",)),
            notices=tuple(self._notice(at) for at in range(len(data.get("notices", [])))),
            bulletin=self._bulletin(),
            menus=menus,
            steps=steps,
            waiting=waiting,
            announcement=self._system("agent.announcement", ("announcement",)),
            survey=self._survey(),
            closing=self._system("closing", ("closing",)),
            system=self._other_prompts(),
            services={**SERVICES, **self._services()},
            vocabulary=self._vocabulary(),
            common_keys={key: where for key, (where, _) in self.common.items()},
            common_prompt=self._optional_prompt("common", ("common_prompt",)),
            agent_languages=tuple(data.get("agent_languages", ())),
            hang_up_after=float(data.get("hang_up_after", defaults.HANG_UP_AFTER)),
            hours=self._hours(("hours",)) or Hours(),
            place=self.place(),
            places={name: self.place(name) for name in data},
            extra=MappingProxyType(
                {
                    "source": self.source,
                    "functions_required": data.get("functions") == "required",
                    "limits": MappingProxyType({**book_limits(), **data.get("limits", {})}),
                }
            ),
        )
        if self.problems:
            raise BookError(self.problems)
        return book

    def _get(self, path: NodePath) -> Any:
        found: Any = self.data
        for part in path:
            if isinstance(found, Mapping):
                found = found.get(part)
            elif isinstance(found, list) and isinstance(part, int):
                found = found[part]
            else:
                return None
        return found

    # --- texts ---------------------------------------------------------------------------------

    def _texts(self, value: str | Mapping[str, str], path: NodePath) -> Texts:
        texts = {self.language: value} if isinstance(value, str) else dict(value)
        for language, text in texts.items():
            fault = template_fault(text)
            if fault:
                self.problem(path if isinstance(value, str) else (*path, language), *fault)
        return MappingProxyType({language: text.strip() for language, text in texts.items()})

    def _prompt(self, prompt_id: str, path: NodePath) -> PromptText:
        """The prompt written at `path`, in one of its three forms."""
        value = self._get(path)
        place = self.place(*path)
        if isinstance(value, Mapping) and "long" in value:
            mixed = [key for key in value if key not in ("long", "short", "interruptible")]
            if mixed:
                self.problem(
                    (*path, mixed[0]),
                    Both(f"{mixed[0]} 不能与 long 并列", f"{mixed[0]} cannot stand beside long"),
                    Both(f"写成 long: {{{mixed[0]}: ...}}", f"write long: {{{mixed[0]}: ...}}"),
                )
            short = value.get("short")
            return PromptText(
                prompt_id,
                self._texts(value["long"], (*path, "long")),
                None if short is None else self._texts(short, (*path, "short")),
                value.get("interruptible", True),
                place,
            )
        return PromptText(prompt_id, self._texts(value or {}, path), place=place)

    def _optional_prompt(self, prompt_id: str, path: NodePath) -> PromptText | None:
        return None if self._get(path) is None else self._prompt(prompt_id, path)

    def _system(self, prompt_id: str, path: NodePath) -> PromptText:
        """A prompt that every book has: the book's own text, the standing one where it has none."""
        standing = defaults.TEXTS[prompt_id]
        if self._get(path) is None:
            return PromptText(prompt_id, MappingProxyType(dict(standing)), place=self.place())
        own = self._prompt(prompt_id, path)
        return PromptText(
            prompt_id,
            MappingProxyType({**standing, **own.long}),
            own.short,
            own.interruptible,
            own.place,
        )

    def _notice(self, at: int) -> PromptText:
        path: NodePath = ("notices", at)
        written = self._get(path)
        return PromptText(
            f"notice.{written['id']}",
            self._texts(written["text"], (*path, "text")),
            interruptible=written.get("interruptible", False),
            place=self.place(*path),
        )

    def _other_prompts(self) -> dict[str, PromptText]:
        ids = [
            *defaults.SYSTEM,
            *(n for n in self.data.get("prompts", {}) if n not in defaults.SYSTEM),
        ]
        return {
            name: self._system(name, ("prompts", name))
            if name in defaults.TEXTS
            else self._prompt(name, ("prompts", name))
            for name in ids
        }

    def _title(self, path: NodePath, name: str) -> Texts:
        value = self._get((*path, "title"))
        return self._texts(name if value is None else value, (*path, "title"))

    # --- counters, keys, hours -------------------------------------------------------------------

    def _book_counter(self, section: str, prompt_id: str, limit: int) -> Counter:
        written = self.data.get(section, {})
        return Counter(
            written.get("limit", limit),
            self._system(prompt_id, (section, "prompt")),
            target(written["then"]) if "then" in written else defaults.AGENT,
        )

    def _counter(self, path: NodePath, base: Counter, prompt_id: str) -> Counter:
        """The counter at `path`; what it does not say is the book's."""
        written = self._get(path)
        if written is None:
            return base
        return Counter(
            written.get("limit", base.limit),
            self._prompt(prompt_id, (*path, "prompt")) if "prompt" in written else base.prompt,
            target(written["then"]) if "then" in written else base.then,
        )

    def _keys(
        self, path: NodePath, inherited: Mapping[str, tuple[Target, Place]]
    ) -> dict[str, Key]:
        """The keys written at `path`, over those inherited; a null removes one."""
        own: Mapping[str, str | None] = self._get(path) or {}
        keys = {
            key: Key(key, where, inherited=True, place=place)
            for key, (where, place) in inherited.items()
            if key not in own
        }
        for key, text in own.items():
            if text is not None:
                keys[key] = Key(key, target(text), place=self.place(*path, key))
        return keys

    def _hours(self, path: NodePath) -> Hours | None:
        written = self._get(path)
        if written is None:
            return None
        if isinstance(written, str):
            opening, _, closing = written.partition("-")
            return Hours(_seconds(opening), _seconds(closing))
        days = frozenset(written.get("days", range(1, 8)))
        return Hours(_seconds(written["from"]), _seconds(written["until"]), days)

    def _functions(self, path: NodePath) -> tuple[str, ...]:
        written = self._get((*path, "function")) or ()
        return (written,) if isinstance(written, str) else tuple(written)

    # --- menus and steps -------------------------------------------------------------------------

    def _menu(self, name: str, waiting_menu: str | None) -> Menu:
        path: NodePath = ("menus", name)
        written = self.data["menus"][name]
        keys = self._keys((*path, "keys"), {} if name == waiting_menu else self.common)
        closed = written.get("closed")
        return Menu(
            id=name,
            title=self._title(path, name),
            prompt=self._prompt(name, (*path, "prompt")),
            keys=keys,
            no_input=self._counter((*path, "no_input"), self.no_input, f"{name}.no_input"),
            wrong_key=self._counter((*path, "wrong_key"), self.wrong_key, f"{name}.wrong_key"),
            first_digit_timeout=float(written.get("first_digit_timeout", self.first_digit)),
            functions=self._functions(path),
            priority=written.get("priority"),
            skill=written.get("skill"),
            language=written.get("language"),
            hours=self._hours((*path, "hours")),
            closed=None if closed is None else target(closed),
            place=self.place(*path),
            common=any(key.inherited for key in keys.values()),
        )

    def _step(self, name: str) -> Step:
        path: NodePath = ("steps", name)
        written = self.data["steps"][name]
        collect = self._collect(name, (*path, "collect")) if "collect" in written else None
        say = self._optional_prompt(name, (*path, "say"))
        if say is None and collect is not None:
            say = PromptText(
                f"ask.{collect.kind}",
                MappingProxyType(dict(defaults.ASK[collect.kind])),
                place=self.place(*path),
            )
        outcomes = written.get("on", {})
        following = written.get("next")
        places = {outcome: self.place(*path, "on", outcome) for outcome in outcomes}
        if following is not None:
            places["next"] = self.place(*path, "next")
        return Step(
            id=name,
            title=self._title(path, name),
            say=say,
            collect=collect,
            request=written.get("request"),
            set=MappingProxyType(dict(written.get("set", {}))),
            on={outcome: target(text) for outcome, text in outcomes.items()},
            next=None if following is None else target(following),
            functions=self._functions(path),
            place=self.place(*path),
            on_places=places,
        )

    def _collect(self, step: str, path: NodePath) -> Collect:
        written = self._get(path)
        if isinstance(written, str):
            written = {"kind": written}
        kind = written["kind"]
        least, most = defaults.LENGTHS[kind]
        least, most = written.get("min", least), written.get("max", most)
        if least > most:
            self.problem(
                path,
                Both(f"min {least} 大于 max {most}", f"min {least} is more than max {most}"),
                Both("交换两者或改正其一", "swap them or correct one"),
            )
        terminator = written.get("terminator", self.data.get("terminator", defaults.TERMINATOR))
        inherited = {
            key: (where, place)
            for key, (where, place) in self.common.items()
            if where.kind in COMMANDS and key != terminator
        }
        return Collect(
            kind=kind,
            name=written.get("name", kind),
            min_length=least,
            max_length=most,
            terminator=terminator,
            first_digit_timeout=float(written.get("first_digit_timeout", self.first_digit)),
            inter_digit_timeout=float(written.get("inter_digit_timeout", self.inter_digit)),
            no_input=self._counter((*path, "no_input"), self.no_input, f"{step}.no_input"),
            wrong=self._counter((*path, "wrong"), self.wrong_input, f"{step}.wrong"),
            check=written.get("check", _check(written)),
            masked=written.get("masked", kind not in defaults.UNMASKED),
            keys=self._keys((*path, "keys"), inherited),
        )

    # --- the rest of the hotline ----------------------------------------------------------------

    def _bulletin(self) -> Bulletin | None:
        written = self.data.get("bulletin")
        if written is None:
            return None
        return Bulletin(
            self._prompt("bulletin", ("bulletin", "prompt")), written.get("service", "bulletin")
        )

    def _waiting(self) -> Waiting:
        written = self.data.get("waiting", {})
        then = written.get("refused_then")
        return Waiting(
            transfer=self._system("transfer", ("waiting", "transfer")),
            message=self._system("queue.position", ("waiting", "message")),
            message_unknown=self._system("queue.wait", ("waiting", "message_unknown")),
            message_every=float(written.get("message_every", defaults.MESSAGE_EVERY)),
            first_message=float(written.get("first_message", defaults.FIRST_MESSAGE)),
            menu=written.get("menu"),
            menu_after=float(written.get("menu_after", defaults.MENU_AFTER)),
            callback_booked=self._system("queue.callback", ("waiting", "callback_booked")),
            refused={
                reason: self._system(f"refused.{reason}", ("waiting", "refused", reason))
                for reason in ("closed", "full", "no_agents")
            },
            refused_then=Target("end") if then is None else target(then),
        )

    def _survey(self) -> Survey | None:
        if "survey" in self.data and self.data["survey"] is None:
            return None
        written = self.data.get("survey", {})
        return Survey(
            prompt=self._system("survey", ("survey", "prompt")),
            scores=dict(written.get("scores", defaults.SCORES)),
            thanks=self._system("survey.thanks", ("survey", "thanks")),
            reason_prompt=self._optional_prompt("survey.reason", ("survey", "reason_prompt")),
            ask_reason=frozenset(written.get("ask_reason", ())),
            reasons=dict(written.get("reasons", {})),
            timeout=float(written.get("timeout", defaults.SURVEY_TIMEOUT)),
        )

    def _services(self) -> dict[str, ServiceSpec]:
        return {
            name: ServiceSpec(
                name,
                needs=tuple(written.get("needs", ())),
                outcomes=tuple(o for o in written["outcomes"] if o != "failed"),
                gives=MappingProxyType(dict(written.get("gives", {}))),
                solves=tuple(written.get("solves", ())),
                uses=tuple(written.get("uses", ())),
            )
            for name, written in self.data.get("services", {}).items()
        }

    def _vocabulary(self) -> dict[str, tuple[str, ...]]:
        own = self.data.get("vocabulary", {})
        languages = dict.fromkeys([defaults.ZH, defaults.EN, *own])
        return {
            language: tuple(dict.fromkeys([*phrases(language), *own.get(language, ())]))
            for language in languages
        }


def _check(collect: Mapping[str, Any]) -> str:
    """An account number has 10 or 13 digits, unless the book says how many."""
    standing = collect["kind"] == "account" and not {"min", "max"} & collect.keys()
    return "account" if standing else "length"


def _seconds(clock: str) -> float:
    hours, _, minutes = clock.strip().partition(":")
    return int(hours) * 3600.0 + int(minutes) * 60.0
