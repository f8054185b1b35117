from . import applications, businesses, check, downloads, health, papers, portal, sign_in
