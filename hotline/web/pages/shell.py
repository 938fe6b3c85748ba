"""What all pages share: head, header with navigation, language and theme."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape

from fastapi import Request
from nicegui import ui

from hotline.web.live import Hub
from hotline.web.pages.texts import Words

PAGES = (
    ("phone", "/"),
    ("desk", "/desk"),
    ("calls", "/calls"),
    ("report", "/report"),
    ("book", "/book"),
)
MARK = (
    '<svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="9" '
    'fill="#00706b"/><path d="M18.500 4 8.500 18h6l-2 10L23 13.500h-6.500z" fill="#ffd54a"/></svg>'
)
SUN = (
    '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 3a9 9 0 1 0 9 9c0-.5 0-.9-.1-1.400'
    'A5.500 5.500 0 0 1 13.400 3.100 9 9 0 0 0 12 3z"/></svg>'
)
HEAD = """<link rel="stylesheet" href="{base}/static/hotline.css">
<script>
document.documentElement.lang = {html_lang};
function hotlineCookie(name, value) {{
  document.cookie = name + "=" + value + ";path=/;max-age=31536000;samesite=strict";
}}
function hotlineLanguage(lang) {{ hotlineCookie("lang", lang);
  const to = new URL(location.href); to.searchParams.delete("lang"); location.href = to; }}
function hotlineTheme() {{
  const dark = !document.body.classList.contains("body--dark");
  Quasar.Dark.set(dark); hotlineCookie("theme", dark ? "dark" : "light");
}}
</script>"""
HEADER = """<a class="skip" href="#content">{skip}</a>
<a class="brand" href="{base}/">{mark}<b>{title}</b><small>{other}</small></a>
<nav aria-label="{title}">{links}</nav>
<button class="tool" onclick="hotlineLanguage('{to}')" lang="{to}">{language}</button>
<button class="tool icon" onclick="hotlineTheme()" aria-label="{theme}" title="{theme}">{sun}
</button>"""


def hub_of(request: Request) -> Hub:
    """The hub of the app that serves this page."""
    hub: Hub = request.scope["hotline.hub"]
    return hub


def base_of(request: Request) -> str:
    """The path the whole app is mounted at, without a slash at the end."""
    return str(request.scope.get("root_path", "")).rstrip("/")


def language_of(request: Request) -> str:
    """`zh` or `en`: `?lang=`, else the cookie, else what the browser prefers."""
    asked = request.query_params.get("lang") or request.cookies.get("lang")
    if asked in ("zh", "en"):
        return asked
    return "en" if request.headers.get("accept-language", "").lower().startswith("en") else "zh"


@contextmanager
def page(request: Request, name: str, *, wide: bool = False) -> Iterator[Words]:
    """A page of the site: everything made inside is its content."""
    words, base = Words(language_of(request)), base_of(request)
    ui.page_title(f"{words[name]} · {words['title']}")
    ui.add_head_html(
        HEAD.format(base=base, html_lang=json.dumps("zh-CN" if words.lang == "zh" else "en"))
    )
    theme = request.cookies.get("theme")
    ui.dark_mode({"dark": True, "light": False}.get(theme or ""))
    ui.html(_header(words, base, name), sanitize=False, tag="header").classes("top")
    with ui.element("div").classes("page wide" if wide else "page").props("id=content"):
        yield words


def _header(words: Words, base: str, current: str) -> str:
    links = "".join(
        f'<a href="{base}{path}"{" aria-current=page" if name == current else ""}>'
        f"{words.both(name)}</a>"
        for name, path in PAGES
    )
    return HEADER.format(
        base=base,
        mark=MARK,
        sun=SUN,
        title=escape(words["title"]),
        links=links,
        other=escape(words.other("title")),
        skip=escape(words["skip"]),
        to="en" if words.lang == "zh" else "zh",
        language=words["language"],
        theme=escape(words["theme"]),
    )


def html(content: str, tag: str = "div") -> ui.html:
    """HTML of our own making; what comes from outside has been escaped by its maker."""
    return ui.html(content, sanitize=False, tag=tag)
