"""From a book's prompt texts to what is played now: language, short form, values of the call."""

from __future__ import annotations

from collections.abc import Mapping

from hotline.switch.actions import Prompt
from menus.model import Book, PromptText, Texts
from menus.texts import placeholders


def in_language(texts: Texts, language: str, default: str) -> tuple[str, str]:
    """The text in `language` and the language it is really in (`default` where it is missing)."""
    text = texts.get(language)
    if text is not None:
        return text, language
    text = texts.get(default)
    if text is not None:
        return text, default
    return next(((t, code) for code, t in texts.items()), ("", default))


REFUSALS = ("trunks", "draining")
"""Why a call is refused before it is answered: no line is free, or the hotline is closing down."""


def refusals(book: Book) -> Mapping[str, Prompt]:
    """Reason -> what a refused caller hears who is to be told it in words."""
    speaker = Speaker(book.language)
    return {
        reason: speaker.prompt(book.system[f"refused.{reason}"], book.language, {})
        for reason in REFUSALS
    }


class Speaker:
    """Makes `Prompt`s of one book; those without values are made once and shared by all calls."""

    def __init__(self, default_language: str) -> None:
        self._default = default_language
        self._fixed: dict[tuple[str, str, bool], Prompt] = {}

    def prompt(
        self,
        source: PromptText,
        language: str,
        values: Mapping[str, str],
        *,
        short: bool = False,
    ) -> Prompt:
        """The prompt to play. `short` takes the short form where the book has one.

        A value that the call does not have is spoken as nothing rather than failing the call;
        lint finds placeholders that no service gives.
        """
        short = short and source.short is not None
        key = (source.id, language, short)
        fixed = self._fixed.get(key)
        if fixed is not None:
            return fixed
        texts = source.short if short and source.short is not None else source.long
        text, spoken_in = in_language(texts, language, self._default)
        prompt_id = f"{source.id}.short" if short else source.id
        names = dict.fromkeys(name for name, _ in placeholders(text))
        if not names:
            prompt = self._fixed[key] = Prompt(prompt_id, text, spoken_in)
            return prompt
        given = tuple((name, values.get(name, "")) for name in names)
        return Prompt(prompt_id, text, spoken_in, given)
