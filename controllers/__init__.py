from . import applications, businesses, check, downloads, following, health, papers, portal, sign_in
