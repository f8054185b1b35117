"""The simulator's own HTTP interface, under `/_control/`, and its page for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from .answers import Answer, json_answer, page, text_answer
from .overview import overview
from .papers import Paper, PaperFile
from .request import Request

if TYPE_CHECKING:
    from .server import Simulator

_PREFIX = "/_control/"


def control(simulator: Simulator, request: Request) -> Answer | None:
    """Return the answer to a request to `simulator` itself; None for all others.

    Arguments come as a JSON object or in the query. What cannot be done is answered with 400 and `{"error"}`.
    """
    if request.path == "/" and request.method == "GET":
        return page(overview(simulator))
    if not request.path.startswith(_PREFIX):
        return None
    action = _ACTIONS.get((request.method, request.path.removeprefix(_PREFIX)))
    if action is None:
        return text_answer("Not Found", 404)
    try:
        arguments = {**dict(request.query), **(request.json_object() if request.body else {})}
        done = action(simulator, **arguments)
    except (KeyError, TypeError, ValueError) as error:
        return json_answer({"error": f"{type(error).__name__}: {error}"}, 400)
    return json_answer({"ok": True} if done is None else done)


def _health(simulator: Simulator) -> dict:
    return {
        "ok": True,
        "agencies": len(simulator.world.agencies),
        "people": len(simulator.world.people),
        "logins": simulator.logins,
        "faults": len(simulator.faults.standing()),
    }


def _order(
    simulator: Simulator, call: str, fault: str, times: int | None = 1, match: str = "", **parameters: object
) -> list:
    simulator.order(call, fault, times, match, **parameters)
    return simulator.faults.standing()


def _add_person(simulator: Simulator, id_number: str, name: str, papers: Iterable[dict] = ()) -> None:
    simulator.world.add_person(id_number, name, [_paper(**row) for row in papers])


def _paper(files: Iterable[dict] | None = (), **values: object) -> Paper:
    return Paper(**values, files=None if files is None else tuple(PaperFile(**file) for file in files))


_ACTIONS: dict[tuple[str, str], Callable[..., object]] = {
    ("GET", "health"): _health,
    ("GET", "world"): lambda simulator: simulator.world.as_json(),
    ("POST", "reset"): lambda simulator: simulator.reset(),
    ("POST", "expire"): lambda simulator: simulator.expire_tokens(),
    ("GET", "requests"): lambda simulator, call=None: simulator.requests(call),
    ("DELETE", "requests"): lambda simulator: simulator.clear_requests(),
    ("GET", "faults"): lambda simulator: simulator.faults.standing(),
    ("POST", "faults"): _order,
    ("DELETE", "faults"): lambda simulator: simulator.clear_faults(),
    ("POST", "agencies"): lambda simulator, **agency: simulator.world.add_agency(**agency),
    ("PUT", "agencies"): lambda simulator, code, **changes: simulator.world.set_agency(code, **changes),
    ("DELETE", "agencies"): lambda simulator, code: simulator.world.remove_agency(code),
    ("POST", "agencies/generated"): lambda simulator, count: simulator.world.add_generated_agencies(int(count)),
    ("POST", "people"): _add_person,
    ("POST", "people/bulk"): lambda simulator, **person: simulator.world.add_bulk_person(**person),
    ("PUT", "papers"): lambda simulator, id_number, papers: simulator.world.set_raw_papers(id_number, papers),
}
