"""The API's door: sign up, sign in, sign out, who am I."""

from django.contrib.auth import logout
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import extend_schema
from rest_framework import permissions, serializers, status
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import credentials
from accounts.models import ApiToken, User


class BearerScheme(OpenApiAuthenticationExtension):
    """How the OpenAPI document names our tokens."""

    target_class = "accounts.tokens.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema):
        return {"type": "http", "scheme": "bearer"}


class LoginSerializer(serializers.Serializer):
    login = serializers.CharField(max_length=254, help_text="Username or e-mail address")
    password = serializers.CharField(max_length=500, trim_whitespace=False)
    device = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)
    code = serializers.CharField(
        max_length=20,
        required=False,
        default="",
        allow_blank=True,
        help_text="Of the authenticator app (or a recovery code), where the account has a second factor.",
    )


class RegisterSerializer(serializers.Serializer):
    username = serializers.CharField(max_length=30)
    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(max_length=500, trim_whitespace=False)
    device = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)


class MeSerializer(serializers.ModelSerializer):
    """An account as its owner sees it."""

    url = serializers.CharField(source="get_absolute_url", read_only=True)
    bio = serializers.CharField(source="profile.bio", default="", read_only=True)
    website = serializers.CharField(source="profile.website", default="", read_only=True)

    class Meta:
        model = User
        fields = ["username", "email", "is_staff", "date_joined", "bio", "website", "url"]
        read_only_fields = fields


class TokenSerializer(serializers.ModelSerializer):
    """A fresh token; `token` is shown this once."""

    token = serializers.CharField(read_only=True)
    user = MeSerializer(read_only=True)

    class Meta:
        model = ApiToken
        fields = ["token", "expires_at", "user"]
        read_only_fields = fields


def token_answer(row, secret, status_code):
    row.token = secret
    return Response(TokenSerializer(row).data, status=status_code)


class Door(APIView):
    """Open to everybody, and deaf to cookies: nobody can be signed in by another site."""

    authentication_classes = ()
    permission_classes = (permissions.AllowAny,)

    def read(self, request, serializer_class):
        given = serializer_class(data=request.data)
        given.is_valid(raise_exception=True)
        return given.validated_data


@extend_schema(tags=["account"])
class Register(Door):
    refusals = ("403",)

    @extend_schema(operation_id="register", request=RegisterSerializer, responses={201: TokenSerializer})
    def post(self, request):
        """Create an account and get its first token."""
        token = credentials.sign_up(request._request, **self.read(request, RegisterSerializer))
        return token_answer(*token, status.HTTP_201_CREATED)


@extend_schema(tags=["account"])
class Login(Door):
    refusals = ("401", "403")

    @extend_schema(operation_id="login", request=LoginSerializer, responses={200: TokenSerializer})
    def post(self, request):
        """Get a token. Send it as `Authorization: Bearer <token>`."""
        token = credentials.sign_in(request._request, **self.read(request, LoginSerializer))
        return token_answer(*token, status.HTTP_200_OK)


@extend_schema(tags=["account"])
class Logout(APIView):
    scopes = {"POST": "read"}  # any token may give itself up
    permission_classes = (permissions.IsAuthenticated,)

    @extend_schema(operation_id="logout", request=None, responses={204: None})
    def post(self, request):
        """Revoke the token that this request carries (or end the browser's session)."""
        if isinstance(request.auth, ApiToken):
            request.auth.delete()
        else:
            logout(request._request)
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(tags=["account"])
class Me(APIView):
    permission_classes = (permissions.IsAuthenticated,)

    @extend_schema(operation_id="me", responses=MeSerializer)
    def get(self, request):
        """The account that this request is signed in to."""
        return Response(MeSerializer(User.objects.select_related("profile").get(pk=request.user.pk)).data)
