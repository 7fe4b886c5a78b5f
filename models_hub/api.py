"""The model hub for programs."""

import django_filters
from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, serializers

from models_hub.forms import ModelsForm
from models_hub.models import ModelCard, ModelSample, ModelVersion


class SampleSerializer(serializers.ModelSerializer):
    """A picture that shows what a version draws."""

    url = serializers.SerializerMethodField()

    class Meta:
        model = ModelSample
        fields = ["url", "width", "height", "prompt", "seed"]

    def get_url(self, sample) -> str:
        return reverse("models_hub:sample", args=[sample.version.card.slug, sample.pk])


class VersionSerializer(serializers.ModelSerializer):
    """One set of weights; `sha256` is its identity in recipes."""

    samples = SampleSerializer(many=True)
    settings = serializers.JSONField(help_text="What the generate form starts from.")
    trigger_words = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = ModelVersion
        fields = ["id", "name", "notes", "sha256", "size", "trigger_words", "settings", "example_prompts"]
        fields += ["samples", "created_at"]


class ModelSerializer(serializers.ModelSerializer):
    """A model; title and description are in the reader's language."""

    title = serializers.CharField()
    description = serializers.CharField(source="text")
    url = serializers.CharField(source="get_absolute_url")
    versions = VersionSerializer(many=True)

    class Meta:
        model = ModelCard
        fields = ["slug", "title", "kind", "family", "description", "licence", "attribution"]
        fields += ["url", "created_at", "updated_at", "versions"]


class ModelFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(choices=ModelCard.Kind.choices)
    family = django_filters.CharFilter(max_length=20)
    q = django_filters.CharFilter(method="search", max_length=100, label="Words of the name")

    class Meta:
        model = ModelCard
        fields = ["kind", "family", "q"]

    def search(self, cards, name, value):
        return ModelsForm({"q": value}).apply(cards)


def readable_cards(user):
    return ModelCard.objects.visible_to(user).prefetch_related("versions__samples")


@extend_schema_view(get=extend_schema(operation_id="models_list", tags=["models"]))
class Models(generics.ListAPIView):
    """The published models, newest first."""

    serializer_class = ModelSerializer
    filterset_class = ModelFilter
    queryset = ModelCard.objects.none()

    def get_queryset(self):
        return readable_cards(self.request.user).published()


@extend_schema_view(get=extend_schema(operation_id="models_read", tags=["models"]))
class Model(generics.RetrieveAPIView):
    """One model."""

    serializer_class = ModelSerializer
    lookup_field = "slug"
    filter_backends = ()
    queryset = ModelCard.objects.none()

    def get_queryset(self):
        return readable_cards(self.request.user)
