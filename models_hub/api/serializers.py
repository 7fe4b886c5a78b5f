"""Models, versions and files as JSON."""

from django.urls import reverse
from rest_framework import serializers

from models_hub.models import ModelCard, ModelFile, ModelSample, ModelVersion, Review


class SampleSerializer(serializers.ModelSerializer):
    """A picture that shows what a version draws."""

    url = serializers.SerializerMethodField()

    class Meta:
        model = ModelSample
        fields = ["url", "width", "height", "prompt", "seed"]

    def get_url(self, sample) -> str:
        return reverse("models_hub:sample", args=[self.context["slugs"][sample.version_id], sample.pk])


class FileSerializer(serializers.ModelSerializer):
    """A file with the names that the world knows its content by; `download_url` takes a token."""

    hashes = serializers.SerializerMethodField()
    download_url = serializers.SerializerMethodField()

    class Meta:
        model = ModelFile
        fields = ["id", "name", "size", "role", "precision", "state", "hashes", "download_url"]

    def get_hashes(self, file) -> dict[str, str]:
        known = {one.kind: one.value for one in file.hashes.all()}
        return {"SHA256": file.sha256, "AutoV2": file.sha256[:10], **known} if file.sha256 else known

    def get_download_url(self, file) -> str:
        return reverse("api:model-file", args=[self.context["slugs"][file.version_id], file.pk])


class VersionSerializer(serializers.ModelSerializer):
    """One set of weights; `sha256` is its identity in recipes."""

    samples = SampleSerializer(many=True)
    files = FileSerializer(many=True)
    settings = serializers.JSONField(help_text="What the generate form starts from.")
    trigger_words = serializers.ListField(child=serializers.CharField())
    archive_url = serializers.SerializerMethodField(help_text="All files as one ZIP file")

    class Meta:
        model = ModelVersion
        fields = ["id", "name", "notes", "status", "sha256", "size", "layout", "trigger_words", "settings"]
        fields += ["example_prompts", "login_to_download", "downloads", "uses", "archive_url", "files", "samples"]
        fields += ["created_at", "published_at"]

    def get_archive_url(self, version) -> str:
        return reverse("api:model-archive", args=[self.context["slugs"][version.pk], version.pk])


class CardSerializer(serializers.ModelSerializer):
    """A model without its versions; title and description are in the reader's language."""

    title = serializers.CharField()
    description = serializers.CharField(source="text", help_text="Markdown")
    url = serializers.CharField(source="get_absolute_url")
    owner = serializers.CharField(source="owner.username", default=None, allow_null=True)
    tags = serializers.SlugRelatedField("key", many=True, read_only=True)

    class Meta:
        model = ModelCard
        fields = ["slug", "title", "kind", "family", "category", "tags", "owner", "description", "licence"]
        fields += ["attribution", "credit_required", "commercial_use", "merges_allowed", "relicensing_allowed"]
        fields += ["shows_real_person", "content_level", "status", "withdrawn_reason", "url"]
        fields += ["likes", "downloads", "uses", "comments", "reviews_count", "recommended_count"]
        fields += ["created_at", "updated_at", "published_at", "last_version_at"]


class ModelSerializer(CardSerializer):
    """A model with its versions, newest first."""

    versions = serializers.SerializerMethodField()

    class Meta(CardSerializer.Meta):
        fields = [*CardSerializer.Meta.fields, "versions"]

    def get_versions(self, card) -> VersionSerializer(many=True):
        shown = list(card.versions.all())
        context = {**self.context, "slugs": {version.pk: card.slug for version in shown}}
        return VersionSerializer(shown, many=True, context=context).data


class FoundSerializer(serializers.Serializer):
    """The version with a file of this hash, and the model it belongs to."""

    hash = serializers.CharField()
    model = CardSerializer(source="version.card")
    version = serializers.SerializerMethodField()

    def get_version(self, found) -> VersionSerializer:
        version = found["version"]
        context = {**self.context, "slugs": {version.pk: version.card.slug}}
        return VersionSerializer(version, context=context).data


class ReviewSerializer(serializers.ModelSerializer):
    """What one user says of one version."""

    user = serializers.CharField(source="user.username", read_only=True)
    text = serializers.CharField(max_length=2000, allow_blank=True, default="")

    class Meta:
        model = Review
        fields = ["id", "user", "recommends", "text", "created_at", "edited_at"]
        read_only_fields = ["created_at", "edited_at"]
        extra_kwargs = {"recommends": {"required": True}}
