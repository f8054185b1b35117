"""Whether files can be looked into: the Python that does so, and its library."""

from ...gate.child_python import child_facts, is_safe
from ..health_check import Check, Place, _lt, of_all

_PLACE = Place("base.ir_config_list_action", _lt("System parameters"))


@of_all
def _python_facts(env):
    return child_facts(env)


class Python(Check):
    kind, sequence, place = "python", 70, _PLACE
    title = _lt("No file can be looked into: the Python for it cannot be used (%(fault)s)")
    advice = _lt(
        "Correct the system parameter “kho_dl.python”, or empty it. Files wait until then; nothing was lost, and "
        "no certified copy can be made."
    )
    measures = (_python_facts,)
    is_for_all = True

    def judge(self, facts, company, now):
        return self.danger(fault=facts.python_fault) if facts.python_fault else None


class Library(Check):
    kind, sequence, place = "library", 210, _PLACE
    title = _lt("Files are looked into with pyHanko %(version)s, which has a known security fault")
    advice = _lt(
        "Install pyHanko 0.36.2 or later. Where Odoo's own packages forbid it, put it into a Python environment of "
        "its own, and name that in the system parameter “kho_dl.python”."
    )
    measures = (_python_facts,)
    is_for_all = True
    # An installation may be bound to it by Odoo's own requirements: said, but nobody is written to.
    is_quiet = True

    def judge(self, facts, company, now):
        return self.warning(version=facts.library) if facts.library and not is_safe(facts.library) else None


class Renderer(Check):
    kind, sequence, place = "renderer", 220, _PLACE
    title = _lt("Papers are chosen without a preview: the Python library pypdfium2 is missing")
    advice = _lt(
        "Install pypdfium2 where files are looked into: in Odoo's Python, or in the one that the system parameter "
        "“kho_dl.python” names."
    )
    measures = (_python_facts,)
    is_for_all = True
    is_quiet = True

    def judge(self, facts, company, now):
        return None if facts.has_renderer or facts.python_fault else self.warning()
