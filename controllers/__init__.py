from . import import_template, proof
