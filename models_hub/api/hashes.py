"""Which version a file belongs to, by any of its hashes."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, permissions, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from models_hub import shelf
from models_hub.api.serializers import FoundSerializer
from models_hub.models import ModelVersion
from models_hub.search import hashes

MOST = 100


def found(values, user):
    """[{"hash", "version"}] for those `values` that a version has which `user` may see."""
    wanted = list(dict.fromkeys(value.strip().lower() for value in values))
    known = hashes.with_hashes(wanted)
    keys = {version.pk for versions in known.values() for version in versions}
    seen = ModelVersion.objects.visible_to(user).filter(pk__in=keys, card__in=shelf.readable(user))
    seen = seen.select_related("card__owner").prefetch_related("samples", "files__hashes", "card__tags").in_bulk()
    first = {value: next((one.pk for one in known.get(value, []) if one.pk in seen), None) for value in wanted}
    return [{"hash": value, "version": seen[key]} for value, key in first.items() if key]


class HashesSerializer(serializers.Serializer):
    """Hashes of any kind, mixed."""

    hashes = serializers.ListField(child=serializers.CharField(max_length=64), min_length=1, max_length=MOST)


@extend_schema(tags=["models"])
class ByHash(APIView):
    @extend_schema(operation_id="models_by_hash", responses=FoundSerializer)
    def get(self, request, value):
        """The newest version with a file of this hash: SHA-256, AutoV2, AutoV3, BLAKE3 or CRC32, any case."""
        rows = found([value], request.user)
        if not rows:
            raise exceptions.NotFound(_("No model here has a file with this hash."))
        return Response(FoundSerializer(rows[0], context={"request": request}).data)


@extend_schema(tags=["models"])
class ByHashes(APIView):
    # Nothing is changed: it is a POST because a hundred hashes do not fit into an address.
    permission_classes = (permissions.AllowAny,)
    scopes = {"POST": "read"}

    @extend_schema(
        operation_id="models_by_hashes", request=HashesSerializer, responses={200: FoundSerializer(many=True)}
    )
    def post(self, request):
        """The same for up to 100 hashes at once; those that nothing here has are left out."""
        asked = HashesSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        rows = found(asked.validated_data["hashes"], request.user)
        return Response(FoundSerializer(rows, many=True, context={"request": request}).data)
