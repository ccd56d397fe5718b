from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import checks, ready_groups, sessions  # noqa: F401  (checks register themselves)

        user_logged_in.connect(sessions.begin, dispatch_uid="accounts.sessions")
        user_logged_out.connect(sessions.finish, dispatch_uid="accounts.sessions")
        post_migrate.connect(ready_groups.after_migrate, sender=self, dispatch_uid="accounts.ready_groups")
