"""The one settings file: complete with no environment at all, and changed only through it (see .env.example)."""

import os
import sys
from pathlib import Path

import dj_database_url
from django.utils.translation import gettext_lazy as _

from visionary import env, login_providers, mail, secrets_file
from visionary.common import redis_url

ROOT = env.ROOT
DATA_DIR = env.folder("DATA_DIR", "var")
RUN_DIR = redis_url.run_dir(DATA_DIR)

SITE_NAME, SITE_NAME_ZH = "Visionary Art", "智绘"
DEBUG = env.flag("DEBUG")
SECRET_KEY = env.text("SECRET_KEY") or secrets_file.read_or_create(DATA_DIR / "secret_key")
HOST = env.text("HOST", "127.0.0.1")
PORT = env.number("PORT", 8000)
HTTPS = env.flag("HTTPS")
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS", f"localhost,127.0.0.1,[::1],{HOST}")
CSRF_TRUSTED_ORIGINS = env.names("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "visionary",
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    *login_providers.apps(),
    "channels",
    "django_filters",
    "django_rq",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "accounts",
    "safety",
    "models_hub",
    "gallery",
    "social",
    "generation",
]

MIDDLEWARE = [
    "visionary.common.request_id.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.presence.PresenceMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "visionary.common.security.ContentSecurityPolicyMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.SecondFactorForStaff",
]

ROOT_URLCONF = "visionary.urls"
ASGI_APPLICATION = "visionary.asgi.application"
WSGI_APPLICATION = "visionary.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "visionary.context.site",
            ],
        },
    }
]

# --- Database -------------------------------------------------------------------------------------

DATABASES = {
    "default": dj_database_url.parse(env.text("DATABASE_URL", f"sqlite:///{DATA_DIR / 'db.sqlite3'}"), conn_max_age=60)
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY;",
        # Take the write lock at BEGIN: a transaction that reads first and writes later would fail at once
        # with "database is locked" instead of waiting its turn.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
    }
    # In memory, SQLite locks whole tables between threads instead of waiting: tests use a file as the site does.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["OPTIONS"] = {
        "charset": "utf8mb4",
        "isolation_level": "read committed",
        "init_command": "SET sql_mode='STRICT_TRANS_TABLES'",
    }
    # MariaDB's default collation holds all emoji equal, and é equal to e.
    DATABASES["default"]["TEST"] = {"CHARSET": "utf8mb4", "COLLATION": "utf8mb4_uca1400_as_ci"}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis: queue 0, cache 1, channels 2 ----------------------------------------------------------

REDIS_URL = env.text("REDIS_URL")  # empty: the bundled server
REDIS_CACHE_URL = env.text("REDIS_CACHE_URL")  # empty: the same server as the queue
_queue, _cache, _channels = redis_url.three(REDIS_URL, REDIS_CACHE_URL, RUN_DIR, env.number("REDIS_DB_OFFSET", 0))
QUEUE_URL = _queue

CACHES = {
    "default": {
        "BACKEND": "visionary.common.cache.Cache",
        "LOCATION": _cache,
        "KEY_PREFIX": "visionary",
        # Without its cache the site is slower, not gone.
        "OPTIONS": {"IGNORE_EXCEPTIONS": True, "SOCKET_CONNECT_TIMEOUT": 1, "SOCKET_TIMEOUT": 1},
    }
}
DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        # The layer waits 5 s at a time for messages; redis-py's own limit of 5 s would cut that off with an error.
        "CONFIG": {"hosts": [{"address": _channels, "socket_timeout": 30}], "expiry": 60},
    }
}
# At once: the services enqueue in transaction.on_commit themselves.
RQ = {"COMMIT_MODE": "auto"}
RQ_SHOW_ADMIN_LINK = False  # its pages are at /admin/queues/ (visionary.queue_pages), guarded
RQ_QUEUES = {
    # JSON, not pickle: whoever can write to Redis must not be able to run code in a worker.
    name: {"URL": _queue, "SERIALIZER": "rq.serializers.JSONSerializer", "DEFAULT_TIMEOUT": timeout}
    for name, timeout in {"render": env.number("RENDER_TIMEOUT", 3600), "small": 600}.items()
}

# --- People ---------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
# How often one may try, on the pages and through the API alike (accounts.attempts); what is not named here keeps
# allauth's own limits. "ip": an address (a school or an office comes from one), "key": an account, whoever asks.
ACCOUNT_RATE_LIMITS = {
    "signup": env.text("SIGNUP_RATE", "20/m/ip"),
    "login_failed": env.text("LOGIN_RATE", "30/5m/ip,5/5m/key"),  # passwords, and codes of the second factor
    "reset_password": env.text("RESET_RATE", "20/m/ip,5/h/key"),
    "reset_password_from_key": "20/m/ip",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*"]
# none, optional (a letter, but no duty) or mandatory (no signing in before the address is confirmed)
ACCOUNT_EMAIL_VERIFICATION = env.choice("ACCOUNT_EMAIL_VERIFICATION", "optional", ("none", "optional", "mandatory"))
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a letter when password, address or second factor change
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "accounts.reset.TokenGenerator"  # noqa: S105
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
# Strict: a sign-up with a taken e-mail address goes through like any other (only a proven address is unique).
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
MFA_ADAPTER = "accounts.second_factor.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = SITE_NAME
MFA_TOTP_TOLERANCE = 1  # a phone's clock may be half a minute off
# Names, not addresses, make accounts here: an address that is not confirmed is no reason to refuse a second lock.
MFA_ALLOW_UNVERIFIED_EMAIL = True
STAFF_SECOND_FACTOR = env.flag("STAFF_SECOND_FACTOR")
CSP_FORM_TARGETS = login_providers.form_targets()
SOCIALACCOUNT_PROVIDERS = login_providers.settings()
SOCIALACCOUNT_ADAPTER = "accounts.providers.Adapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False  # somebody else's word on an address opens no account of ours
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
# Whose X-Forwarded-For counts: none by default, because anyone can write that header.
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXY_COUNT", 0)
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"

_mail = mail.from_parts(
    env.text("EMAIL_HOST"),
    env.number("EMAIL_PORT", 587),
    env.text("EMAIL_HOST_USER"),
    env.text("EMAIL_HOST_PASSWORD"),
    env.flag("EMAIL_USE_TLS", default=True),
)
if env.text("EMAIL_URL"):
    _mail = mail.from_address(env.text("EMAIL_URL"))
EMAIL_BACKEND = f"django.core.mail.backends.{_mail.backend}.EmailBackend"
EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_HOST, EMAIL_PORT = _mail.host, _mail.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.starttls, _mail.tls
EMAIL_TIMEOUT = 10  # seconds that a page waits for the mail server
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Visionary Art <noreply@localhost>")

# --- Languages, files -----------------------------------------------------------------------------

LANGUAGE_CODE = env.text("LANGUAGE_CODE", "en")
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [ROOT / "locale"]
TIME_ZONE = env.text("TIME_ZONE", "UTC")
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [ROOT / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = env.folder("MEDIA_DIR", str(DATA_DIR / "media"))
MODELS_DIR = env.folder("MODELS_DIR", str(DATA_DIR / "models"))
# An internal location of nginx that serves MODELS_DIR; empty: downloads are sent by the web process.
ACCEL_REDIRECT = env.text("ACCEL_REDIRECT")
WEIGHTS_DIR = env.folder("WEIGHTS_DIR", str(DATA_DIR / "weights"))
# Uploads until they are published; on the same disk as MODELS_DIR publishing is a rename.
QUARANTINE_DIR = env.folder("QUARANTINE_DIR", str(DATA_DIR / "quarantine"))
UPLOAD_MAX_BYTES = env.number("UPLOAD_MAX_GB", 20) * 1024**3  # of one file
UPLOAD_PATCH_BYTES = 16 * 1024 * 1024  # of one PATCH; larger files come in several
UPLOAD_HOURS = env.number("UPLOAD_HOURS", 24)  # without a byte, then an upload expires
# By role, what all files of one user may take and how many uploads may be under way. 0: no limit.
UPLOAD_QUOTA = {
    "user": {"bytes": env.number("UPLOAD_GB_USER", 50) * 1024**3, "open": 8},
    "trusted": {"bytes": env.number("UPLOAD_GB_TRUSTED", 500) * 1024**3, "open": 16},
    "moderator": {"bytes": 0, "open": 32},
    "administrator": {"bytes": 0, "open": 0},
}
EXPORTS_DIR = env.folder("EXPORTS_DIR", str(DATA_DIR / "exports"))  # archives that users take with them
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "visionary.common.storage.StaticFiles"},
}
MAX_BODY_BYTES = env.number("MAX_BODY_MB", 32) * 1024 * 1024
# One Python process uses one core: pages are answered by several that share one address.
WEB_PROCESSES = env.number("WEB_PROCESSES", 0) or min(4, os.cpu_count() or 1)
WEB_THREADS = env.number("WEB_THREADS", 4)  # requests answered at the same time by one web process
# Guests see pages at most this old (visionary.common.guest_pages); 0 renders each anew.
GUEST_PAGE_SECONDS = env.number("GUEST_PAGE_SECONDS", 2)
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# --- Generation -----------------------------------------------------------------------------------

CHECKPOINT_CACHE_BYTES = env.number("CHECKPOINT_CACHE_MB", 0) * 1024 * 1024 or None  # None: from free memory
RENDER_DEVICE = env.text("RENDER_DEVICE") or None  # None: CUDA when there is a driver, else the CPU
RENDER_THREADS = env.number("RENDER_THREADS", 0) or None  # None: one per core
RENDER_DTYPE = env.text("RENDER_DTYPE") or None  # None: what the device computes fastest
# Checkpoints as workers read them fastest (docs/engine.md); anything in here can be made anew.
SIDECARS_DIR = env.folder("SIDECARS_DIR", str(DATA_DIR / "sidecars"))
SIDECARS_BYTES = env.number("SIDECARS_MB", 0) * 1024 * 1024 or None  # None: half of what the disk has free
# Detectors look at every picture before anybody does (generation.rendering.checking).
OUTPUT_CHECK = env.flag("OUTPUT_CHECK", True)
JOB_LEASE_SECONDS = env.number("JOB_LEASE_SECONDS", 20)
JOB_MAX_ATTEMPTS = 3
MAX_ACTIVE_JOBS = env.number("MAX_ACTIVE_JOBS", 8)
# Quotas of an ordinary user; QUOTA_FACTORS say how many times that each role may have. 0: no limit.
MAX_BULK_JOBS = env.number("MAX_BULK_JOBS", 128)
MAX_JOBS_PER_DAY = env.number("MAX_JOBS_PER_DAY", 500)
MAX_WORK_PER_DAY = env.number("MAX_WORK_PER_DAY", 5000)  # megapixel-steps
QUOTA_FACTORS = {
    "guest": env.number("QUOTA_PERCENT_GUEST", 25) / 100,
    "user": 1,
    "trusted": env.number("QUOTA_PERCENT_TRUSTED", 400) / 100,
    "moderator": env.number("QUOTA_PERCENT_MODERATOR", 1000) / 100,
}
RESIDENT_WAIT_SECONDS = env.number("RESIDENT_WAIT_SECONDS", 15)
BULK_WAIT_SECONDS = env.number("BULK_WAIT_SECONDS", 600)
BATCH_JOBS = env.number("BATCH_JOBS", 8)
RENDER_FAMILIES = env.names("RENDER_FAMILIES") or None  # None: every family the engine knows

# --- API ------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.tokens.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticatedOrReadOnly",
        "accounts.scopes.HasScope",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["visionary.common.api_requests.JsonParser", "rest_framework.parsers.FormParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "visionary.common.api_requests.JsonOnly",
    "DEFAULT_PAGINATION_CLASS": "visionary.common.pagination.NewestFirst",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "visionary.common.api_schema.ApiSchema",
    "EXCEPTION_HANDLER": "visionary.common.api_errors.handle",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Visionary Art",
    "VERSION": "0.1.0",
    "DESCRIPTION": "Everything the site does, for phones, single-page apps and scripts.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "JobKindEnum": "generation.models.Job.Kind",
        "JobStateEnum": "generation.models.Job.State",
        "ModelKindEnum": "models_hub.models.ModelCard.Kind",
        "ModelStatusEnum": "models_hub.models.ModelCard.Status",
        "VersionStatusEnum": "models_hub.models.ModelVersion.Status",
        "FileStateEnum": "models_hub.models.ModelFile.State",
        "SourceRoleEnum": "generation.models.Source.Role",
        "DerivationRoleEnum": "gallery.models.Derivation.Role",
    },
}

# --- Security -------------------------------------------------------------------------------------

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]  # probes speak plain HTTP
SECURE_HSTS_SECONDS = env.number("HSTS_SECONDS", 31536000 if HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Log ------------------------------------------------------------------------------------------

LOG_FORMAT = env.text("LOG_FORMAT", "console")  # console or json
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request_id": {"()": "visionary.common.request_id.RequestIdFilter"},
        "without_traceback": {"()": "visionary.common.cache.WithoutTraceback"},
    },
    "formatters": {
        "console": {"format": "%(levelname)-7s %(name)s: %(message)s [%(request_id)s]"},
        "json": {"()": "visionary.common.request_id.JsonFormatter"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "stream": sys.stderr,
            "formatter": LOG_FORMAT,
            "filters": ["request_id"],
        }
    },
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {
        "daphne": {"level": "WARNING"},
        "rq.worker": {"level": "WARNING"},
        "django_redis.cache": {"level": "ERROR", "filters": ["without_traceback"]},
    },
}

Path(DATA_DIR).mkdir(mode=0o700, parents=True, exist_ok=True)

# --- Back office (look only; what is registered where is in visionary/admin.py and each app's admin.py) --

_SHADES = (50, 100, 200, 300, 400, 500, 600, 700, 800, 900, 950)
_STONE = ["fafaf9", "f5f5f4", "e7e5e4", "d6d3d1", "a8a29e", "78716c", "57534e", "44403c", "292524", "1c1917", "0c0a09"]
_SEAL = ["fdf4f1", "fbeae5", "f5cfc5", "ecab9b", "e07f68", "cf5439", "b8351d", "992a15", "7d2615", "682416", "390f07"]
UNFOLD = {
    "SITE_TITLE": SITE_NAME,
    "SITE_HEADER": SITE_NAME,
    "SITE_ICON": "visionary.admin.icon",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "visionary.admin.icon"}],
    "SHOW_HISTORY": True,
    "SHOW_LANGUAGES": True,
    "DASHBOARD_CALLBACK": "visionary.dashboard.dashboard",
    "SIDEBAR": {"show_search": True, "navigation": "visionary.admin.navigation"},
    "COLORS": {
        name: {str(shade): f"#{colour}" for shade, colour in zip(_SHADES, colours, strict=True)}
        for name, colours in {"base": _STONE, "primary": _SEAL}.items()
    },
}
