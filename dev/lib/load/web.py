"""A clerk's browser as far as the server sees it: a session with cookies, calls of the web client, and what went wrong."""

import time

import requests

from ..console import Failure

# Who is told that the connection was lost presses again after so long (s), and goes home after that.
_PAUSE, _PATIENCE = 1, 180


class Refused(Exception):
    """An answer that is an error: `kind` is Odoo's name of it, `words` what the clerk reads."""

    def __init__(self, kind, words):
        super().__init__(f"{kind}: {words}")
        self.kind, self.words = kind, words


class Browser:
    """A clerk who is logged in at one of `nodes`, and goes to the next one where that does not answer, as behind a proxy."""

    def __init__(self, nodes, database, clerk, ledger):
        self._nodes, self._ledger = nodes, ledger
        self._place = clerk.office % len(nodes)
        self._session = requests.Session()
        self._session.trust_env = False
        parameters = {"db": database, "login": clerk.login, "password": clerk.password}
        self._user = self._json("/web/session/authenticate", parameters)
        self._context = {"lang": "vi_VN", "tz": "Asia/Ho_Chi_Minh", "allowed_company_ids": [clerk.office]}

    def close(self):
        """Close the window."""
        self._session.close()

    def call(self, model, method, *args, context=None, **kwargs):
        """Call a method as the web client does. Raises Refused."""
        return self._call("call_kw", model, method, args, context, kwargs)

    def press(self, model, method, *args, context=None):
        """Press a button. Raises Refused."""
        return self._call("call_button", model, method, args, context, {})

    def upload(self, model, record, files):
        """Attach files, [(name, content)], as Odoo's own attachment box does. Raises Refused."""
        sent = [("ufile", (name, content, "application/pdf")) for name, content in files]
        form = {"model": model, "id": str(record), "csrf_token": self._token()}
        answer = self._send("/web/binary/upload_attachment", data=form, files=sent)
        try:
            done = answer.json()
        except ValueError:
            done = [{"error": f"HTTP {answer.status_code}"}]
        if faulty := [row["error"] for row in done if "error" in row]:
            raise self._refused("upload", faulty[0])
        return done

    def _call(self, route, model, method, args, context, kwargs):
        kwargs = {**kwargs, "context": {**self._context, **(context or {})}}
        parameters = {"model": model, "method": method, "args": list(args), "kwargs": kwargs}
        return self._json(f"/web/dataset/{route}/{model}/{method}", parameters)

    def _json(self, path, parameters):
        answer = self._send(path, json={"jsonrpc": "2.0", "method": "call", "params": parameters})
        try:
            body = answer.json()
        except ValueError:
            raise self._refused(f"HTTP {answer.status_code}", path) from None
        if error := body.get("error"):
            data = error.get("data") or {}
            raise self._refused(data.get("name", "?"), data.get("message") or error.get("message", ""))
        return body.get("result")

    def _send(self, path, **options):
        """Post to the node that answers; a connection that breaks is counted, and tried again as the clerk would."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                answer = self._session.post(f"{self._nodes[self._place].url}{path}", timeout=120, **options)
                if answer.status_code not in (502, 503, 504):
                    return answer
            except requests.RequestException:
                pass
            self._ledger.count("connection lost")
            if time.monotonic() > deadline:
                raise Failure(f"For {_PATIENCE} s no node of Odoo answered.")
            self._place = (self._place + 1) % len(self._nodes)
            time.sleep(_PAUSE)

    def _refused(self, kind, words):
        self._ledger.count(kind.rpartition(".")[2], words)
        return Refused(kind, words)

    def _token(self):
        if "csrf_token" not in self._user:
            page = self._session.get(f"{self._nodes[self._place].url}/odoo", timeout=60).text
            self._user["csrf_token"] = page.partition('csrf_token: "')[2].partition('"')[0]
        return self._user["csrf_token"]
