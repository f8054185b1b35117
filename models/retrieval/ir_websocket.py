from odoo import models

_CASE_CHANNEL = "kho_dl.case_"
# Nobody has more cases open in one browser.
_MOST_CASES = 50
# Of the largest id that PostgreSQL gives.
_MOST_DIGITS = 10


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        """Let a browser follow the cases that it names, as far as its user may read them."""
        named = [channel for channel in channels if isinstance(channel, str) and channel.startswith(_CASE_CHANNEL)]
        others = [channel for channel in channels if channel not in named]
        digits = (channel.removeprefix(_CASE_CHANNEL) for channel in named)
        # Each once; what is longer than any id is none.
        ids = list(dict.fromkeys(int(one) for one in digits if one.isdecimal() and len(one) <= _MOST_DIGITS))
        # Searched, not browsed: the rules of companies hold, and a case that is gone is none.
        cases = self.env["kho.dl.case"]
        if ids and cases.has_access("read"):
            others.extend(cases.with_context(active_test=False).search([("id", "in", ids[:_MOST_CASES])]))
        return super()._build_bus_channel_list(others)
