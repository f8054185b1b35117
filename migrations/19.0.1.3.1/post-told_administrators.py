"""Alarms remember whom they were told to, so that only who joins later is told of one that lasts."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Take today's administrators for told of what lasts already."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    for alarm in env["kho.dl.alarm"].search([("ended_on", "=", False), ("told_user_ids", "=", False)]):
        alarm.told_user_ids = alarm._administrators()
