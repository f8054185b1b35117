def migrate(cr, version):
    """Documents that were never counted or skipped had no value, and PostgreSQL put those before the most wanted."""
    cr.execute(
        """
        UPDATE kho_dl_procedure_document
           SET waiting_count = COALESCE(waiting_count, 0), is_mapping_skipped = COALESCE(is_mapping_skipped, FALSE)
         WHERE waiting_count IS NULL OR is_mapping_skipped IS NULL
        """
    )
    # Candidates of before were scored without what tells papers apart: bulk acceptance must not take them.
    cr.execute("UPDATE kho_dl_procedure_document SET candidates_on = NULL WHERE mapping_state = 'open'")
