"""Every setting of the panel, each from the environment or from `.env`; the environment wins.

docs/settings.md describes them all; a test compares that page with the calls below.
"""

import os
import platform
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from vpopmail import detect
from vqweb import mail_url
from vqweb.proxies import Proxies

BASE_DIR = Path(__file__).resolve().parent.parent


def _dotenv(path: Path) -> dict[str, str]:
    """KEY=VALUE lines of a `.env` file; quotes around a value are dropped."""
    if not path.is_file():
        return {}
    values = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        key, equals, value = line.partition("=")
        if not equals:
            raise ImproperlyConfigured(f"{path}, line {number}: KEY=VALUE expected")
        values[key.strip().removeprefix("export ")] = value.strip().strip("\"'")
    return values


# Not in capitals: as a setting of Django's it would stand in error reports, passwords of databases and all.
_environ: Mapping[str, str] = {**_dotenv(BASE_DIR / ".env"), **os.environ}


def env(name: str, default: str = "") -> str:
    return _environ.get(name, "") or default


def envchoice(name: str, *choices: str) -> str:
    """One of `choices`; the first is the default."""
    value = env(name, choices[0])
    if value not in choices:
        raise ImproperlyConfigured(f"{name}={value!r}: must be one of {', '.join(choices)}")
    return value


def envint(name: str, default: int) -> int:
    value = env(name)
    if not value:
        return default
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={value!r}: must be a whole number") from None


def envbool(name: str, default: bool) -> bool:
    value = env(name).lower()
    if value not in ("", "0", "1", "no", "yes", "off", "on", "false", "true"):
        raise ImproperlyConfigured(f"{name}={value!r}: must be on or off")
    return default if not value else value in ("1", "yes", "on", "true")


def envtable(name: str) -> str:
    """The name of a table of vpopmail's database, or ""."""
    value = env(name)
    if value and not re.fullmatch(r"[A-Za-z0-9_]{1,64}", value):
        raise ImproperlyConfigured(f"{name}={value!r}: must be the name of a table")
    return value


def envpath(name: str, default: Path) -> Path:
    return Path(os.path.abspath(env(name) or default))


def _proxies() -> Proxies:
    """TRUSTED_PROXIES; BEHIND_PROXY, which believed everybody, is not taken for it in silence."""
    if envbool("BEHIND_PROXY", False) and not env("TRUSTED_PROXIES"):
        raise ImproperlyConfigured(
            "BEHIND_PROXY is now TRUSTED_PROXIES, the addresses of the proxy: TRUSTED_PROXIES=127.0.0.1"
        )
    try:
        return Proxies.parse(env("TRUSTED_PROXIES"))
    except ValueError as error:
        raise ImproperlyConfigured(f"TRUSTED_PROXIES: {error}") from None


def _secret_key(state: Path) -> str:
    """SECRET_KEY, or the contents of SECRET_KEY_FILE, or a key made once and kept in the state directory."""
    if env("SECRET_KEY"):
        return env("SECRET_KEY")
    path = envpath("SECRET_KEY_FILE", state / "secret_key")
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        if env("SECRET_KEY_FILE"):
            raise ImproperlyConfigured(f"SECRET_KEY_FILE={path}: there is no such file") from None
    except OSError as error:
        raise ImproperlyConfigured(f"the secret key in {path} cannot be read: {error.strerror}") from None
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass  # another process was first
    return path.read_text().strip()


# --- The panel's own state -------------------------------------------------------------------------

VQWEB_STATE = envpath("VQWEB_STATE", BASE_DIR / "var")
SECRET_KEY = _secret_key(VQWEB_STATE)
DEBUG = envbool("DEBUG", False)
ALLOWED_HOSTS = [host.strip() for host in env("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")]
CSRF_TRUSTED_ORIGINS = [origin.strip() for origin in env("CSRF_TRUSTED_ORIGINS").split(",") if origin.strip()]
PORT = envint("PORT", 8000)

# --- vpopmail and qmail ----------------------------------------------------------------------------

VPOPMAIL_HOME = envpath("VPOPMAIL_HOME", VQWEB_STATE / "vpopmail")
QMAIL_HOME = envpath("QMAIL_HOME", VQWEB_STATE / "qmail")
VPOPMAIL_ENGINE = envchoice("VPOPMAIL_ENGINE", "native")
VPOPMAIL_LAYOUT = envchoice("VPOPMAIL_LAYOUT", "auto", "many-domains", "per-domain")
VPOPMAIL_ALIASES = envchoice("VPOPMAIL_ALIASES", "auto", "sql", "files")
VPOPMAIL_LIMITS = envchoice("VPOPMAIL_LIMITS", "auto", "sql", "files")
VPOPMAIL_CLEAR_PASSWORDS = envchoice("VPOPMAIL_CLEAR_PASSWORDS", "off", "keep")
VPOPMAIL_HELPER = env("VPOPMAIL_HELPER")
VPOPMAIL_UID = envint("VPOPMAIL_UID", detect.uid(VPOPMAIL_HOME))
VPOPMAIL_GID = envint("VPOPMAIL_GID", detect.gid(VPOPMAIL_HOME))
VPOPMAIL_DOVEADM = env("VPOPMAIL_DOVEADM")
VPOPMAIL_EZMLM = env("VPOPMAIL_EZMLM", "/usr/local/bin/ezmlm")
_CHKUSER = ("chkuser", "chkuser-always", "chkuser-domain")
VPOPMAIL_RECIPIENT_CHECK = envchoice(
    "VPOPMAIL_RECIPIENT_CHECK", "auto", *_CHKUSER, "vrcptcheck", "validrcptto", "none"
)
VACATION_PROGRAM = envchoice("VACATION_PROGRAM", "auto", "autorespond", "qmail-autoresponder", "off")
FORWARDING_DESTINATIONS = envint("FORWARDING_DESTINATIONS", 5)
VPOPMAIL_TRASH_DAYS = envint("VPOPMAIL_TRASH_DAYS", 30)
VPOPMAIL_SA_ADMIN = envbool("VPOPMAIL_SA_ADMIN", False)
DOVECOT_QUOTA_TABLE = envtable("DOVECOT_QUOTA_TABLE")
VPOPMAIL_EMPTY_TRASH = envbool("VPOPMAIL_EMPTY_TRASH", False)

# --- Databases -------------------------------------------------------------------------------------


def _sqlite(settings: dict[str, Any], pragmas: str) -> dict[str, Any]:
    settings["OPTIONS"] = {
        **settings.get("OPTIONS", {}),
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": pragmas,
    }
    return settings


def _mysql(settings: dict[str, Any]) -> dict[str, Any]:
    settings["OPTIONS"] = {
        "charset": "utf8mb4",
        "sql_mode": "STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO",
        "isolation_level": "read committed",
        "connect_timeout": 5,
        # Seconds for a row and for a whole table; a server's own limits are 50 seconds and a day.
        "init_command": "SET SESSION innodb_lock_wait_timeout = 10, SESSION lock_wait_timeout = 10",
        **settings.get("OPTIONS", {}),
    }
    return settings


def _database(name: str, url: str, pragmas: str) -> dict[str, Any]:
    try:
        settings: dict[str, Any] = dict(dj_database_url.parse(url))
    except (ValueError, KeyError) as error:
        raise ImproperlyConfigured(f"{name}: not a database URL ({error})") from None
    settings["CONN_MAX_AGE"] = 60
    settings["CONN_HEALTH_CHECKS"] = True
    if settings["ENGINE"] == "django.db.backends.sqlite3":
        return _sqlite(settings, pragmas)
    if settings["ENGINE"] == "django.db.backends.mysql":
        return _mysql(settings)
    raise ImproperlyConfigured(f"{name}: only mysql:// and sqlite:// are supported")


def _vpopmail_url() -> str:
    """VPOPMAIL_DATABASE_URL, else what `etc/vpopmail.mysql` says, else the embedded store's SQLite file."""
    return (
        env("VPOPMAIL_DATABASE_URL")
        or detect.database_url(VPOPMAIL_HOME)
        or f"sqlite:///{VPOPMAIL_HOME / 'domains' / '_vpopmail.sqlite'}"
    )


DATABASES = {
    "default": _database(
        "DATABASE_URL",
        env("DATABASE_URL", f"sqlite:///{VQWEB_STATE / 'panel.sqlite'}"),
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
    ),
    "vpopmail": _database("VPOPMAIL_DATABASE_URL", _vpopmail_url(), "PRAGMA synchronous=FULL"),
}
DATABASE_ROUTERS = ["vpopmail.router.VpopmailRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Django ----------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "vqweb",
    "domains",
    "accounts",
    "aliasdomains",
    "server",
    "audit",
    "web",
    "vpopmail",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "accounts.overview",
    "accounts.second_factor",  # its admin.py takes back what the former registers
]

MIDDLEWARE = [
    "vqweb.proxies.ProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "vqweb.outage.OutageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.StillAllowedMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "audit.origin.OriginMiddleware",
    "accounts.second_factor.gate.SecondFactorMiddleware",
    "accounts.looking.LookingMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "web.confirm.AdminConfirmationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "vqweb.urls"
WSGI_APPLICATION = "vqweb.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "web.context.panel",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"  # widgets of our own lie in templates/ too
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

FOLLOWERS = [
    "accounts.lives.after_change",
    "accounts.vacations.after_change",
]  # of changes that were made (audit.log.follow)
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.AdministratorBackend", "accounts.backends.MailAccountBackend"]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "dashboard"
LOGOUT_REDIRECT_URL = "sign-in"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]  # those the panel is translated to; Django alone would speak a hundred
TIME_ZONE = env("TIME_ZONE", "UTC")
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VQWEB_STATE / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- Security --------------------------------------------------------------------------------------

HTTPS = envbool("HTTPS", False)
TRUSTED_PROXIES = _proxies()
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# `__Host-`: browsers take such a cookie from this host alone and over HTTPS, not from a sister domain.
SESSION_COOKIE_NAME = "__Host-sessionid" if HTTPS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if HTTPS else "csrftoken"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"  # Strict: links in mails would lead to the sign-in
SESSION_HOURS = envint("SESSION_HOURS", 12)
SESSION_IDLE_MINUTES = envint("SESSION_IDLE_MINUTES", 60)
SESSION_COOKIE_AGE = SESSION_HOURS * 3600
CONFIRM_MINUTES = envint("CONFIRM_MINUTES", 10)
SIGN_IN_FLOOR_MS = envint("SIGN_IN_FLOOR_MS", 500)
SIGN_IN_TRIES = envint("SIGN_IN_TRIES", 10)
SIGN_IN_NETWORK_TRIES = envint("SIGN_IN_NETWORK_TRIES", 50)
SIGN_IN_WAIT_MINUTES = envint("SIGN_IN_WAIT_MINUTES", 15)
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no third cookie
SECURE_HSTS_SECONDS = envint("HSTS_SECONDS", 31_536_000) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = bool(SECURE_HSTS_SECONDS)
SECURE_REFERRER_POLICY = SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
DEFAULT_EXCEPTION_REPORTER_FILTER = "vqweb.reports.Discreet"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# --- The second factor and the panel's own mail -----------------------------------------------------

REQUIRE_SECOND_FACTOR = envchoice("REQUIRE_SECOND_FACTOR", "off", "administrators", "everybody")
DEFAULT_FROM_EMAIL = env("MAIL_FROM", f"vqweb@{platform.node()}")
SENDMAIL = QMAIL_HOME / "bin" / "sendmail"
vars().update(mail_url.settings_of(env("MAIL_URL")))

# --- Logging ---------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env("LOG_LEVEL", "INFO")},
}
