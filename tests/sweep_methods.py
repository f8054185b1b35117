"""The public methods of the add-on, found in the registry, and what people might give them."""

import inspect

from .sweep_maker import ADD_ON, MARK
from .sweep_world import MISSING_ID

_NOT_OURS = {"create", "write", "unlink", "copy", "copy_data", "read", "default_get", "name_search", "onchange", "init"}
# What people give for an argument of a public method, by the end of its name; the rest gets the last.
_PLAUSIBLE = {
    "_ids": ([], ["foreign"], ["missing"]),
    "_id": (False, "foreign", "missing"),
    "score": (0, 100),
    "kind": ("directory", "nonsense"),
    "limit": (5,),
    "with_namesakes": (True,),
    "is_trial": (True, False),
    "filters": ({"sector_id": "foreign", "agency_id": "foreign", "text": MARK},),
    "": ("nonsense",),
}


def public_methods(env):
    """Yield (model name, method name, function) of what the add-on lets anybody call, found in the registry."""
    for name, model in sorted(env.registry.items()):
        for method in dir(model):
            if method.startswith("_") or method in _NOT_OURS:
                continue
            owners = [cls for cls in model.mro() if method in vars(cls)]
            ours = [cls for cls in owners if cls.__module__.startswith(f"odoo.addons.{ADD_ON}.")]
            # What Odoo itself lets anybody call is Odoo's to answer for, also where we stand before it.
            is_odoos = len(ours) < len(owners) and not name.startswith("kho.dl.")
            function = getattr(model, method)
            if (
                ours
                and not is_odoos
                and inspect.isfunction(function)
                and not any(_is_private(vars(cls)[method]) for cls in owners)
            ):
                yield name, method, function


def _is_private(function):
    return getattr(function, "_api_private", False)


def arguments(function, foreign_id):
    """Return lists of plausible values for what `function` takes beside its records: what it must have, then all of it."""
    parameters = [
        parameter
        for parameter in list(inspect.signature(function).parameters.values())[1:]
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    ]
    required = [parameter.name for parameter in parameters if parameter.default is parameter.empty]
    lists = _lists(required, foreign_id)
    return lists if len(required) == len(parameters) else lists + _lists([one.name for one in parameters], foreign_id)


def _lists(names, foreign_id):
    choices = [next(values for end, values in _PLAUSIBLE.items() if name.endswith(end)) for name in names]
    width = max(map(len, choices), default=1)
    return [[_filled(values[turn % len(values)], foreign_id) for values in choices] for turn in range(width)]


def _filled(value, foreign_id):
    if isinstance(value, list):
        return [_filled(one, foreign_id) for one in value]
    if isinstance(value, dict):
        return {name: _filled(one, foreign_id) for name, one in value.items()}
    return {"foreign": foreign_id, "missing": MISSING_ID}.get(value, value)


def is_for_model(function):
    """Whether `function` is called without records."""
    return getattr(function, "_api_model", False)
