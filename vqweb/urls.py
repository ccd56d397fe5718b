"""The whole map. Every name is unique; the tables of each room are in its own urls.py.

/                               dashboard
/search/                        search over everything
/domains/…                      domains.urls; accounts.urls: accounts and aliases of a domain;
                                aliasdomains.urls: its alias domains
/aliasdomains/…                 aliasdomains.urls
/accounts/                      accounts.urls
/server/…                       server.urls: the machine as a whole
/activity/…                     audit.urls: the journal
/activity/<key>/revert/         takes an entry of it back
/sign-in/… /sign-out/           accounts.sign_in_urls; one's own sessions as well
/admin/                         Django's admin
/health/                        for monitoring
"""

from django.contrib import admin
from django.urls import include, path

from accounts.sign_in import admin_sign_in
from accounts.sign_in_views import own_administrator_password
from vqweb.dashboard import dashboard
from vqweb.health import health
from vqweb.recover_page import recover_entries
from vqweb.revert_page import revert_entry
from vqweb.search import search
from vqweb.who_may import who_may_do_what

urlpatterns = [
    path("", dashboard, name="dashboard"),
    path("search/", search, name="search"),
    path("", include("domains.urls")),
    path("", include("accounts.urls")),
    path("", include("accounts.second_factor.urls")),
    path("", include("aliasdomains.urls")),
    path("server/who-may-do-what/", who_may_do_what, name="who-may-do-what"),
    path("", include("server.urls")),
    path("activity/<str:key>/revert/", revert_entry, name="revert-entry"),
    path("activity/recover/", recover_entries, name="recover"),
    path("activity/", include("audit.urls")),
    path("", include("accounts.own_urls")),
    path("", include("accounts.sign_in_urls")),
    path("admin/login/", admin_sign_in, name="admin-sign-in"),
    path("admin/password_change/", own_administrator_password, name="admin-password"),
    path("admin/", admin.site.urls),
    path("health/", health, name="health"),
]

handler400 = "vqweb.errors.bad_request"
handler403 = "vqweb.errors.forbidden"
handler404 = "vqweb.errors.not_found"
handler500 = "vqweb.errors.server_error"
