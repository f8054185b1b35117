"""The simulator's own HTTP interface, under `/_control/`, and its page for people."""

from __future__ import annotations

import base64
import inspect
from collections.abc import Callable, Iterable
from functools import partial

from .answers import Answer, json_answer, page, text_answer
from .checks import check_texts
from .far_side import FarSide
from .overview import overview
from .papers import Paper, PaperFile
from .request import Request

_PREFIX = "/_control/"


def control(simulator: FarSide, url: str, request: Request) -> Answer | None:
    """Return the answer to a request to `simulator` itself, which is reached by `url`; None for all others.

    Arguments come as a JSON object or in the query. What cannot be done is answered with 400 and `{"error"}`.
    """
    method = "GET" if request.method == "HEAD" else request.method
    if request.path == "/" and method == "GET":
        return page(overview(simulator, url))
    if not request.path.startswith(_PREFIX):
        return None
    find_action = _ACTIONS.get((method, request.path.removeprefix(_PREFIX)))
    if find_action is None:
        return text_answer("Not Found", 404)
    try:
        arguments = {**dict(request.query), **(request.json_object() if request.body else {})}
        done = _call(find_action(simulator), arguments)
    except KeyError as error:
        return json_answer({"error": error.args[0]}, 400)
    except ValueError as error:
        return json_answer({"error": str(error)}, 400)
    return json_answer({"ok": True} if done is None else done)


def _call(function: Callable[..., object], arguments: dict[str, object]) -> object:
    """Call `function`. Raises ValueError for arguments that it does not have, or needs."""
    try:
        inspect.signature(function).bind(**arguments)
    except TypeError as error:
        raise ValueError(str(error)) from None
    return function(**arguments)


def _health(simulator: FarSide) -> dict:
    return {
        "ok": True,
        "agencies": len(simulator.world.agencies),
        "people": len(simulator.world.people),
        "logins": simulator.logins,
        "calls": simulator.calls,
        "connections": simulator.connections,
        "faults": len(simulator.faults.standing()),
        "profile": simulator.profile,
    }


def _order(
    simulator: FarSide,
    /,
    call: str,
    fault: str,
    times: int | str | None = 1,
    match: str = "",
    share: float | str = 1,
    **parameters: object,
) -> list:
    simulator.order(call, fault, _number(times), match, _number(share), **parameters)
    return simulator.faults.standing()


def _generate(simulator: FarSide, count: int | str) -> None:
    simulator.world.add_generated_agencies(_number(count))


def _generate_catalogue(simulator: FarSide, count: int | str, with_parts: bool = True) -> None:
    simulator.catalogue.generate(_number(count), with_parts)


def _number(value: object) -> object:
    """Return digits, as a query holds them, as a number; anything else as it is."""
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 10 else value


def _add_person(simulator: FarSide, id_number: str, name: str, papers: Iterable[dict] = ()) -> None:
    simulator.world.add_person(id_number, name, [_paper(row) for row in _rows("papers", papers)])


def _put_content(simulator: FarSide, link: str, content: str) -> None:
    check_texts(link=link, content=content)
    simulator.world.put_content(link, base64.b64decode(content, validate=True))


def _paper(row: dict) -> Paper:
    files = row.get("files", ())
    made = None if files is None else tuple(_call(PaperFile, file) for file in _rows("files", files))
    return _call(Paper, {**row, "files": made})


def _rows(name: str, value: object) -> Iterable[dict]:
    """Return `value`. Raises ValueError where it is no list of objects."""
    if not isinstance(value, list | tuple) or not all(isinstance(row, dict) for row in value):
        raise ValueError(f"{name} is a list of objects, not {value!r}")
    return value


# What finds the function that does it; arguments are checked against that function's own.
_ACTIONS: dict[tuple[str, str], Callable[[FarSide], Callable[..., object]]] = {
    ("GET", "health"): lambda simulator: partial(_health, simulator),
    ("GET", "world"): lambda simulator: simulator.world.as_json,
    ("POST", "reset"): lambda simulator: simulator.reset,
    ("POST", "expire"): lambda simulator: simulator.expire_tokens,
    ("GET", "requests"): lambda simulator: simulator.requests,
    ("DELETE", "requests"): lambda simulator: simulator.clear_requests,
    ("GET", "cases"): lambda simulator: simulator.cases,
    ("PUT", "cases/rejected"): lambda simulator: simulator.reject_case,
    ("PUT", "cases/unknown"): lambda simulator: simulator.refuse_unknown_cases,
    ("POST", "catalogue"): lambda simulator: partial(_generate_catalogue, simulator),
    ("PUT", "catalogue/procedures"): lambda simulator: simulator.catalogue.put,
    ("DELETE", "catalogue/procedures"): lambda simulator: simulator.catalogue.remove,
    ("PUT", "profile"): lambda simulator: simulator.speak,
    ("PUT", "providers"): lambda simulator: simulator.world.set_provider,
    ("GET", "faults"): lambda simulator: simulator.faults.standing,
    ("POST", "faults"): lambda simulator: partial(_order, simulator),
    ("DELETE", "faults"): lambda simulator: simulator.clear_faults,
    ("POST", "agencies"): lambda simulator: simulator.world.add_agency,
    ("PUT", "agencies"): lambda simulator: simulator.world.set_agency,
    ("DELETE", "agencies"): lambda simulator: simulator.world.remove_agency,
    ("POST", "agencies/generated"): lambda simulator: partial(_generate, simulator),
    ("POST", "people"): lambda simulator: partial(_add_person, simulator),
    ("POST", "people/bulk"): lambda simulator: simulator.world.add_bulk_person,
    ("PUT", "papers"): lambda simulator: simulator.world.set_raw_papers,
    ("PUT", "claims"): lambda simulator: simulator.identity.set_claims,
    ("PUT", "files"): lambda simulator: partial(_put_content, simulator),
}
