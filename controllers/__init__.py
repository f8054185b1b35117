from . import check, downloads, health, papers, portal
