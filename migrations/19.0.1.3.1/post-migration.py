from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Bring what an earlier version kept to 19.0.1.3.1."""
    _note_catalogue_names(cr)
    _guess_links(cr)
    _order_the_mapping_desk(cr)
    _note_who_was_told(cr)


def _note_catalogue_names(cr):
    """Note the catalogue's name where the circumstances still have it.

    Circumstances that the catalogue named are known by that name, so that a name changed by hand makes no second ones.
    """
    cr.execute(
        """
        UPDATE kho_dl_procedure_variant variant
           SET catalogue_name = variant.name
          FROM kho_dl_procedure procedure
         WHERE procedure.id = variant.procedure_id
           AND variant.catalogue_name IS NULL
           AND procedure.catalogue -> 'variants' ? variant.name
        """
    )


def _guess_links(cr):
    """Guess once of which accepted messages held links to results, as nobody noted it: those sent after a paper had entered.

    Where the agency has no address for others no message held any. The triggers count the indicators meanwhile.
    """
    cr.execute(
        """
        UPDATE kho_dl_outbox message SET has_links = TRUE
          FROM res_company company
         WHERE company.id = message.company_id AND company.kho_dl_own_providerurl <> ''
           AND message.kind = 'case' AND message.state = 'accepted' AND message.has_links IS NOT TRUE
           AND EXISTS (SELECT FROM kho_dl_paper paper
                        WHERE paper.case_id = message.case_id AND paper.state <> 'draft'
                          AND paper.entered_on <= message.closed_on)
        """
    )


def _order_the_mapping_desk(cr):
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


def _note_who_was_told(cr):
    """Take today's administrators for told of what lasts already.

    Alarms remember whom they were told to, so that only who joins later is told of one that lasts.
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    for alarm in env["kho.dl.alarm"].search([("ended_on", "=", False), ("told_user_ids", "=", False)]):
        alarm.told_user_ids = alarm._administrators()
