from prometheus_client.exposition import choose_encoder

from odoo import http
from odoo.http import Response, request

from ..models.health_metrics import as_json, as_registry
from ..models.health_troubles import DANGER, worst_level

HEALTH_PATH = "/kho_dl/health"
# What Prometheus asks for, in its versions.
_METRICS = (
    "text/plain",
    "text/plain; version=0.0.4",
    "text/plain; version=1.0.0",
    "application/openmetrics-text",
    "application/openmetrics-text; version=0.0.1",
    "application/openmetrics-text; version=1.0.0",
)
_METHODS = ("GET", "HEAD")


class Health(http.Controller):
    """Tells a monitoring system how it stands with the company whose token it brings; strangers get nothing."""

    @http.route(
        HEALTH_PATH,
        type="http",
        auth="none",
        methods=["GET"],
        save_session=False,
        readonly=True,
        # Nobody has anything to send here, and what a body holds would become arguments.
        max_content_length=0,
    )
    def health(self, token="", **options):
        http_request = request.httprequest
        scheme, _blank, bearer = http_request.headers.get("Authorization", "").partition(" ")
        is_bearer = scheme.lower() == "bearer"
        health = request.env["kho.dl.health"]
        company = health._monitored_by(bearer.strip() if is_bearer else token)
        if not company or http_request.method not in _METHODS:
            return Response("Not Found", status=404, mimetype="text/plain")
        facts, troubles = health._facts_and_troubles(company)
        headers = {"Cache-Control": "no-store"}
        # The first where somebody does not care.
        wanted = http_request.accept_mimetypes.best_match(["application/json", *_METRICS])
        if options.get("format") == "prometheus" or wanted in _METRICS:
            # Always 200: from any other answer Prometheus takes no metrics, just when they are needed.
            encode, content_type = choose_encoder(http_request.headers.get("Accept", ""))
            return Response(encode(as_registry(facts, troubles)), headers={**headers, "Content-Type": content_type})
        status = 503 if worst_level(troubles) == DANGER else 200
        return request.make_json_response(as_json(facts, troubles), headers=headers, status=status)
