"""Recent calls, and one call drawn with its clause results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from fastapi import Request
from nicegui import ui

from hotline.switch.record import Entry
from hotline.web import reports, views
from hotline.web.live import Hub
from hotline.web.messages import Message
from hotline.web.models import CallDetail, CallSummary, Metrics, ShareModel
from hotline.web.pages.shell import base_of, html, hub_of, page
from hotline.web.pages.texts import SCORES, Words
from hotline.web.timeline import lanes, svg
from hotline.web.tree import of

REFRESH = 2.0
"""Seconds between two looks at the list."""
SHOWN = 200
COLUMNS = ("began", "number", "outcome", "seconds", "agent", "wait", "menus", "survey", "medium")


def minutes(seconds: float | None) -> str:
    """`m:ss`, or a dash."""
    if seconds is None:
        return "–"
    whole = max(0, round(seconds))
    return f"{whole // 60}:{whole % 60:02d}"


def row(call: CallSummary, words: Words) -> dict[str, Any]:
    """A line of the table."""
    return {
        "call": call.call,
        "began": call.began.strftime("%m-%d %H:%M:%S"),
        "number": call.number,
        "medium": call.medium,
        "seconds": minutes(call.seconds),
        "outcome": words.outcome(call.outcome),
        "state": call.outcome,
        "agent": call.agent or "–",
        "wait": minutes(call.wait),
        "menus": call.menus,
        "survey": words[SCORES[call.survey]] if call.survey in SCORES else "–",
    }


def tiles(figures: Metrics, words: Words) -> str:
    """The figures above the table."""

    def share(value: ShareModel) -> str:
        return "–" if value.share is None else f"{value.share:.0%}"

    shown = (
        (str(figures.in_progress), "in_progress"),
        (str(figures.waiting), "now_waiting"),
        (str(figures.calls), "closed_calls"),
        (share(figures.ring_within_12), "ring_within"),
        (share(figures.contained), "contained"),
    )
    made = (
        f"<div class='tile'><b>{b}</b><span>{words.both(name)}</span></div>" for b, name in shown
    )
    return f"<div class='tiles'>{''.join(made)}</div>"


@ui.page("/calls")
async def calls(request: Request) -> None:
    """The list."""
    hub, base = hub_of(request), base_of(request)
    known, totals = await views.calls(hub, SHOWN), await views.metrics(hub)
    with page(request, "calls") as words:
        html(f"<h1>{words.both('calls')}</h1>")
        figures = html(tiles(totals, words))
        table = (
            ui.table(
                columns=[
                    {"name": name, "label": words[name], "field": name, "align": "left"}
                    for name in COLUMNS
                ],
                rows=[row(call, words) for call in known],
                row_key="call",
                pagination=25,
            )
            .classes("calls")
            .props(
                f'flat no-data-label="{escape(words["no_calls"])}" '
                f'rows-per-page-label="{escape(words["per_page"])}" '
                ':pagination-label="(first, last, all) => `${first}–${last} / ${all}`"'
            )
        )
        table.add_slot(
            "body-cell-outcome",
            '<q-td :props="props"><span :class="`badge ${props.row.state}`">'
            "{{ props.value }}</span></q-td>",
        )
        # a link in the first cell, so that keyboards and screen readers get there too
        table.add_slot(
            "body-cell-began",
            f'<q-td :props="props"><a :href="`{escape(base)}/calls/${{props.row.call}}`">'
            "{{ props.value }}</a></q-td>",
        )
        table.on(
            "rowClick",
            js_handler=f"(event, row) => location.href = `{base}/calls/${{row.call}}`",
        )

        async def refresh() -> None:
            rows = [row(call, words) for call in await views.calls(hub, SHOWN)]
            if rows != table.rows:
                table.rows = rows
            content = tiles(await views.metrics(hub), words)
            if content != figures.content:
                figures.content = content

        ui.timer(REFRESH, refresh)


@ui.page("/calls/{call}")
async def one_call(request: Request, call: str) -> None:
    """One call."""
    hub, base = hub_of(request), base_of(request)
    found, entries = await views.find(hub, call), await hub.entries(call)
    with page(request, "calls") as words:
        back = f"<a class='back' href='{base}/calls'>‹ {words.both('calls')}</a>"
        if found is None:
            html(f"{back}<p>{words.both('no_such_call')}</p>")
            return
        head = html(back + heading(found, words))
        shown = html(drawing(hub, entries, words)).classes("card")
        clauses = html(results(hub, entries, words)).classes("card")
        events = html(event_list(hub, entries, words)).classes("card")

        async def refresh() -> None:
            """While the call goes on, the drawing grows."""
            now, entries = await views.find(hub, call), await hub.entries(call)
            if now is not None:
                head.content = back + heading(now, words)
            shown.content = drawing(hub, entries, words)
            events.content = event_list(hub, entries, words)
            if call not in hub.open:
                clauses.content = results(hub, entries, words)
                timer.deactivate()

        timer = ui.timer(REFRESH, refresh, active=found.in_progress)


def heading(call: CallDetail, words: Words) -> str:
    """Number, outcome and the main facts."""
    facts = [
        ("began", call.began.strftime("%Y-%m-%d %H:%M:%S")),
        ("seconds", minutes(call.seconds)),
        ("medium", call.medium),
        ("keys", str(call.keys)),
        ("ended_by", words.party(call.ended_by) if call.ended_by else "–"),
        ("agent", call.agent or "–"),
        ("wait", minutes(call.wait)),
        ("audio", heard_how(call.audio, words)),
        *(("agent_audio", heard_how(r.audio, words)) for r in call.requests if r.audio),
    ]
    cells = "".join(f"<div><dt>{words.both(n)}</dt><dd>{escape(v)}</dd></div>" for n, v in facts)
    badge = f"<span class='badge {call.outcome}'>{escape(words.outcome(call.outcome))}</span>"
    return f"<h1>{escape(call.number) or '–'} {badge}</h1><dl class='facts row'>{cells}</dl>"


def heard_how(audio: Mapping[str, str | float], words: Words) -> str:
    """The audio in a few words: codec, estimated opinion, loss, jitter."""
    forms = {
        "mos": "MOS {}",
        "loss_percent": f"{words['loss']} {{}} %",
        "jitter_ms": f"{words['jitter']} {{}} ms",
    }
    parts = [audio.get("codec", "–")]
    parts += [form.format(audio[name]) for name, form in forms.items() if name in audio]
    return " · ".join(map(str, parts))


def titles(hub: Hub, lang: str) -> dict[str, str]:
    """Titles of menus and steps."""
    book = hub.hotline.book
    found = {name: of(menu.title, lang) for name, menu in book.menus.items()}
    found |= {name: of(step.title, lang) for name, step in book.steps.items()}
    return {name: title for name, title in found.items() if title}


def drawing(hub: Hub, entries: Sequence[Entry], words: Words) -> str:
    """The call's timeline."""
    spans = lanes(hub.messages(entries), titles(hub, words.lang), words.lang)
    return (
        f"<h2>{words.both('timeline')}</h2>"
        f"<div class='scroll-x' tabindex='0'>{svg(spans, words.lang)}</div>"
    )


def results(hub: Hub, entries: Sequence[Entry], words: Words) -> str:
    """What the clauses say about the call."""
    if not entries:
        return f"<h2>{words.both('clauses')}</h2><p>{words.both('no_journal')}</p>"
    found = reports.of_call(hub.hotline, entries, words.lang)
    names = ("clause", "requirement", "checked", "status", "detail")
    head = "".join(f"<th>{words.both(name)}</th>" for name in names)
    rows = "".join(_result(row, words) for row in found)
    return (
        f"<h2>{words.both('clauses')}</h2><div class='scroll-x'><table class='plain results'>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _result(found: dict[str, Any], words: Words) -> str:
    status = found["status"]
    return (
        f"<tr class='{status}'><td>{escape(found['clause'])}</td>"
        f"<td>{escape(found['title'])}</td><td>{found['passed']} / {found['checked']}</td>"
        f"<td><span class='badge {status}'>{words[status]}</span></td>"
        f"<td>{escape(found['measured'])} <small>{escape(found['place'])}</small></td></tr>"
    )


def event_list(hub: Hub, entries: Sequence[Entry], words: Words) -> str:
    """Every event in a line, folded away."""
    messages = hub.messages(entries)
    start = messages[0]["at"] if messages else 0.0
    rows = "".join(event_row(message, start, words.lang) for message in messages)
    return (
        f"<details><summary><h2>{words.both('events')} <small>{len(messages)}</small></h2>"
        f"</summary><table class='plain events'><tbody>{rows}</tbody></table></details>"
    )


def event_row(message: Message, start: float, lang: str) -> str:
    """One event: seconds, kind, what there is to say."""
    said = message.get(lang) or message.get("zh") or message.get("en")
    rest = [
        f"{name} {value}"
        for name, value in message.items()
        if name not in ("t", "at", "zh", "en", "play") and value not in ("", None)
    ]
    text = escape(" · ".join(rest)) + (f"<q>{escape(said)}</q>" if said else "")
    return (
        f"<tr><td>{message['at'] - start:.2f}</td><td><code>{message['t']}</code></td>"
        f"<td>{text}</td></tr>"
    )
