"""VoiceXML and FreeSWITCH files that other people wrote, and files that mean harm."""

import zipfile
from itertools import pairwise
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from menus.exchange import freeswitch, vxml_read, workbook
from menus.exchange.formats import format_to_read, format_to_write
from menus.exchange.losses import lines
from menus.exchange.workbook_read import read_book as read_workbook
from menus.exchange.xmltree import SIZE_LIMIT, read
from menus.lint import lint
from menus.loader import load, loads, resolve
from menus.reader import Document
from menus.wording import BookError
from tests.menus.books import CONTRACT

MENU = b"""<?xml version="1.0"?>
<!DOCTYPE vxml PUBLIC "-//W3C//DTD VOICEXML 2.1//EN" "http://www.w3.org/TR/voicexml21/vxml.dtd">
<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="en-US">
  <var name="count" expr="0"/>
  <link dtmf="0" next="#operator"/>
  <form id="welcome"><block>Welcome to Northern Power. <goto next="#main"/></block></form>
  <menu id="main" dtmf="true">
    <property name="timeout" value="3s"/>
    <prompt>Please choose. <enumerate/></prompt>
    <choice next="#outage">Outages</choice>
    <choice next="bill.vxml">Bills</choice>
    <choice dtmf="9" event="exit">Goodbye</choice>
    <noinput count="1">Please press a key. <reprompt/></noinput>
    <noinput count="3"><goto next="#operator"/></noinput>
    <nomatch>Wrong key. <reprompt/></nomatch>
  </menu>
  <form id="outage">
    <field name="account" type="digits?length=10">
      <prompt>Enter your <emphasis>account</emphasis> number.</prompt>
      <noinput count="2"><exit/></noinput>
    </field>
    <subdialog name="r" src="http://example.com/svc/lookup.jsp">
      <param name="account" expr="account"/>
      <filled>
        <if cond="r.status == 'down'"><goto next="#down"/>
        <else/><goto next="#main"/></if>
      </filled>
    </subdialog>
  </form>
  <form id="down"><block><audio src="down.wav"/><disconnect/></block></form>
  <form id="operator">
    <block><prompt bargein="false">One moment.</prompt></block>
    <transfer name="t" dest="tel:+15551234" bridge="true"/>
  </form>
  <menu id="unused"><prompt>Say <value expr="a + b"/></prompt><choice next="#main">x</choice></menu>
</vxml>"""

OPTIONS = """<?xml version="1.0" encoding="gb2312"?>
<vxml version="2.0" xml:lang="zh">
  <form id="主菜单">
    <field name="k">
      <prompt>报修请按1，查询请按2。</prompt>
      <option dtmf="1" value="fault">报修</option>
      <option dtmf="2" value="query">查询</option>
      <filled>
        <if cond="k == 'fault'"><goto next="#repair"/><elseif cond="k=='query'"/><submit next="q.jsp"/></if>
      </filled>
    </field>
  </form>
  <form id="repair"><block>已登记。<assign name="kind" expr="'fault'"/><exit/></block></form>
</vxml>""".encode("gb2312")

IVR = b"""<include><menus>
  <menu name="demo ivr" greet-long="phrase:demo_main" greet-short="say:Press 1" tts-voice="slt"
        invalid-sound="ivr/invalid.wav" timeout="10000" max-failures="3" max-timeouts="x">
    <entry action="menu-exec-app" digits="1" param="bridge sofia/host/888@conference"/>
    <entry action="menu-sub" digits="2" param="sub"/>
    <entry action="menu-exec-app" digits="/^(10[01][0-9])$/" param="transfer $1 XML default"/>
    <entry action="menu-exec-app" digits="3" param="lua x.lua"/>
    <entry action="menu-play-sound" digits="4" param="news.wav"/>
    <entry action="menu-top" digits="*"/>
  </menu>
  <menu name="sub" greet-long="say:Balance ${amount}"><entry action="menu-back" digits="*"/></menu>
</menus></include>"""


def test_a_menu_with_enumerate_forms_and_a_transfer_becomes_a_book() -> None:
    data, losses = vxml_read.read_book(MENU, "northern.vxml")
    book = resolve(Document(data), "northern")
    main = book.menus["main"]
    assert book.greeting.long["en-US"] == "Welcome to Northern Power."
    assert (
        main.prompt.long["en-US"]
        == "Please choose. For Outages, press 1. For Bills, press 2. For Goodbye, press 9."
    )
    assert {key: str(one.target) for key, one in main.keys.items()} == {
        "0": "step:operator", "1": "step:outage", "2": "step:bill", "9": "end",
    }  # fmt: skip
    assert (main.no_input.limit, str(main.no_input.then)) == (2, "step:operator")
    assert main.first_digit_timeout == 3
    outage = book.steps["outage"]
    assert outage.collect is not None
    assert (outage.collect.min_length, outage.collect.max_length) == (10, 10)
    assert outage.request == "lookup"
    assert str(outage.on["down"]) == "step:down"
    assert str(book.steps["operator"].next) == "agent"
    assert not book.steps["operator"].say.interruptible  # type: ignore[union-attr]
    for written in ("<var", "bill.vxml", "down.wav", "tel:+15551234", "a + b"):
        line = next(at for at, row in enumerate(MENU.splitlines(), 1) if written.encode() in row)
        assert any(loss.place.line == line and written in loss.reason.en for loss in losses), (
            written
        )
    assert {finding.rule for finding in lint(book)} >= {"M004"}, "lint shows what is still to do"


def test_a_form_of_options_is_a_menu_and_gb2312_is_read() -> None:
    data, losses = vxml_read.read_book(OPTIONS, "x.vxml")
    assert data["menus"]["主菜单"]["keys"] == {"1": "step:repair", "2": "step:q"}
    assert data["steps"]["repair"] == {"say": "已登记。", "set": {"kind": "fault"}, "next": "end"}
    assert any("q.jsp" in loss.reason.en for loss in losses)


def test_freeswitch_of_others_names_what_a_book_cannot_say() -> None:
    data, losses = freeswitch.read_book(IVR, "ivr.xml")
    demo = data["menus"]["demo_ivr"]
    assert demo["keys"] == {"1": "agent", "2": "menu:sub", "4": "step:demo_ivr_4", "*": "top"}
    assert demo["prompt"] == {"long": "...", "short": "Press 1"}
    assert data["menus"]["sub"]["prompt"] == "Balance {amount:word}"
    said = "\n".join(lines(losses, "en"))
    for word in (
        "phrase:demo_main",
        "bridge sofia",
        "/^(10",
        "lua x.lua",
        "news.wav",
        "max-timeouts=x",
    ):
        assert word in said
    assert "ivr.xml:2" in said


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"<vxml>\n<menu>\n</vxml>", 3, "mismatched tag"),
        (b"", 1, "no element found"),
        (b'<!DOCTYPE v [<!ENTITY a "aaaa">\n]><v>&a;</v>', 1, "declares the entity 'a'"),
        (b'<!DOCTYPE v [<!ENTITY x SYSTEM "file:///etc/passwd">]><v>&x;</v>', 1, "refused"),
        (b"<a>" * 100, 1, "too deep"),
        (b"x" * (SIZE_LIMIT + 1), 0, "larger than"),
        (b'<?xml version="1.0" encoding="no-such"?><v/>', 1, "cannot be read as no-such"),
    ],
)
def test_broken_and_hostile_xml_is_refused_with_its_line(
    content: bytes, line: int, words: str
) -> None:
    with pytest.raises(BookError) as caught:
        read(content, "bad.xml")
    assert caught.value.line == line
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html/>", "is <html>, not <vxml>"),
        (b"<vxml><form><block>hi</block></form></vxml>", "no menu"),
        (b"<vxml><menu id='a'/><menu id='a'/></vxml>", "used twice"),
    ],
)
def test_vxml_without_sense_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(BookError, match=words):
        vxml_read.read_book(content, "bad.vxml")


def test_the_format_is_known_by_suffix_and_root(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(MENU)
    (tmp_path / "b.xml").write_bytes(IVR)
    assert format_to_read(tmp_path / "a.xml").name == "vxml"
    assert format_to_read(tmp_path / "b.xml").name == "freeswitch"
    with pytest.raises(BookError, match=r"none of the formats"):
        format_to_write(Path("book.pdf"))


# ------------------------------------------------------------------------------------ Excel


@pytest.fixture
def edited(tmp_path: Path) -> Path:
    file = tmp_path / "book.xlsx"
    file.write_bytes(workbook.export(loads(CONTRACT))[0])
    return file


def edit(file: Path, sheet: str, **cells: object) -> None:
    book = load_workbook(file)
    for cell, value in cells.items():
        book[sheet][cell] = value
    book.save(file)


def column(file: Path, key: str) -> str:
    sheet = load_workbook(file)["菜单"]
    return next(cell.column_letter for cell in sheet[1] if cell.value.split()[-1] == key)


def test_an_edited_menu_tree_becomes_a_book_again(edited: Path) -> None:
    key, target, prompt = (column(edited, name) for name in ("key", "target", "prompt:zh-CN"))
    row = load_workbook(edited)["菜单"].max_row + 1
    edit(
        edited,
        "菜单",
        **{f"{prompt}2": "新的文字请按1。", f"{key}{row}": 7, f"{target}{row}": "end"},
    )
    data, losses = read_workbook(edited)
    assert not losses
    assert data["menus"]["main"]["prompt"] == "新的文字请按1。"
    last = list(data["menus"])[-1]
    assert data["menus"][last]["keys"]["7"] == "end", (
        "a row without a menu belongs to the one above"
    )


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("target", "nowhere", r"菜单!{}2: menus.main.keys.1.*not allowed"),
        ("key", "12", r"12.*is no name"),
        ("key", None, r"lacks the key"),
        ("target", "=1+1", r"菜单!{}2: the cell is a formula"),
        ("other", "{{x", r"no JSON object"),
        ("priority", "high", r"must be a whole number"),
    ],
)
def test_a_wrong_cell_is_named(edited: Path, key: str, value: object, words: str) -> None:
    letter = column(edited, key)
    edit(edited, "菜单", **{f"{letter}2": value})
    with pytest.raises(BookError, match=words.format(letter)):
        read_workbook(edited)


def test_other_workbooks_and_zip_bombs_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.xlsx"
    file.write_bytes(b"no zip at all")
    with pytest.raises(BookError, match="no readable Excel workbook"):
        read_workbook(file)
    Workbook().save(file)
    with pytest.raises(BookError, match="there is no sheet '菜单', only Sheet"):
        read_workbook(file)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"\0" * 70_000_000)
    assert file.stat().st_size < 200_000
    with pytest.raises(BookError, match="unpacks to 70000000 bytes"):
        read_workbook(file)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", '<!DOCTYPE x [<!ENTITY a "b">]><x/>')
    with pytest.raises(BookError, match="declares a document type"):
        read_workbook(file)
    with pytest.raises(BookError, match="no such file"):
        read_workbook(tmp_path / "none.xlsx")


def test_a_text_that_looks_like_a_formula_stays_a_text(tmp_path: Path) -> None:
    text = CONTRACT.replace("title: 主菜单", 'title: "=1+1"')
    file = tmp_path / "book.xlsx"
    file.write_bytes(workbook.export(loads(text))[0])
    assert read_workbook(file)[0]["menus"]["main"]["title"] == "=1+1"


def test_the_sheet_of_menus_follows_the_tree(tmp_path: Path) -> None:
    file = tmp_path / "book.xlsx"
    file.write_bytes(workbook.export(load())[0])
    sheet = load_workbook(file)["菜单"]
    assert sheet.freeze_panes == "A2"
    levels = [row[1].value for row in sheet.iter_rows(min_row=2) if row[1].value]
    assert levels[0] == 1
    assert max(levels) <= 5, "5.2.6.2"
    assert all(after <= before + 1 for before, after in pairwise(levels))
