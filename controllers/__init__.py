from . import catalogue, demand, health, import_template, papers, proof
