from odoo import fields, models
from odoo.tools import SQL


class KhoDLMappingCoverage(models.Model):
    """How far the mapping is, by field and by agency: of the documents that can be reused, how many have a result."""

    _name = "kho.dl.mapping.coverage"
    _description = "Coverage of the mapping"
    _auto = False
    _order = "kind, percent, name"
    _depends = {
        "kho.dl.procedure.document": ["mapping_state", "procedure_id", "active"],
        "kho.dl.procedure": ["sector_id", "agency_ids", "company_id", "active"],
        "kho.dl.sector": ["name"],
        "kho.dl.agency": ["name"],
    }

    kind = fields.Selection([("all", "All"), ("sector", "Field"), ("agency", "Agency")], readonly=True)
    name = fields.Char(readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    procedure_count = fields.Integer("Procedures", readonly=True)
    mapped_count = fields.Integer("Mapped", readonly=True)
    open_count = fields.Integer("To be mapped", readonly=True)
    not_reusable_count = fields.Integer("Not reusable", readonly=True)
    percent = fields.Float(
        "Coverage", readonly=True, aggregator=None, help="In percent of the documents that can be reused."
    )

    @property
    def _table_query(self):
        return SQL(
            """
            WITH document AS (
                SELECT document.procedure_id, procedure.company_id, procedure.sector_id, document.mapping_state
                  FROM kho_dl_procedure_document AS document
                  JOIN kho_dl_procedure AS procedure ON procedure.id = document.procedure_id
                 WHERE document.active AND procedure.active
            ), grouped AS (
                SELECT 'all' AS kind, 0 AS part_id, %(all)s AS name, document.* FROM document
                UNION ALL
                SELECT 'sector', COALESCE(sector.id, 0), COALESCE(sector.name, %(no_sector)s), document.*
                  FROM document LEFT JOIN kho_dl_sector AS sector ON sector.id = document.sector_id
                UNION ALL
                SELECT 'agency', COALESCE(agency.id, 0), COALESCE(agency.name, %(no_agency)s), document.*
                  FROM document
                  LEFT JOIN kho_dl_agency_kho_dl_procedure_rel AS link
                    ON link.kho_dl_procedure_id = document.procedure_id
                  LEFT JOIN kho_dl_agency AS agency ON agency.id = link.kho_dl_agency_id
            )
            SELECT row_number() OVER (ORDER BY kind, part_id, company_id) AS id,
                   kind, name, company_id,
                   count(DISTINCT procedure_id)::integer AS procedure_count,
                   count(*) FILTER (WHERE mapping_state = 'mapped')::integer AS mapped_count,
                   count(*) FILTER (WHERE mapping_state = 'open')::integer AS open_count,
                   count(*) FILTER (WHERE mapping_state = 'not_reusable')::integer AS not_reusable_count,
                   -- Where nothing can be reused, nothing is left to map.
                   COALESCE(round(100.0 * count(*) FILTER (WHERE mapping_state = 'mapped')
                            / NULLIF(count(*) FILTER (WHERE mapping_state != 'not_reusable'), 0), 1), 100)::double precision
                       AS percent
              FROM grouped
             GROUP BY kind, part_id, name, company_id
            """,
            all=self.env._("All procedures"),
            no_sector=self.env._("No field"),
            no_agency=self.env._("No agency"),
        )
