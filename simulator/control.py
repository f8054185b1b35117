"""The simulator's own HTTP interface under `/_control/`, and a page for people."""

from html import escape

from .answers import Answer, json_answer, page
from .faults import Fault


def control(simulator, method: str, path: str, body: object) -> Answer:
    """Answer a request to the simulator itself; `simulator` is the `server.Simulator`."""
    if path == "/":
        return page(_overview(simulator))
    handler = _ROUTES.get((method, path))
    if handler is None:
        return Answer(404, b"Not Found", "text/plain")
    try:
        return json_answer(handler(simulator, body if isinstance(body, dict) else {}))
    except (KeyError, TypeError, ValueError) as error:
        return json_answer({"error": str(error)}, 400)


def _order(simulator, body):
    order = dict(body)
    known = {key: order.pop(key) for key in ("call", "fault", "times", "match") if key in order}
    simulator.faults.order(Fault(**known, parameters=order))
    return simulator.faults.standing()


def _do(action):
    def handler(simulator, body):
        action(simulator, body)
        return {"ok": True}

    return handler


_ROUTES = {
    ("GET", "/_control/health"): lambda simulator, body: {"ok": True},
    ("GET", "/_control/requests"): lambda simulator, body: simulator.requests(),
    ("DELETE", "/_control/requests"): _do(lambda simulator, body: simulator.clear_requests()),
    ("GET", "/_control/faults"): lambda simulator, body: simulator.faults.standing(),
    ("POST", "/_control/faults"): _order,
    ("DELETE", "/_control/faults"): _do(lambda simulator, body: simulator.clear_faults()),
    ("POST", "/_control/reset"): _do(lambda simulator, body: simulator.reset()),
    ("POST", "/_control/expire"): _do(lambda simulator, body: simulator.expire_tokens()),
    ("POST", "/_control/agencies"): _do(lambda simulator, body: simulator.world.add_agency(**body)),
    ("PUT", "/_control/agencies"): _do(lambda simulator, body: simulator.world.set_agency(**body)),
    ("DELETE", "/_control/agencies"): _do(lambda simulator, body: simulator.world.remove_agency(**body)),
    ("POST", "/_control/agencies/generated"): _do(
        lambda simulator, body: simulator.world.add_generated_agencies(**body)
    ),
    ("PUT", "/_control/papers"): _do(lambda simulator, body: simulator.world.set_raw_papers(**body)),
    ("POST", "/_control/bulk"): _do(lambda simulator, body: simulator.world.add_bulk_person(**body)),
}


def _overview(simulator) -> str:
    world = simulator.world
    people = "".join(
        f"<tr><td>{escape(number)}</td><td>{escape(name)}</td><td>{len(world.papers.get(number, []))}</td></tr>"
        for number, name in world.people.items()
    )
    faults = "".join(f"<li>{escape(str(order))}</li>" for order in simulator.faults.standing()) or "<li>–</li>"
    return f"""<!doctype html><html lang="vi"><meta charset="utf-8"><title>Kho DL simulator</title>
<style>body{{font:16px sans-serif;max-width:50em;margin:2em auto}}td,th{{padding:.3em 1em;text-align:left}}</style>
<h1>Kho DL – mô phỏng / simulator</h1>
<p>Máy chủ bảo mật, Cổng DVCQG và các cơ quan. / Security server, portal and agencies in one program.</p>
<h2>Người / people</h2>
<table><tr><th>Số định danh / id number</th><th>Họ tên / name</th><th>Giấy tờ / papers</th></tr>{people}</table>
<h2>Lỗi đang đặt / faults on order</h2><ul>{faults}</ul></html>"""
