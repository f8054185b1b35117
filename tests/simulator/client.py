"""The calls of the guideline in their plainest form, so that tests can deviate from them one field at a time."""

from urllib.parse import quote

ACCOUNT = {"username": "h46", "password": "h46-demo"}
PORTAL = {
    "dstcode": "VN:GOV:000.00.00.G22:vpcpcdvcqgsub01",
    "providerurl": "https://apigiaytocanhan.dichvucong.gov.vn",
}
MEDICAL_LICENCE = "1.012289"
TIMEOUT = 10


class Client:
    """`session` (requests) may be replaced by anything that has its methods."""

    def __init__(self, url, session):
        self.url, self.session = url, session

    def address(self, path, adapter="XrdAdapter"):
        return f"{self.url}/{adapter}/RestService/forward/{path}"

    def post(self, path, body, params=None, **options):
        options = {"timeout": TIMEOUT, "allow_redirects": False, **options}
        return self.session.post(self.address(path), json=body, params=params, **options)

    def directory_login(self, **changes):
        return self.post("mapi/login", {**ACCOUNT, **changes})

    def papers_login(self, **changes):
        return self.post("bndp/public/v1/login", {**ACCOUNT, **changes}, PORTAL)

    def directory(self, session=None, params=None, **changes):
        session = session or self.directory_login().json()["session"]
        body = {"session": session, "madonvi": "H46", "service": "LayDanhMucSSTaiTep", **changes}
        return self.post("mapi/call", body, params)

    def token(self):
        return self.papers_login().json()["result"]["access_token"]

    def papers(self, owner, *codes, token=None, **changes):
        """Ask for `codes`, each a code or a pair of code and number; a change to None leaves the field out."""
        pairs = [code if isinstance(code, tuple) else (code, "") for code in codes]
        body = {
            "MaThuTuc": MEDICAL_LICENCE,
            "DanhSachDanhMucKetQua": [{"MaKetQua": code, "SoKyHieu": number} for code, number in pairs],
            "SoDinhDanhChuSoHuu": owner,
            "SoDinhDanhNguoiYeuCau": "000188000077",
            "HoTenNguoiYeuCau": "Hoàng Thị Hoa",
            "KenhThucHien": "1",
            **changes,
        }
        return self.ask({name: value for name, value in body.items() if value is not None}, token=token)

    def ask(self, body, token=None, params=PORTAL, headers=None):
        headers = {"Authorization": token or self.token(), **(headers or {})}
        return self.post("bndp/public/v1/user/papers", body, params, headers=headers)

    def found(self, owner, *codes, **changes):
        """Return the papers found."""
        answer = self.papers(owner, *codes, **changes).json()
        assert answer["errorCode"] == "0", answer
        return answer["result"]["DanhSachGiayToKetQua"]

    def file(self, providerurl, path, dstcode, adapter="VXPAdapter", query="", **options):
        """Fetch `path`, given as it was in the link, from the system `providerurl` behind `dstcode`."""
        routing = f"dstcode={quote(dstcode)}&providerurl={quote(providerurl, safe='')}"
        url = f"{self.address(path, adapter)}?{query}{'&' if query else ''}{routing}"
        return self.session.get(url, timeout=TIMEOUT, allow_redirects=False, **options)
