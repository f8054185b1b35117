from unittest.mock import patch

from psycopg2 import OperationalError

from odoo.tests import tagged

from ..models.common import session_pooling
from ..models.common.session_pooling import changes_sessions
from .test_health import HealthCase


@tagged("post_install", "-at_install")
class TestHealthPooling(HealthCase):
    """PostgreSQL itself; poolers are tried in tests/packages."""

    # Proves K.3-1.
    def test_postgresql_itself_keeps_a_session_for_each_connection(self):
        self.assertIs(changes_sessions(self.env.cr.dbname), False)
        self.assertNotIn("transaction_pooling", self.kinds())

    def test_where_no_connection_is_free_nothing_is_said(self):
        with patch.object(session_pooling, "db_connect") as full:
            full.return_value.cursor.side_effect = OperationalError
            self.assertIs(changes_sessions(self.env.cr.dbname), False)
