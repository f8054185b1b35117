from unittest.mock import patch

from psycopg2 import OperationalError

from odoo.tests import tagged

from ..controllers.health import Health
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

    def test_a_replica_is_not_asked_how_the_primary_is(self):
        self.assertIs(Health.health.original_routing["readonly"], False)
        # Sums of past days are much to read, and may be a moment old.
        self.assertIs(Health.statistics.original_routing["readonly"], True)
