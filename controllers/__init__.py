from . import demand, health, import_template, papers, proof
