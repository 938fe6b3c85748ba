"""A resolved book as the document that means it: the inverse of `menus.loader.resolve`.

Settings that most menus share go to the top of the book and the others say only what differs, so
the YAML reads as if a person had written it. What a resolved book does not keep, it cannot give
back: comments, and whether a text was written although it is the standing one.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import yaml

from hotline.standard.clauses import DEFAULT
from menus import defaults
from menus.limits import book_limits
from menus.model import (
    Book,
    Collect,
    Counter,
    Hours,
    Key,
    Menu,
    Place,
    PromptText,
    Step,
    Target,
    Texts,
)
from menus.reader import Document, NodePath
from menus.services import SERVICES, phrases
from menus.texts import parts

Data = dict[str, Any]
NO_PLACES: Mapping[NodePath, Place] = MappingProxyType({})


def document(book: Book, *, lift: bool = False) -> Data:
    """The document that resolves to `book`, plain data in the order in which books are written.

    `lift`: a re-prompt that most menus have in the same words becomes the book's, whatever it was
    called before; formats that have no prompt of the whole book need this.
    """
    return _Writer(book, lift).document()


def canonical(
    data: Mapping[str, Any], file: str = "book", places: Mapping[NodePath, Place] = NO_PLACES
) -> Data:
    """The document of the book that `data` means, with shared re-prompts lifted; raises `BookError`
    where it means none, at the nearest of `places`."""
    from menus.loader import resolve

    return document(resolve(Document(dict(data), {(): Place(file), **places}), file), lift=True)


def as_yaml(data: Mapping[str, Any], remarks: Iterable[str] = ()) -> str:
    """The document as the text of a YAML file; `remarks` are comments at its head."""
    head = "".join(f"# {line}\n" for remark in remarks for line in remark.splitlines())
    blocks = (
        yaml.dump({name: _styled(value)}, Dumper=_Dumper, **_STYLE) for name, value in data.items()
    )
    return head + "".join(blocks)


class _Flow(dict[str, Any]):
    """A mapping written on one line."""


class _Quoted(str):
    """A text written in double quotes."""


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        """Every value is written out."""
        return True


_Dumper.add_representer(
    _Flow,
    lambda dumper, data: dumper.represent_mapping(
        "tag:yaml.org,2002:map", data.items(), flow_style=True
    ),
)
_Dumper.add_representer(
    _Quoted, lambda dumper, data: dumper.represent_scalar("tag:yaml.org,2002:str", data, style='"')
)
_STYLE: Mapping[str, Any] = {"allow_unicode": True, "sort_keys": False, "width": 100_000}


def _styled(value: Any) -> Any:
    """Short mappings of scalars on one line, digits and signs in double quotes."""
    if isinstance(value, Mapping):
        rows = {_quoted(key): _styled(item) for key, item in value.items()}
        flat = all(not isinstance(item, dict | list) for item in rows.values())
        short = sum(len(str(item)) + len(key) + 4 for key, item in rows.items()) < 90
        return _Flow(rows) if flat and short and rows else rows
    if isinstance(value, list):
        return [_styled(item) for item in value]
    return _quoted(value) if isinstance(value, str) else value


def _quoted(text: str) -> str:
    return _Quoted(text) if text[:1] in tuple("0123456789*#") and len(text) < 12 else text


class _Writer:
    """One pass over a resolved book."""

    def __init__(self, book: Book, lift: bool) -> None:
        self.book = book
        menus = list(book.menus.values())
        collects = [step.collect for step in book.steps.values() if step.collect]
        self.no_input = _usual(
            [menu.no_input for menu in menus] + [one.no_input for one in collects],
            "no_input",
            defaults.NO_INPUT_LIMIT,
            lift,
        )
        self.wrong_key = _usual(
            [menu.wrong_key for menu in menus], "error.wrong_key", defaults.WRONG_KEY_LIMIT, lift
        )
        self.wrong_input = _usual(
            [one.wrong for one in collects], "error.wrong_input", defaults.WRONG_KEY_LIMIT, lift
        )
        self.first_digit = _most(
            [menu.first_digit_timeout for menu in menus]
            + [one.first_digit_timeout for one in collects],
            defaults.FIRST_DIGIT,
        )
        self.inter_digit = _most(
            [one.inter_digit_timeout for one in collects], defaults.INTER_DIGIT
        )
        self.terminator = _most([one.terminator for one in collects], defaults.TERMINATOR)

    # --- the book ------------------------------------------------------------------------------

    def document(self) -> Data:
        book = self.book
        data: Data = {"version": book.version}
        if book.edition != DEFAULT:
            data["edition"] = book.edition
        data["language"] = book.language
        data["start"] = book.start
        starts = {code: menu for code, menu in book.starts.items() if code != book.language}
        if book.starts.get(book.language) != book.start:
            starts = dict(book.starts)
        data |= _present(
            starts=starts,
            functions="required" if book.extra.get("functions_required") else None,
            limits=self._limits(),
            agent_languages=list(book.agent_languages),
        )
        data |= self._system("greeting", book.greeting)
        data |= _present(
            notices=[self._notice(notice) for notice in book.notices],
            bulletin=self._bulletin(),
            common_keys={key: str(where) for key, where in book.common_keys.items()},
            common_prompt=self._optional(book.common_prompt),
        )
        data |= self._counters()
        data |= self._timing()
        data |= _present(waiting=self._waiting())
        data |= self._system("announcement", book.announcement)
        data |= self._survey()
        data |= self._system("closing", book.closing)
        data |= _present(
            prompts=self._prompts(), services=self._services(), vocabulary=self._vocabulary()
        )
        data["menus"] = {name: self.menu(menu) for name, menu in book.menus.items()}
        return data | _present(steps={name: self.step(step) for name, step in book.steps.items()})

    def _limits(self) -> Data:
        standing = book_limits()
        own: Mapping[str, float] = self.book.extra.get("limits", standing)
        return {name: value for name, value in own.items() if value != standing.get(name)}

    def _counters(self) -> Data:
        usual = {
            "no_input": (self.no_input, "no_input", defaults.NO_INPUT_LIMIT),
            "wrong_key": (self.wrong_key, "error.wrong_key", defaults.WRONG_KEY_LIMIT),
            "wrong_input": (self.wrong_input, "error.wrong_input", defaults.WRONG_KEY_LIMIT),
        }
        return _present(
            **{
                section: self._counter(
                    counter,
                    Counter(limit, _standing(prompt), defaults.AGENT),
                )
                for section, (counter, prompt, limit) in usual.items()
            }
        )

    def _timing(self) -> Data:
        timeouts = {}
        if self.first_digit != defaults.FIRST_DIGIT:
            timeouts["first_digit"] = _number(self.first_digit)
        if self.inter_digit != defaults.INTER_DIGIT:
            timeouts["inter_digit"] = _number(self.inter_digit)
        data = _present(timeouts=timeouts)
        if self.terminator != defaults.TERMINATOR:
            data["terminator"] = self.terminator
        if self.book.hours != Hours():
            data["hours"] = _hours(self.book.hours)
        if self.book.hang_up_after != defaults.HANG_UP_AFTER:
            data["hang_up_after"] = _number(self.book.hang_up_after)
        return data

    def _waiting(self) -> Data:
        waiting = self.book.waiting
        data = self._system("transfer", waiting.transfer)
        data |= self._system("message", waiting.message)
        data |= self._system("message_unknown", waiting.message_unknown)
        for name, standing in (
            ("first_message", defaults.FIRST_MESSAGE),
            ("message_every", defaults.MESSAGE_EVERY),
            ("menu_after", defaults.MENU_AFTER),
        ):
            value: float = getattr(waiting, name)
            if value != standing:
                data[name] = _number(value)
        data |= _present(menu=waiting.menu)
        if waiting.callback_booked:
            data |= self._system("callback_booked", waiting.callback_booked)
        refused: Data = {}
        for reason, prompt in waiting.refused.items():
            refused |= self._system(reason, prompt)
        data |= _present(refused=refused)
        if waiting.refused_then != Target("end"):
            data["refused_then"] = str(waiting.refused_then)
        return data

    def _bulletin(self) -> Data | None:
        bulletin = self.book.bulletin
        if bulletin is None:
            return None
        data: Data = {"prompt": self._prompt(bulletin.prompt)}
        if bulletin.service != "bulletin":
            data["service"] = bulletin.service
        return data

    def _survey(self) -> Data:
        survey = self.book.survey
        if survey is None:
            return {"survey": None}
        data = self._system("prompt", survey.prompt)
        if survey.scores != defaults.SCORES:
            data["scores"] = dict(survey.scores)
        data |= _present(
            reason_prompt=self._optional(survey.reason_prompt),
            ask_reason=sorted(survey.ask_reason),
            reasons=dict(survey.reasons),
        )
        data |= self._system("thanks", survey.thanks)
        if survey.timeout != defaults.SURVEY_TIMEOUT:
            data["timeout"] = _number(survey.timeout)
        return _present(survey=data)

    def _services(self) -> Data:
        return {
            name: {
                "outcomes": list(spec.outcomes),
                **_present(
                    needs=list(spec.needs),
                    uses=list(spec.uses),
                    gives=dict(spec.gives),
                    solves=list(spec.solves),
                ),
            }
            for name, spec in self.book.services.items()
            if SERVICES.get(name) != spec
        }

    def _vocabulary(self) -> Data:
        return {
            language: own
            for language, words in self.book.vocabulary.items()
            if (own := [word for word in words if word not in phrases(language)])
        }

    def _prompts(self) -> Data:
        data: Data = {}
        for name, prompt in self.book.system.items():
            data |= self._system(name, prompt)
        return data

    # --- menus and steps -----------------------------------------------------------------------

    def menu(self, menu: Menu) -> Data:
        """One menu as it is written."""
        data = self._title(menu.id, menu.title)
        data |= _present(
            language=menu.language,
            function=_one_or_list(menu.functions),
            skill=menu.skill,
        )
        if menu.priority is not None:
            data["priority"] = menu.priority
        if menu.first_digit_timeout != self.first_digit:
            data["first_digit_timeout"] = _number(menu.first_digit_timeout)
        if menu.hours is not None:
            data |= {"hours": _hours(menu.hours), "closed": str(menu.closed)}
        data |= _present(prompt=self._optional(menu.prompt))
        data |= _present(
            no_input=self._counter(menu.no_input, self.no_input),
            wrong_key=self._counter(menu.wrong_key, self.wrong_key),
        )
        common = {} if menu.id == self.book.waiting.menu else self.book.common_keys
        return data | {"keys": _own_keys(menu.keys, common)}

    def step(self, step: Step) -> Data:
        """One step as it is written."""
        data = self._title(step.id, step.title)
        data |= _present(function=_one_or_list(step.functions))
        if step.say is not None and not _asked_the_usual_way(step):
            data["say"] = self._prompt(step.say)
        if step.collect is not None:
            data["collect"] = self._collect(step.collect)
        return data | _present(
            set=dict(step.set),
            request=step.request,
            on={outcome: str(where) for outcome, where in step.on.items()},
            next=None if step.next is None else str(step.next),
        )

    def _collect(self, collect: Collect) -> Data | str:
        least, most = defaults.LENGTHS[collect.kind]
        data: Data = {"kind": collect.kind}
        if collect.name != collect.kind:
            data["name"] = collect.name
        lengths = (collect.min_length, collect.max_length)
        if lengths != (least, most):
            data |= {"min": lengths[0], "max": lengths[1]}
        standing = "account" if collect.kind == "account" and "min" not in data else "length"
        if collect.check != standing:
            data["check"] = collect.check
        if collect.masked != (collect.kind not in defaults.UNMASKED):
            data["masked"] = collect.masked
        if collect.terminator != self.terminator:
            data["terminator"] = collect.terminator
        if collect.first_digit_timeout != self.first_digit:
            data["first_digit_timeout"] = _number(collect.first_digit_timeout)
        if collect.inter_digit_timeout != self.inter_digit:
            data["inter_digit_timeout"] = _number(collect.inter_digit_timeout)
        data |= _present(
            no_input=self._counter(collect.no_input, self.no_input),
            wrong=self._counter(collect.wrong, self.wrong_input),
            keys=_own_keys(collect.keys, self._inherited(collect.terminator)),
        )
        return collect.kind if len(data) == 1 else data

    def _inherited(self, terminator: str) -> dict[str, Target]:
        """The common keys that an input inherits, as `menus.loader` has it."""
        from menus.loader import COMMANDS

        return {
            key: where
            for key, where in self.book.common_keys.items()
            if where.kind in COMMANDS and key != terminator
        }

    # --- texts and counters --------------------------------------------------------------------

    def _texts(self, texts: Texts) -> Data | str:
        plain = {code: explicit(text) for code, text in texts.items()}
        return plain[self.book.language] if list(plain) == [self.book.language] else plain

    def _prompt(self, prompt: PromptText) -> Data | str:
        if prompt.short is None and prompt.interruptible:
            return self._texts(prompt.long)
        data: Data = {"long": self._texts(prompt.long)}
        if prompt.short is not None:
            data["short"] = self._texts(prompt.short)
        if not prompt.interruptible:
            data["interruptible"] = False
        return data

    def _optional(self, prompt: PromptText | None) -> Data | str | None:
        return self._prompt(prompt) if prompt is not None and prompt.long else None

    def _system(self, name: str, prompt: PromptText) -> Data:
        """A prompt that every book has, unless it is the standing one."""
        standing = dict(defaults.TEXTS.get(prompt.id, {}))
        if dict(prompt.long) == standing and prompt.short is None and prompt.interruptible:
            return {}
        return {name: self._prompt(prompt)}

    def _notice(self, notice: PromptText) -> Data:
        data: Data = {
            "id": notice.id.removeprefix("notice."),
            "text": self._texts(notice.long),
        }
        if notice.interruptible:
            data["interruptible"] = True
        return data

    def _title(self, name: str, title: Texts) -> Data:
        return {} if dict(title) == {self.book.language: name} else {"title": self._texts(title)}

    def _counter(self, counter: Counter, base: Counter) -> Data:
        """What `counter` says differently from `base`."""
        data: Data = {}
        if counter.limit != base.limit:
            data["limit"] = counter.limit
        if _words(counter.prompt) != _words(base.prompt):
            data["prompt"] = self._prompt(counter.prompt)
        if counter.then != base.then:
            data["then"] = str(counter.then)
        return data


def title_of(book: Book, menu: str) -> str:
    """The title of a menu in the book's language, or what there is."""
    title = book.menus[menu].title
    return title.get(book.language) or next(iter(title.values()), menu)


def says(book: Book, target: Target) -> str:
    """The title of what a target leads to."""
    if target.kind == "menu" and target.arg in book.menus:
        return title_of(book, target.arg)
    if target.kind == "step" and target.arg in book.steps:
        title = book.steps[target.arg].title
        return title.get(book.language) or next(iter(title.values()), target.arg)
    return ""


def explicit(text: str) -> str:
    """A template with the kind of every value written out, as `{cause:word}`."""
    return "".join(
        braced(part) if isinstance(part, str) else f"{{{part[0]}:{part[1]}}}"
        for part in parts(text)
    )


def braced(words: str) -> str:
    """Spoken words as a template writes them."""
    return words.replace("{", "{{").replace("}", "}}")


def _asked_the_usual_way(step: Step) -> bool:
    """The step asks for its input in the standing words, which need not be written."""
    if step.collect is None or step.say is None:
        return False
    standing = defaults.ASK[step.collect.kind]
    return step.say.id == f"ask.{step.collect.kind}" or (
        dict(step.say.long) == dict(standing) and step.say.short is None and step.say.interruptible
    )


def _own_keys(keys: Mapping[str, Key], common: Mapping[str, Target]) -> dict[str, str | None]:
    """The keys a menu writes itself, and a null for each inherited one that it takes away."""
    own: dict[str, str | None] = {
        key: str(one.target) for key, one in keys.items() if not one.inherited
    }
    return own | {key: None for key in common if key not in keys}


def _usual(counters: Iterable[Counter], prompt: str, limit: int, lift: bool) -> Counter:
    """The counter that most menus have, with the book's prompt or (`lift`) the commonest words."""
    standing = defaults.TEXTS[prompt].keys()  # the loader adds these languages to a book's prompt
    found = [
        one
        for one in counters
        if one.prompt.id == prompt or (lift and standing <= one.prompt.long.keys())
    ]
    if not found:
        return Counter(limit, _standing(prompt), defaults.AGENT)
    words = _most([_words(one.prompt) for one in found], None)
    alike = [one for one in found if _words(one.prompt) == words]
    usual = _most([(one.limit, one.then) for one in alike], None)
    return Counter(usual[0], alike[0].prompt, usual[1])


def _words(prompt: PromptText) -> str:
    """What tells two prompts apart, whatever they are called."""
    short = None if prompt.short is None else sorted(prompt.short.items())
    return repr((sorted(prompt.long.items()), short, prompt.interruptible))


def _standing(prompt: str) -> PromptText:
    return PromptText(prompt, defaults.TEXTS[prompt])


def _most(values: Iterable[Any], standing: Any) -> Any:
    """The commonest value, the standing one of none; equal counts by name, not by order."""
    ranked = Tally(values)
    return max(ranked, key=lambda value: (ranked[value], repr(value))) if ranked else standing


def _present(**sections: Any) -> Data:
    """Those that are neither None nor empty."""
    return {name: value for name, value in sections.items() if value not in (None, [], {}, "")}


def _one_or_list(names: tuple[str, ...]) -> str | list[str] | None:
    return (names[0] if len(names) == 1 else list(names)) if names else None


def _number(value: float) -> float | int:
    return int(value) if value == int(value) else value


def _clock(seconds: float) -> str:
    return f"{int(seconds // 3600):02d}:{int(seconds % 3600 // 60):02d}"


def _hours(hours: Hours) -> Data | str:
    if hours.days == frozenset(range(1, 8)):
        return f"{_clock(hours.start)}-{_clock(hours.end)}"
    return {
        "from": _clock(hours.start),
        "until": _clock(hours.end),
        "days": sorted(hours.days),
    }


def leaves(
    data: Any, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """(path, scalar) of everything that a document says."""
    if isinstance(data, Mapping) and data:
        for name, value in data.items():
            yield from leaves(value, (*path, name))
    elif isinstance(data, list) and data:
        for at, value in enumerate(data):
            yield from leaves(value, (*path, at))
    else:
        yield path, data
