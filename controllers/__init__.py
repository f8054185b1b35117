from . import applications, check, downloads, health, papers, portal
