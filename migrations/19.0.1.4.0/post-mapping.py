def migrate(cr, version):
    """Candidates of before were scored as if a word more told nothing: bulk acceptance must not take them."""
    cr.execute("UPDATE kho_dl_procedure_document SET candidates_on = NULL WHERE mapping_state = 'open'")
