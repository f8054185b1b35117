from . import applications, businesses, check, downloads, following, health, papers, portal, portal_papers, sign_in
