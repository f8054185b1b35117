import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.modules.module import Manifest

from ...protocol import channels
from ...protocol.errors import KhoDLError
from ...protocol.papers import CodeAsked, Question
from ...protocol.reachability import Reach
from ..common import id_number
from ..common.office_time import OFFICE_TIMEZONE, moment_words
from ..common.request_time import longest_seconds
from ..common.transactions import locked_if_free
from ..connection import kho_dl_gateway
from ..connection.error_messages import error_message
from ..connection.kho_dl_token import DatabaseTokenStore
from .acceptance_calls import FAILED, NOT_TRIED, PASSED, AcceptanceCalls, Plan, RunTokens
from .acceptance_steps import STEPS
from .acceptance_words import step_words, still_open_words
from .kho_dl_acceptance_probe import PROBE
from .kho_dl_acceptance_step import RUNNING

# First half of the advisory lock of a run; the second is its id.
RUN_LOCK = 0x6B6461
# After so long (s) no further step is begun: whoever waits sees what there is, and lets it go on.
_BEGIN_SECONDS = 30
# A run that nobody ended is closed after so long, and forgets the number.
_LONGEST = timedelta(days=1)
# No answer is waited for longer (s), and Odoo ends the request so long before `limit_time_real`.
_LONGEST_SECONDS, _BEFORE_ODOO_SECONDS = 100, 15


class KhoDLAcceptance(models.Model):
    """How a run is made: what is done is committed step by step, so that a crash leaves it."""

    _inherit = "kho.dl.acceptance"

    def action_run(self):
        """Make the steps that are left, one after the other, as far as the time of a request goes. Commits after each.

        Raises UserError, with nothing tried, for what is missing, in a copy of the database, and while somebody else
        makes the same run.
        """
        self.ensure_one()
        self.check_access("write")
        self.env["kho.dl.database"]._check_confirmed()
        if self.state == "done":
            raise UserError(self.env._("An acceptance run that has begun stays as it is. Make a new one."))
        self._check_complete()
        # What was just entered is kept.
        kho_dl_gateway.end_transaction(self.env.cr)
        with locked_if_free(self.env, RUN_LOCK, self.id) as is_ours:
            if not is_ours:
                raise UserError(self.env._("Somebody makes this run at this moment. Look again in a minute."))
            # What the lock was had with is older than what is found under it.
            kho_dl_gateway.end_transaction(self.env.cr)
            # sudo: what was found is recorded by this code only; the officer's number is not everybody's to read.
            run = self.sudo().with_context(lang=self._report_language())
            try:
                if run.state == "new":
                    # A colleague may have changed it while nobody had the lock.
                    self._check_complete()
                    run._begin(self.env.user)
                if run.state == "running":
                    run._check_settings_kept()
                    run._go_on()
            except KhoDLError as error:
                raise UserError(error_message(self.env, error)) from error
            kho_dl_gateway.end_transaction(self.env.cr)
        return True

    def _begin(self, user):
        self.write(
            {
                **self._spoken_to(),
                "state": "running",
                "started_on": fields.Datetime.now(),
                "user_id": user.id,
                "version": Manifest.for_addon("kho_dl")["version"],
                "person_number": id_number.clean_id_number(self.person_number),
                "step_ids": [
                    fields.Command.create({"kind": name, "shows": ", ".join(kind.shows)})
                    for name, kind in STEPS.items()
                    if not kind.setting or self.company_id[kind.setting]
                ],
            }
        )

    def _spoken_to(self):
        """Return what the minutes name of the settings as they are now, by our fields. Raises SettingsIncomplete."""
        settings = self.env["kho.dl.gateway"]._settings(self.company_id)
        profile = self.company_id.kho_dl_profile
        return {"server": settings.base_url, "unit_code": settings.unit_code, "profile": profile}

    def _check_settings_kept(self):
        if any(self[name] != value for name, value in self._spoken_to().items()):
            raise UserError(
                self.env._(
                    "The settings have changed since this run began, and its report names those of before. Nothing more was "
                    "tried. Set them back and go on, or make a new run."
                )
            )

    def _go_on(self):
        began = time.monotonic()
        longest = min(_LONGEST_SECONDS, longest_seconds(_BEFORE_ODOO_SECONDS, _BEGIN_SECONDS))
        calls, client = self._calls(began + longest)
        with client:
            for step in self.step_ids.filtered("is_open"):
                if time.monotonic() - began > _BEGIN_SECONDS:
                    return
                if step.state == RUNNING and STEPS[step.kind].is_once:
                    step._break_off()
                elif reason := self._reason_to_skip(step):
                    step._skip(reason)
                elif step.kind == "ports":
                    step.write(self._ports())
                else:
                    self._make(step, calls, client.settings)
                kho_dl_gateway.end_transaction(self.env.cr)
        self._end()

    def _make(self, step, calls, settings):
        step.write({"state": RUNNING, "started_on": fields.Datetime.now()})
        kho_dl_gateway.end_transaction(self.env.cr)
        kho_dl_gateway.refuse_open_transaction(self.env.cr)
        outcome = calls.make(step.kind)
        words = step_words(self.env, step.kind, settings, outcome)
        step.write(
            {
                "state": outcome.state,
                "words": calls.strike_out(words) if outcome.error else words,
                "sent": outcome.sent,
                "answered": outcome.answered,
                "seconds": outcome.seconds,
                "shows": calls.shows or step.shows,
            }
        )

    def _reason_to_skip(self, step):
        """Return why `step` is not tried, False where it is."""
        kind, done = STEPS[step.kind], self.step_ids.grouped("kind")
        if kind.is_sending and not self.is_case_sent:
            return self.env._("No test case was to be sent.")
        missed = next((done[name] for name in kind.needs if done[name].state != PASSED), None)
        if missed is None and step.kind == "withdrawal" and done["case"].state == NOT_TRIED:
            missed = done["case"]
        return missed is not None and self.env._("Needs a step that did not pass: %(step)s.", step=missed.display_name)

    def _ports(self):
        """Return the values of the step that tells of the last check of ports."""
        check = self.env["kho.dl.reachability"].search(
            [("company_id", "=", self.company_id.id), ("checked_on", "!=", False)], limit=1
        )
        if not check:
            return {
                "state": NOT_TRIED,
                "words": self.env._("Nobody has checked ports yet (Connection → Reachability)."),
            }
        reaches = dict(check.line_ids._fields["reach"]._description_selection(self.env))
        time_words = moment_words(self.with_context(tz=OFFICE_TIMEZONE).env, check.checked_on)
        return {
            "state": PASSED if set(check.line_ids.mapped("reach")) <= {Reach.OPEN.value} else FAILED,
            "words": self.env._(
                "%(time)s: %(open)s of %(count)s reached.",
                time=time_words,
                open=check.open_count,
                count=check.line_count,
            ),
            "answered": "\n".join(f"{line.host}:{line.port} {reaches[line.reach]}" for line in check.line_ids),
        }

    def _end(self):
        self.write({"state": "done", "ended_on": fields.Datetime.now(), "person_number": False, "probe_token": False})
        words = self.env._("An acceptance run was made: %(summary)s", summary=self.summary)
        self.with_user(self.user_id).sudo().message_post(body=words)

    @api.autovacuum
    def _gc_unfinished(self):
        """End runs that nobody ended, and forget the numbers of those that nobody made."""
        old = self.search([("state", "!=", "done"), ("write_date", "<", fields.Datetime.now() - _LONGEST)])
        old.filtered(lambda run: run.state == "new").unlink()
        for run in old.exists().with_context(lang=self._report_language()):
            with locked_if_free(self.env, RUN_LOCK, run.id) as is_ours:
                if is_ours:
                    run._break_off()

    def _break_off(self):
        self.step_ids.filtered("is_open")._break_off()
        done = self.step_ids.grouped("kind")
        if done["case"].state != NOT_TRIED and done["withdrawal"].state != PASSED:
            done["withdrawal"].write({"state": FAILED, "words": still_open_words(self.env)})
        self._end()

    # -- what the calls are made with ------------------------------------------------------------------

    def _calls(self, until):
        """Return (the `AcceptanceCalls` of this run, its client), which know no records."""
        gateway = self.env["kho.dl.gateway"]
        tokens = RunTokens(DatabaseTokenStore(self.env).note_refusal)
        client = gateway._client(self.company_id, until, tokens)
        servers = self.env["kho.dl.security.server"]._server_resolver()
        gate = gateway._gate(self.company_id, until)
        calls = AcceptanceCalls(client, gateway._log_in, gate, servers, self._plan(), until)
        calls.is_case_taken = any(step.kind == "case" and step.state == PASSED for step in self.step_ids)
        return calls, client

    def _plan(self):
        officer, number = self.user_id, self.person_number
        procedure = self.env["kho.dl.procedure"].search(
            [("code", "=", self.procedure_code.strip()), ("company_id", "in", self.company_id._kho_dl_serving_ids())],
            limit=1,
        )
        # A case in memory: what is decided of numbers stands there.
        case = self.env["kho.dl.case"].new({"owner_id_number": number})
        return Plan(
            question=Question(
                procedure_code=self.procedure_code.strip(),
                codes=(CodeAsked(self.result_code.strip(), self.paper_number or ""),),
                owner_id_number=number,
                # An officer without a number of their own cannot ask at the counter.
                channel=min(channels.WITH_OFFICER if officer.kho_dl_id_number else channels.BY_CITIZEN),
                officer_id_number=officer.kho_dl_id_number or "",
                officer_name=officer.name,
            ),
            case_number=(self.case_number or "").strip(),
            procedure_name=procedure.name or self.procedure_code.strip(),
            owner_kind=case._portal_owner_kind(),
            identity_kind=case._portal_identity_kind(),
            officer_title=officer.partner_id.function or "",
            officer_name=officer.name,
            office=self.company_id.name,
            unit_code=self.company_id._kho_dl_unit(),
            own_link=self._new_probe_link(),
            own_content=PROBE,
        )
