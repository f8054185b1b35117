def migrate(cr, version):
    """Warnings about an old directory are alarms now: the activities of before would never go away."""
    cr.execute("DELETE FROM mail_activity WHERE res_model = 'kho.dl.directory.refresh' AND automated")
