from prometheus_client.exposition import choose_encoder

from odoo import fields, http
from odoo.http import Response, request

from ..models.common.office_time import day_of
from ..models.health.health_check import DANGER, worst_level
from ..models.health.health_metrics import as_json, as_registry
from ..models.health.statistics import statistics_of

HEALTH_PATH = "/kho_dl/health"
STATISTICS_PATH = "/kho_dl/statistics"
# What Prometheus asks for, in whichever versions.
_METRICS = ("text/plain", "application/openmetrics-text")
_METHODS = ("GET", "HEAD")
# Nobody has anything to send here, and what a body holds would become arguments.
_ROUTE = {"type": "http", "auth": "none", "methods": ["GET"], "save_session": False, "max_content_length": 0}
_USUAL_DAYS = 7
_MOST_DAYS = 31


class Health(http.Controller):
    """Tells a monitoring system how it stands with the company whose token it brings; strangers get nothing."""

    # Not from a replica: one that lags, or that has lost the primary, knows nothing of what is wrong.
    @http.route(HEALTH_PATH, readonly=False, **_ROUTE)
    def health(self, **options):
        company = _monitored(options)
        if not company:
            return _not_found()
        http_request = request.httprequest
        facts, troubles, units = request.env["kho.dl.health"]._monitored(company)
        headers = {"Cache-Control": "no-store", "Vary": "Accept"}
        wanted = options.get("format") or ("prometheus" if _wants_metrics(http_request.accept_mimetypes) else "json")
        if wanted == "prometheus":
            # Always 200: from any other answer Prometheus takes no metrics, just when they are needed.
            encode, content_type = choose_encoder(http_request.headers.get("Accept", ""))
            return Response(
                encode(as_registry(facts, troubles, units)), headers={**headers, "Content-Type": content_type}
            )
        status = 503 if worst_level(troubles) == DANGER else 200
        return request.make_json_response(as_json(facts, troubles, units), headers=headers, status=status)

    @http.route(STATISTICS_PATH, readonly=True, **_ROUTE)
    def statistics(self, **options):
        company = _monitored(options)
        if not company:
            return _not_found()
        days = options.get("days", str(_USUAL_DAYS))
        # Also of digits there are some that are no number.
        if not (days.isascii() and days.isdigit() and len(days) < 4 and 1 <= int(days) <= _MOST_DAYS):
            return Response(f"days: 1 to {_MOST_DAYS}", status=400, mimetype="text/plain")
        # A slip would be answered with figures of another kind.
        if options.get("by", "") not in ("", "unit"):
            return Response("by: unit", status=400, mimetype="text/plain")
        is_by_unit = bool(options.get("by"))
        told = statistics_of(request.env, company, day_of(fields.Datetime.now()), int(days), is_by_unit)
        return request.make_json_response(told, headers={"Cache-Control": "no-store"})


def _monitored(options):
    """Return the company whose token the request brings, none where it brings no such token."""
    http_request = request.httprequest
    scheme, _blank, bearer = http_request.headers.get("Authorization", "").partition(" ")
    is_bearer = scheme.lower() == "bearer"
    company = request.env["kho.dl.health"]._monitored_by(bearer.strip() if is_bearer else options.get("token", ""))
    return company if http_request.method in _METHODS else company.browse()


def _not_found():
    return Response("Not Found", status=404, mimetype="text/plain")


def _wants_metrics(accepted):
    """Tell whether `accepted` (a MIMEAccept) prefers a format of Prometheus; JSON is for whoever does not care."""
    best = {}
    for kind, quality in accepted:
        name = kind.partition(";")[0].strip().lower()
        best[name] = max(quality, best.get(name, 0))
    return max(best.get(name, 0) for name in _METRICS) > best.get("application/json", best.get("*/*", 0))
