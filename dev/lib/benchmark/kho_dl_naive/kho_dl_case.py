from urllib.parse import urlsplit

import requests

from odoo import models


class KhoDLCase(models.Model):
    """Papers of the applicant in one loop: no check of a file, no journal, no progress, nothing that goes on later."""

    _inherit = "kho.dl.case"

    def naive_search(self):
        """Ask the national store; return [{name, link, dstcode}] of the files that it knows."""
        company = self.company_id.sudo()
        route = {"dstcode": company.kho_dl_papers_dstcode, "providerurl": company.kho_dl_papers_providerurl}
        asked = self.document_ids.filtered(lambda document: not document.needs_number)
        codes = asked.result_code_ids.mapped("code")
        servers = self.env["kho.dl.security.server"].search([])
        question = {
            "MaThuTuc": self.procedure_id.code,
            "SoDinhDanhChuSoHuu": self.owner_id_number,
            "SoDinhDanhNguoiYeuCau": self.officer_id.kho_dl_id_number,
            "HoTenNguoiYeuCau": self.officer_id.name,
            "DanhSachDanhMucKetQua": [{"MaKetQua": code, "SoKyHieu": ""} for code in codes],
            "KenhThucHien": self.channel,
        }
        with requests.Session() as session:
            account = {"username": company.kho_dl_username, "password": company.kho_dl_password}
            login = session.post(
                self._naive_url(company.kho_dl_papers_login_path), params=route, json=account, timeout=30
            )
            session.headers["Authorization"] = login.json()["result"]["access_token"]
            answer = session.post(self._naive_url(company.kho_dl_papers_path), params=route, json=question, timeout=30)
            answer.raise_for_status()
        return [
            {
                "name": file["TenFile"],
                "link": file["DuongDan"],
                "dstcode": servers.filtered(lambda server, paper=paper: server.code == paper["CoQuanChuQuan"])[
                    :1
                ].dstcode,
            }
            for paper in answer.json()["result"]["DanhSachGiayToKetQua"]
            for file in paper["DanhSachTepDinhKem"]
        ]

    def naive_attach(self, files):
        """Fetch `files`, as `naive_search` returned them, and attach them to the case."""
        with requests.Session() as session:
            contents = [self._naive_fetch(session, file) for file in files]
        self.env["ir.attachment"].create(
            [
                {"name": file["name"], "raw": raw, "res_model": self._name, "res_id": self.id}
                for file, raw in zip(files, contents, strict=True)
            ]
        )

    def _naive_fetch(self, session, file):
        link = urlsplit(file["link"])
        route = {"dstcode": file["dstcode"], "providerurl": f"{link.scheme}://{link.netloc}"}
        answer = session.get(self._naive_url(link.path[1:], "VXPAdapter"), params=route, timeout=30)
        answer.raise_for_status()
        return answer.content

    def _naive_url(self, path, adapter="XrdAdapter"):
        return f"{self.company_id.sudo().kho_dl_ss_url}/{adapter}/RestService/forward/{path}"
