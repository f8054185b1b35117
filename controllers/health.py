from prometheus_client.exposition import choose_encoder

from odoo import http
from odoo.http import Response, request

from ..models.health.health_check import DANGER, worst_level
from ..models.health.health_metrics import as_json, as_registry

HEALTH_PATH = "/kho_dl/health"
# What Prometheus asks for, in whichever versions.
_METRICS = ("text/plain", "application/openmetrics-text")
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
    def health(self, **options):
        http_request = request.httprequest
        scheme, _blank, bearer = http_request.headers.get("Authorization", "").partition(" ")
        is_bearer = scheme.lower() == "bearer"
        health = request.env["kho.dl.health"]
        company = health._monitored_by(bearer.strip() if is_bearer else options.get("token", ""))
        if not company or http_request.method not in _METHODS:
            return Response("Not Found", status=404, mimetype="text/plain")
        facts, troubles = health._facts_and_troubles(company)
        headers = {"Cache-Control": "no-store", "Vary": "Accept"}
        wanted = options.get("format") or ("prometheus" if _wants_metrics(http_request.accept_mimetypes) else "json")
        if wanted == "prometheus":
            # Always 200: from any other answer Prometheus takes no metrics, just when they are needed.
            encode, content_type = choose_encoder(http_request.headers.get("Accept", ""))
            return Response(encode(as_registry(facts, troubles)), headers={**headers, "Content-Type": content_type})
        status = 503 if worst_level(troubles) == DANGER else 200
        return request.make_json_response(as_json(facts, troubles), headers=headers, status=status)


def _wants_metrics(accepted):
    """Tell whether `accepted` (a MIMEAccept) prefers a format of Prometheus; JSON is for whoever does not care."""
    best = {}
    for kind, quality in accepted:
        name = kind.partition(";")[0].strip().lower()
        best[name] = max(quality, best.get(name, 0))
    return max(best.get(name, 0) for name in _METRICS) > best.get("application/json", best.get("*/*", 0))
