"""The agencies' own systems: they serve files (guideline V.3)."""

from .answers import Answer, page, text_answer
from .papers import Place
from .request import Request
from .world import World

_NOT_FOUND = "<!DOCTYPE html><html><head><title>404</title></head><body><h1>Không tìm thấy tệp</h1></body></html>"


def serve_file(world: World, request: Request, providerurl: str) -> Answer:
    """Return the file that `request` asks of the system `providerurl`."""
    path = request.far_path
    if ".." in path.split("/"):
        return text_answer("Bad Request", 400)
    document = world.document(Place.of(providerurl, path, request.own_query))
    if document is None:
        return page(_NOT_FOUND, 404)
    return Answer(200, document.content(), document.content_type)
