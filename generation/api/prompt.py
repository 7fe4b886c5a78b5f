"""What helps to ask, for programs: presets, the prompts one has used, styles, completion."""

from allauth.account.adapter import get_adapter
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import exceptions, generics, permissions, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from generation.asking import presets
from generation.models import Preset, SavedPrompt, StyleTemplate
from generation.prompting import completion, history
from visionary.common import limits
from visionary.common.exceptions import DomainError
from visionary.common.pagination import NewestFirst

LOOKS = {"most": 300, "seconds": 60}


def cleaned(data, field="values"):
    """{field of the form: [values]} of what a program sends. Raises DomainError for what is no form."""
    if not isinstance(data, dict):
        raise DomainError(_("values: give an object of fields and their values."), code="bad_value", field=field)
    rows = {str(name): value if isinstance(value, list) else [value] for name, value in data.items()}
    plain = {name: [one for one in row if isinstance(one, str | int | float)] for name, row in rows.items()}
    return presets.values_of(Fields(plain))


def object_of(data):
    """What a program sent, when it is an object with names. Raises ParseError."""
    if not isinstance(data, dict):
        raise exceptions.ParseError(_("Send an object of fields and their values."))
    return data


class Fields(dict):
    """A dict of lists that reads like a form."""

    def getlist(self, name):
        return self.get(name, [])


class PresetSerializer(serializers.ModelSerializer):
    """A form under a name: `values` are fields of the generate page and their values, as texts."""

    name = serializers.CharField(max_length=presets.MAX_NAME)
    values = serializers.DictField(child=serializers.ListField(child=serializers.CharField(allow_blank=True)))
    position = serializers.IntegerField(min_value=0, max_value=1000, required=False)
    shared = serializers.BooleanField(source="share_token", required=False)

    class Meta:
        model = Preset
        fields = ["id", "name", "values", "position", "shared", "share_token", "created_at"]
        read_only_fields = ["id", "share_token", "created_at"]


def own_preset(request, preset_id):
    return get_object_or_404(Preset, owner=request.user, pk=preset_id)


class Presets(APIView):
    permission_classes = (permissions.IsAuthenticated,)
    refusals = ("409",)

    @extend_schema(operation_id="presets_list", tags=["presets"], responses=PresetSerializer(many=True))
    def get(self, request):
        """The reader's own presets, in their order; there are at most 50."""
        return Response(PresetSerializer(request.user.presets.all(), many=True).data)

    @extend_schema(
        operation_id="presets_create", tags=["presets"], request=PresetSerializer, responses={201: PresetSerializer}
    )
    def post(self, request):
        """Keep a form under a name."""
        data = object_of(request.data)
        values = cleaned(data.get("values"))
        preset = presets.save(owner=request.user, name=text_of(data.get("name")), values=values)
        return Response(PresetSerializer(preset).data, status=201)


def text_of(value):
    if not isinstance(value, str):
        raise DomainError(_("Name: type what the preset is called."), code="required", field="name")
    return value


class OnePreset(APIView):
    permission_classes = (permissions.IsAuthenticated,)

    @extend_schema(operation_id="presets_read", tags=["presets"], responses=PresetSerializer)
    def get(self, request, preset_id):
        return Response(PresetSerializer(own_preset(request, preset_id)).data)

    @extend_schema(
        operation_id="presets_change",
        tags=["presets"],
        request=PresetSerializer(partial=True),
        responses=PresetSerializer,
    )
    def patch(self, request, preset_id):
        """Change the name, the values, the position in the list, or whether it is shared by link."""
        preset, data = own_preset(request, preset_id), object_of(request.data)
        checked = PresetSerializer(
            data={name: data[name] for name in ("position", "shared") if name in data}, partial=True
        )
        checked.is_valid(raise_exception=True)
        if "name" in data:
            presets.rename(preset=preset, name=text_of(data["name"]))
        if "values" in data:
            presets.overwrite(preset=preset, values=cleaned(data["values"]))
        if "position" in checked.validated_data:
            presets.move(preset=preset, place=checked.validated_data["position"])
        if "share_token" in checked.validated_data:
            (presets.share if checked.validated_data["share_token"] else presets.unshare)(preset)
        return Response(PresetSerializer(preset).data)

    @extend_schema(operation_id="presets_delete", tags=["presets"], responses={204: None})
    def delete(self, request, preset_id):
        own_preset(request, preset_id).delete()
        return Response(status=204)


class PromptSerializer(serializers.ModelSerializer):
    class Meta:
        model = SavedPrompt
        fields = ["id", "text", "negative", "is_favourite", "uses", "used_at"]
        read_only_fields = ["id", "text", "negative", "uses", "used_at"]


class LastUsed(NewestFirst):
    order = "used_at"


@extend_schema_view(
    get=extend_schema(
        operation_id="prompts_list",
        tags=["prompts"],
        parameters=[
            OpenApiParameter("q", str, description="Words that the prompt holds"),
            OpenApiParameter("favourites", bool, description="Only starred ones"),
        ],
    )
)
class Prompts(generics.ListAPIView):
    """The prompts that the reader has used, the last used first."""

    permission_classes = (permissions.IsAuthenticated,)
    serializer_class = PromptSerializer
    pagination_class = LastUsed
    filter_backends = ()
    queryset = SavedPrompt.objects.none()

    def get_queryset(self):
        asked = self.request.query_params
        return history.of(self.request.user, asked.get("q", ""), asked.get("favourites") in {"true", "1"})

    @extend_schema(operation_id="prompts_clear", tags=["prompts"], responses={204: None})
    def delete(self, request):
        """Forget all of them but the starred ones."""
        history.clear(request.user)
        return Response(status=204)


class OnePrompt(APIView):
    permission_classes = (permissions.IsAuthenticated,)

    def own(self, prompt_id):
        return get_object_or_404(SavedPrompt, owner=self.request.user, pk=prompt_id)

    @extend_schema(operation_id="prompts_star", tags=["prompts"], request=PromptSerializer, responses=PromptSerializer)
    def patch(self, request, prompt_id):
        """Set `is_favourite`."""
        prompt = self.own(prompt_id)
        asked = PromptSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return Response(PromptSerializer(history.star(prompt, asked.validated_data.get("is_favourite", False))).data)

    @extend_schema(operation_id="prompts_forget", tags=["prompts"], responses={204: None})
    def delete(self, request, prompt_id):
        self.own(prompt_id).delete()
        return Response(status=204)


class StyleSerializer(serializers.ModelSerializer):
    title = serializers.CharField(help_text="The name in the reader's language")

    class Meta:
        model = StyleTemplate
        fields = ["slug", "title", "template", "negative"]


class Styles(APIView):
    @extend_schema(operation_id="styles_list", tags=["prompts"], responses=StyleSerializer(many=True))
    def get(self, request):
        """The styles that a job may name; `{prompt}` in the template is where the prompt goes."""
        return Response(StyleSerializer(StyleTemplate.objects.filter(is_active=True), many=True).data)


class SuggestionSerializer(serializers.Serializer):
    """`insert` takes the place of the last `length` characters; of a style it is the slug."""

    insert = serializers.CharField()
    label = serializers.CharField()
    kind = serializers.ChoiceField(choices=completion.KINDS)
    kind_label = serializers.CharField()
    hint = serializers.CharField(allow_blank=True)
    length = serializers.IntegerField(help_text="How many characters of what was typed it replaces")


class Complete(APIView):
    @extend_schema(
        operation_id="complete",
        tags=["prompts"],
        parameters=[
            OpenApiParameter("q", str, required=True, description="The words before the caret"),
            OpenApiParameter("model", str, many=True, description="Slugs of the chosen models: their trigger words"),
        ],
        responses=SuggestionSerializer(many=True),
    )
    def get(self, request):
        """At most ten suggestions; with a token, the reader's own prompts are among them."""
        user = request.user
        limits.count("complete", str(user.pk or get_adapter().get_client_ip(request)), **LOOKS)
        asked = request.query_params
        found = completion.complete(asked.get("q", ""), user=user, slugs=asked.getlist("model"))
        return Response([one.as_dict() for one in found])
