"""The API's own documentation page: made from the OpenAPI description, with nothing from outside
(the usual viewers load their scripts from a content network)."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title} API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="{base}/static/hotline.css">
<body class="plain"><main class="page"><h1>{title} API</h1><p>{description}
<a href="{base}/api/openapi.json">OpenAPI description</a></p>{groups}</main></body></html>"""


def page(description: Mapping[str, Any], base: str = "") -> str:
    """The HTML page of an OpenAPI description; `base` is the path the app is mounted at."""
    groups: dict[str, list[str]] = {}
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            tag = (operation.get("tags") or ["other"])[0]
            groups.setdefault(tag, []).append(_operation(method, path, operation, base))
    sections = "".join(
        f"<section class='card'><h2>{escape(tag)}</h2>{''.join(rows)}</section>"
        for tag, rows in groups.items()
    )
    info = description["info"]
    return _PAGE.format(
        title=escape(info["title"]),
        description=escape(info.get("description", "")),
        groups=sections,
        base=escape(base),
    )


def _operation(method: str, path: str, operation: Mapping[str, Any], base: str) -> str:
    where = escape(path)
    if method == "get" and "{" not in path:
        where = f"<a href='{escape(base)}{where}'>{where}</a>"
    parameters = "".join(
        f"<li><code>{escape(p['name'])}</code> ({escape(p['in'])}, "
        f"{escape(str(p.get('schema', {}).get('type', 'any')))})</li>"
        for p in operation.get("parameters", ())
    )
    content = operation.get("responses", {}).get("200", {}).get("content", {})
    answer = "".join(f"<li>{escape(_kind(kind, body))}</li>" for kind, body in content.items())
    return (
        f"<article class='operation'><h3><b>{method.upper()}</b> <code>{where}</code></h3>"
        f"<p>{escape(operation.get('description') or operation.get('summary', ''))}</p>"
        f"<ul>{parameters}{answer}</ul></article>"
    )


def _kind(kind: str, body: Mapping[str, Any]) -> str:
    schema = body.get("schema", {})
    item = schema.get("items", schema)
    name = str(item.get("$ref", "")).rpartition("/")[2] or item.get("type", "")
    many = "list of " if "items" in schema else ""
    return f"200 {kind}: {many}{name}".rstrip(": ")
