"""The page for people: who has which papers, and what is wrong on purpose."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from .papers import Paper, PaperFile, Place
from .world import World

if TYPE_CHECKING:
    from .server import Simulator

_PAGE = """<!DOCTYPE html>
<html lang="vi"><head><meta charset="utf-8"><title>Kho DL – mô phỏng</title><style>
body {{ font: 16px/1.5 sans-serif; max-width: 70em; margin: 2em auto; padding: 0 1em }}
table {{ border-collapse: collapse; width: 100% }}
td, th {{ padding: .3em .8em; text-align: left; vertical-align: top; border-bottom: 1px solid #ccc }}
td {{ overflow-wrap: anywhere }}
</style></head><body>
<h1>Kho DL – hệ thống mô phỏng <small lang="en">(simulator)</small></h1>
<p>Máy chủ bảo mật, Cổng DVCQG và các cơ quan trong một chương trình; mọi người và giấy tờ đều không có thật.<br>
<span lang="en">Security server, portal and agencies in one program; all people and papers are invented.</span></p>
<p>Tài khoản <span lang="en">/ account</span>: <code>h46</code> / <code>h46-demo</code>,
mã đơn vị <span lang="en">/ unit code</span> <code>H46</code></p>
<h2>Người và giấy tờ <span lang="en">/ people and papers</span></h2>
<table><tr><th>Giấy tờ / paper</th><th>Số ký hiệu / number</th><th>Cơ quan / agency</th><th>Tệp / files</th></tr>
{people}</table>
<h2>Thủ tục <span lang="en">/ procedures</span></h2><ul>{procedures}</ul>
<h2>Lỗi đang đặt <span lang="en">/ standing faults</span></h2><ul>{faults}</ul>
<p><a href="/_control/requests">Nhật ký yêu cầu / requests</a> ·
<a href="/_control/faults">lỗi / faults</a> · <a href="/_control/world">dữ liệu / world</a> ·
<a href="/_control/health">tình trạng / health</a></p>
</body></html>
"""


def overview(simulator: Simulator) -> str:
    """Return the page about `simulator` as HTML."""
    world = simulator.world
    people = "".join(_person(world, id_number, name) for id_number, name in list(world.people.items()))
    procedures = "".join(
        f"<li><code>{escape(code)}</code> {escape(procedure.name)}: {escape(', '.join(procedure.result_codes))}</li>"
        for code, procedure in world.procedures.items()
    )
    faults = "".join(
        f"<li><code>{escape(json.dumps(order, ensure_ascii=False))}</code></li>"
        for order in simulator.faults.standing()
    )
    return _PAGE.format(people=people, procedures=procedures, faults=faults or "<li>Không có / none</li>")


def _person(world: World, id_number: str, name: str) -> str:
    head = f'<tr><th colspan="4">{escape(name)} – <code>{escape(id_number)}</code></th></tr>'
    rows = "".join(_row(world, paper) for paper in world.papers_of(id_number))
    return head + (rows or '<tr><td colspan="4">Không có giấy tờ / no papers</td></tr>')


def _row(world: World, paper: Paper) -> str:
    files = "<br>".join(_link(world, file) for file in paper.files or ())
    texts = (f"{paper.name} ({paper.code})", str(paper.number), paper.agency)
    return f"<tr>{''.join(f'<td>{escape(text)}</td>' for text in texts)}<td>{files}</td></tr>"


def _link(world: World, file: PaperFile) -> str:
    """Return a link to a file by way of the security server, or only its name where nobody serves it."""
    place = Place.of_link(file.link)
    dstcode = world.dstcode_of(place.providerurl)
    text = escape(file.name or file.link)
    if dstcode is None:
        return f"{text} (không có máy chủ / no server)"
    query = urlencode([*place.query, ("dstcode", dstcode), ("providerurl", place.providerurl)])
    href = f"/VXPAdapter/RestService/forward/{quote(place.path)}?{query}"
    return f'<a href="{escape(href)}">{text}</a>'
