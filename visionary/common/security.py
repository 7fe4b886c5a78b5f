"""The content security policy: nothing from outside, no inline script."""

from django.conf import settings

POLICY = "; ".join(
    [
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "style-src 'self' 'unsafe-inline'",
        "script-src 'self'",
        "connect-src 'self' ws: wss:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)
# The back office theme and the API try-out page bring inline scripts of their own.
RELAXED = POLICY.replace("script-src 'self'", "script-src 'self' 'unsafe-inline' 'unsafe-eval'")
RELAXED_PATHS = ("/admin/", "/api/docs/")


class ContentSecurityPolicyMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        policy = RELAXED if request.path.startswith(RELAXED_PATHS) else POLICY
        if settings.CSP_FORM_TARGETS and request.path.startswith("/accounts/"):
            # Browsers hold the redirect of a form to this rule as well: signing in elsewhere starts with one.
            policy = policy.replace("form-action 'self'", " ".join(["form-action 'self'", *settings.CSP_FORM_TARGETS]))
        response.headers.setdefault(
            "Content-Security-Policy", policy + ("; upgrade-insecure-requests" if settings.HTTPS else "")
        )
        return response
