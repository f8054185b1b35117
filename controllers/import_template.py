import io

import xlsxwriter

from odoo import http
from odoo.http import content_disposition, request

# The columns of a table of old results, in the order in which an office fills them in.
COLUMNS = (
    "name",
    "result_code_id",
    "number",
    "owner_name",
    "owner_id_number",
    "agency",
    "agency_code",
    "date_issued",
    "date_expiry",
    "kind",
    "abstract",
    "file",
)
_EXAMPLE = {
    "result_code_id": "KQ.G15.000007",
    "number": "12/2019",
    "owner_id_number": "000190000011",
    "date_issued": "2019-05-06",
    "file": "12-2019.pdf",
}


class ImportTemplate(http.Controller):
    """Hands out an empty table for old results, with the headings that the import knows in the user's language."""

    @http.route("/kho_dl/import_template", type="http", auth="user", methods=["GET"], readonly=True)
    def template(self):
        papers = request.env["kho.dl.paper"]
        if not papers.has_access("create"):
            raise request.not_found()
        labels = papers.fields_get(COLUMNS, ["string", "selection"])
        example = {**_EXAMPLE, "name": request.env._("Criminal record certificate"), "owner_name": "Nguyễn Văn A"}
        example["kind"] = labels["kind"]["selection"][0][1]
        return request.make_response(
            _table([labels[name]["string"] for name in COLUMNS], [example.get(name, "") for name in COLUMNS]),
            headers=[
                ("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
                ("Content-Disposition", content_disposition(request.env._("old results") + ".xlsx")),
            ],
        )


def _table(headings, example):
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        # As text: a long number must not become 1.9E+11, nor lose its zeros.
        text = workbook.add_format({"num_format": "@"})
        sheet.set_column(0, len(headings) - 1, 20, text)
        sheet.write_row(0, 0, headings, workbook.add_format({"bold": True}))
        for column, value in enumerate(example):
            sheet.write_string(1, column, value, text)
    return content.getvalue()
