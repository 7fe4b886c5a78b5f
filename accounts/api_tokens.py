"""Tokens through the API: listed, made, taken back."""

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import generics, permissions, serializers, status
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import tokens
from accounts.models import ApiToken
from accounts.scopes import SCOPES


class ApiTokenSerializer(serializers.ModelSerializer):
    """A token without its secret. No `scopes`: it may do everything."""

    scopes = serializers.ListField(child=serializers.ChoiceField(choices=list(SCOPES)), read_only=True)

    class Meta:
        model = ApiToken
        fields = ["id", "name", "prefix", "scopes", "created_at", "expires_at", "last_used_at"]
        read_only_fields = fields


class MadeTokenSerializer(ApiTokenSerializer):
    """With the secret, which is shown this once."""

    token = serializers.CharField(read_only=True)

    class Meta(ApiTokenSerializer.Meta):
        fields = [*ApiTokenSerializer.Meta.fields, "token"]
        read_only_fields = fields


class NewTokenSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=60)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=list(SCOPES)), allow_empty=False, max_length=len(SCOPES)
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)

    def validate_expires_at(self, value):
        if value is not None and value <= timezone.now():
            raise serializers.ValidationError(_("Choose a time that is still to come, or none."))
        return value


@extend_schema(tags=["account"])
class Tokens(generics.ListAPIView):
    permission_classes = (permissions.IsAuthenticated,)
    serializer_class = ApiTokenSerializer
    filter_backends = ()

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return ApiToken.objects.none()
        return tokens.of_user(self.request.user)

    @extend_schema(operation_id="tokens")
    def get(self, request):
        """Your tokens, the newest first."""
        return super().get(request)

    @extend_schema(operation_id="token_make", request=NewTokenSerializer, responses={201: MadeTokenSerializer})
    def post(self, request):
        """Make a token. One that asks with a token gets no more than that token has."""
        given = NewTokenSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        parent = request.auth if isinstance(request.auth, ApiToken) else None
        row, secret = tokens.make(user=request.user, by_token=parent, **given.validated_data)
        row.token = secret
        return Response(MadeTokenSerializer(row).data, status=status.HTTP_201_CREATED)


@extend_schema(tags=["account"])
class OneToken(APIView):
    permission_classes = (permissions.IsAuthenticated,)

    @extend_schema(operation_id="token_revoke", request=None, responses={204: None})
    def delete(self, request, token_id):
        """Revoke a token: it opens nothing any more."""
        if not tokens.revoke(user=request.user, pk=token_id):
            raise Http404
        return Response(status=status.HTTP_204_NO_CONTENT)
