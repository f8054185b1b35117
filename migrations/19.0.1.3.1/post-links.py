def migrate(cr, version):
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
