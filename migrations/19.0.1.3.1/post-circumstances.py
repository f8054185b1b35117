"""Circumstances that the catalogue named are known by that name, so that a name changed by hand makes no second ones."""


def migrate(cr, version):
    """Note the catalogue's name where the circumstances still have it."""
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
