from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_logged_out


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import sessions

        user_logged_in.connect(sessions.begin, dispatch_uid="accounts.sessions")
        user_logged_out.connect(sessions.finish, dispatch_uid="accounts.sessions")
