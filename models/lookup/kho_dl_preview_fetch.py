import base64
import logging
import time
from contextlib import closing
from dataclasses import replace
from functools import partial

from odoo import models

from ...protocol.errors import KhoDLError, ServerUnknown, TimedOut
from ...protocol.links import is_composed
from ..common.transactions import commit_or_retry, freed_at_end
from ..connection.account_slots import AccountSlots
from ..connection.error_messages import error_kind
from ..connection.kho_dl_breaker import OWN_SERVER
from ..gate.file_gate import Arrival
from ..gate.gate_errors import FileQuestioned
from ..retrieval.retrieval_verdicts import lanes_alive

_logger = logging.getLogger(__name__)


class KhoDLLookupCandidate(models.Model):
    """The files of a national paper are fetched for whoever wants to see it: from whom, how and through which gate as ever.

    Not through the queue: nobody has chosen the paper yet, so nothing goes on once nobody waits for it any more.
    """

    _inherit = "kho.dl.lookup.candidate"

    def _fetch_for_preview(self, seconds):
        """Fetch what is not kept yet; return ([(values of `kho.dl.preview`, `Arrival`)], [`KhoDLError` of the others]).

        Commits, and takes about `seconds`. What is spared because it did not answer others is not asked.
        """
        kept = set(self.preview_ids.mapped("position"))
        prepared = self._prepare_retrievals(self.env["kho.dl.security.server"]._server_resolver())
        wanted = {position: vals for position, vals in enumerate(prepared) if position not in kept}
        if not wanted:
            return [], []
        until = time.monotonic() + seconds
        gateway = self.env["kho.dl.gateway"]
        question = replace(self.case_document_id.case_id._gate_question(), texts=tuple(filter(None, [self.name])))
        results = {}
        try:
            office = self.lookup_id.case_id._office()
            gate, client = gateway._gate(office, until), gateway._client(office, until)
            slots = AccountSlots(self.env, client.settings)
            with client, freed_at_end(self.env, slots.end):
                requests = self._preview_requests(client, wanted, results)
                # No transaction stays open while others are waited for.
                self.env.cr.commit()  # pylint: disable=invalid-commit
                with closing(client.download_all(requests, give_up_at=until, grace=0, slots=slots)) as arriving:
                    for arrived in arriving:
                        results |= {result.key: _admitted(gate, result, question) for result in arrived}
        except KhoDLError as error:
            results |= {position: error for position in wanted if position not in results}
        commit_or_retry(self.env, partial(self._tell_breakers, wanted, results))
        for position, found in results.items():
            _log_look(wanted[position]["trace_id"], found)
        came = {position: found for position, found in results.items() if isinstance(found, Arrival)}
        failed = [results.get(position, TimedOut("spared")) for position in wanted if position not in came]
        return [(_values(position, wanted[position], found), found) for position, found in sorted(came.items())], failed

    def _preview_requests(self, client, wanted, results):
        """Return the `FileRequest` of each of `wanted`; what cannot be asked for gets its error in `results`."""
        breakers = self.env["kho.dl.breaker"]._open()
        spared = set(breakers.filtered(lambda one: one.own_server == client.settings.server_key).mapped("lane"))
        requests = []
        for position, vals in wanted.items():
            # sudo: the directory is closed to citizens.
            server = self.env["kho.dl.security.server"].sudo().browse(vals["server_id"])._for_protocol()
            try:
                if spared & {vals["lane"], OWN_SERVER}:
                    continue
                if not (server or is_composed(vals["link"])):
                    raise ServerUnknown(vals["agency_code"] or "")
                requests.append(client.file_request(position, vals["link"], server, vals["file_name"]))
            except KhoDLError as error:
                results[position] = error
        return requests

    def _tell_breakers(self, wanted, results):
        """Count who answered and who did not, as for every file."""
        breakers, server = self.env["kho.dl.breaker"], self.lookup_id.case_id._office().kho_dl_own_server
        alive = set()
        for position, found in results.items():
            vals, error = wanted[position], found if isinstance(found, KhoDLError) else None
            alive |= lanes_alive(vals["lane"], error)
            if error and (error.blames_own_server or (error.blames_remote and vals["lane"])):
                breakers._blame(server, vals["lane"], vals["agency_name"] or vals["agency_code"], error)
        if breakers._worked(server, alive):
            self.env["kho.dl.retrieval"]._wake()


def _admitted(gate, result, question):
    """Return the `Arrival` of a `FileResult`, or the error because of which there is none."""
    if result.error:
        return result.error
    try:
        return Arrival(result.download, gate.admit(result.download, question))
    except FileQuestioned as error:
        # Kept, so that it need not be fetched again, but not shown.
        return Arrival(result.download, error.findings)
    except KhoDLError as error:
        result.download.close()
        return error


def _log_look(trace_id, found):
    """Log what became of a file that was to be looked at, which has no row of its own."""
    far_id = found.download.far_id if isinstance(found, Arrival) else found.far_id
    said = "came" if isinstance(found, Arrival) else error_kind(found)
    _logger.info("Kho DL: trace %s: file to look at %s %s", trace_id or "-", said, far_id)


def _values(position, vals, arrival):
    received = arrival.download
    received.file.seek(0)
    content = base64.b64encode(received.file.read())
    return {"position": position, "name": received.name, "link_key": vals["link_key"], "content": content}
