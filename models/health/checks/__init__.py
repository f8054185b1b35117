"""What is looked at, and what is said of it: a check a file, or a few that share a measure.

A new check is one new file here with a subclass of `..health_check.Check`: its `kind`, its `sequence` among the others, and its
`place`, where an administrator sees to it. Its `measures` return facts of a company (marked `of_all` where they are those of
the database), `judge` decides whether they are a trouble, and `title` and `advice` say what it is and what to do. A fact for
the monitoring is named in its `counts` or `times` and stands on the board (`docs/monitoring/grafana.json`), and one for the page is
a field of `kho.dl.health` with the same name, in the same file.
"""

import importlib
import pkgutil

for _module in pkgutil.iter_modules(__path__, f"{__name__}."):
    importlib.import_module(_module.name)
