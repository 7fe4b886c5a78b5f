"""What the API of the generator reads and writes."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from generation import limits
from generation.asking import choosing, prefill
from generation.forms import newest_loras
from generation.models import Job
from models_hub.models import ModelCard, ModelVersion
from visionary.common.exceptions import DomainError


def whole(low, high, **extra):
    """A whole number; the service checks its limits and says so in a sentence, the schema shows them."""
    schema = {"type": "integer", "minimum": low, "maximum": high, "nullable": True, **extra}
    field = extend_schema_field(schema)(type("Whole", (serializers.IntegerField,), {}))
    return field(required=False, allow_null=True)


@extend_schema_field({"type": "string", "minLength": 1, "maxLength": limits.MAX_PROMPT})
class Prompt(serializers.CharField):
    """Whether it is empty or too long is told by the service, in a sentence that counts."""


class Number(serializers.FloatField):
    def to_internal_value(self, data):
        try:
            return super().to_internal_value(data)
        except OverflowError:
            self.fail("invalid")


def number(low, high, **kwargs):
    schema = {"type": "number", "minimum": low, "maximum": high}
    return extend_schema_field(schema)(type("Bounded", (Number,), {}))(required=False, **kwargs)


class LoraRequestSerializer(serializers.Serializer):
    """A LoRA by the slug of its model, and how strongly it is applied."""

    model = serializers.SlugField(max_length=100)
    weight = number(*limits.LORA_WEIGHT, default=1.0)


def slug_field():
    return serializers.SlugField(max_length=100, required=False, allow_null=True, help_text="Slug of a model")


class OutpaintSerializer(serializers.Serializer):
    """Pixels to add on each side."""

    left = whole(*limits.OUTPAINT, multipleOf=8)
    top = whole(*limits.OUTPAINT, multipleOf=8)
    right = whole(*limits.OUTPAINT, multipleOf=8)
    bottom = whole(*limits.OUTPAINT, multipleOf=8)


class JobRequestSerializer(serializers.Serializer):
    """What is asked of the generator. Turns slugs into versions; everything else is checked by submit_job."""

    prompt = Prompt(allow_blank=True)
    negative_prompt = serializers.CharField(
        max_length=limits.MAX_PROMPT, required=False, allow_blank=True, allow_null=True
    )
    model = serializers.SlugField(max_length=100, required=False, help_text="Slug; the site's first model without it")
    steps = whole(*limits.STEPS)
    guidance = number(*limits.GUIDANCE, allow_null=True)
    sampler = serializers.CharField(max_length=40, required=False, allow_null=True)
    width = whole(*limits.SIDE, multipleOf=8)
    height = whole(*limits.SIDE, multipleOf=8)
    seed = whole(0, limits.MAX_SEED)
    count = whole(1, limits.MAX_COUNT)
    upscale = whole(1, 4, enum=[*limits.UPSCALES, None])
    publish = serializers.BooleanField(required=False, default=False)
    loras = LoraRequestSerializer(many=True, required=False, max_length=limits.MAX_LORAS)
    kind = serializers.ChoiceField(
        choices=Job.Kind.choices, required=False, allow_null=True, help_text="Without it: what follows from the sources"
    )
    source = serializers.UUIDField(required=False, allow_null=True, help_text="Id of a source, see /api/sources/")
    mask = serializers.UUIDField(required=False, allow_null=True, help_text="Id of a source of the role mask")
    strength = number(*limits.STRENGTH, allow_null=True)
    mask_blur = whole(*limits.MASK_BLUR)
    outpaint = OutpaintSerializer(required=False, allow_null=True)
    vae = slug_field()
    embeddings = serializers.ListField(
        child=serializers.SlugField(max_length=100), required=False, max_length=limits.MAX_EMBEDDINGS
    )
    control = slug_field()
    control_source = serializers.UUIDField(required=False, allow_null=True, help_text="Id of a source")
    preprocessor = serializers.ChoiceField(choices=limits.PREPROCESSORS, required=False, allow_null=True)
    control_weight = number(*limits.CONTROL_WEIGHT, allow_null=True)
    clip_skip = whole(*limits.CLIP_SKIP)
    styles = serializers.ListField(child=serializers.SlugField(max_length=60), required=False, max_length=8)
    remix_of = serializers.UUIDField(required=False, allow_null=True, help_text="Id of a picture, for lineage")

    def validate(self, asked):
        user = self.context["request"].user
        slug = asked.pop("model", None)
        found = {"version": checkpoint(slug), "loras": loras(asked.pop("loras", []))}
        found |= choosing.rows(asked) | choosing.given_sources(user, asked)
        found |= {"styles": choosing.styles(asked.pop("styles", [])), "remix_of": remixed(asked.get("remix_of"), user)}
        return asked | found


def remixed(key, user):
    """The picture whose recipe was taken. Raises DomainError for one that `user` may not see."""
    if key is None:
        return None
    picture = prefill.remixed(str(key), user)
    if picture is None:
        message = _("remix_of: there is no such picture, or you may not see it.")
        raise DomainError(message, code="bad_value", field="remix_of")
    return picture


def checkpoint(slug):
    """The newest version of the published checkpoint `slug`, or of the site's first one. Raises DomainError."""
    cards = ModelCard.objects.published().filter(kind=ModelCard.Kind.CHECKPOINT, versions__isnull=False)
    card = (cards.filter(slug=slug) if slug else cards).first()
    if card is None:
        message = _("model: there is no such model, or it cannot be used. See /api/models/.")
        raise DomainError(message, code="bad_model", field="model")
    return ModelVersion.objects.published().filter(card=card).select_related("card").first()


def loras(rows):
    """[(version, weight)] for rows of {"model", "weight"}. Raises DomainError."""
    found = {version.card.slug: version for version in newest_loras([row["model"] for row in rows])}
    for row in rows:
        if row["model"] not in found:
            message = _("loras: there is no LoRA “%(slug)s”, or it cannot be used.") % {"slug": row["model"]}
            raise DomainError(message, code="bad_model", field="loras")
    weights = {row["model"]: row["weight"] for row in rows}
    return [(found[slug], weight) for slug, weight in weights.items()]


class UsedLoraSerializer(serializers.Serializer):
    model = serializers.CharField(source="version.card.slug")
    weight = serializers.FloatField()


class JobSerializer(serializers.ModelSerializer):
    """What was asked for, as resolved when the job was made."""

    model = serializers.CharField(source="version.card.slug")
    version = serializers.CharField(source="version.name")
    loras = UsedLoraSerializer(many=True)
    pictures = serializers.SerializerMethodField()
    url = serializers.CharField(source="get_absolute_url")
    outpaint = serializers.DictField(child=serializers.IntegerField())
    source = serializers.UUIDField(source="source_id", allow_null=True)
    mask = serializers.UUIDField(source="mask_id", allow_null=True)
    control_source = serializers.UUIDField(source="control_source_id", allow_null=True)
    vae = serializers.CharField(source="vae.card.slug", default=None, allow_null=True)
    control = serializers.CharField(source="control.card.slug", default=None, allow_null=True)
    embeddings = serializers.SerializerMethodField()
    grid = serializers.UUIDField(source="group_id", allow_null=True)

    class Meta:
        model = Job
        fields = [
            "id",
            "state",
            "model",
            "version",
            "prompt",
            "negative_prompt",
            "seed",
            "steps",
            "guidance",
            "sampler",
        ]
        fields += ["width", "height", "count", "upscale", "publish", "loras", "pictures", "error_code"]
        fields += ["kind", "prompt_asked", "strength", "mask_blur", "outpaint", "clip_skip", "source", "mask"]
        fields += ["vae", "embeddings", "control", "control_source", "preprocessor", "control_weight", "grid"]
        fields += ["created_at", "started_at", "finished_at", "url"]

    def get_embeddings(self, job) -> list[str]:
        return [version.card.slug for version in job.embeddings.all()]

    def get_pictures(self, job) -> list[str]:
        return [str(result.picture_id) for result in job.results.all() if result.picture.is_shown_to_owner]


class StatePictureSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    url = serializers.CharField()
    small_url = serializers.CharField()
    medium_url = serializers.CharField()
    file_url = serializers.CharField()
    placeholder = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    alt = serializers.CharField()


class ResultSerializer(StatePictureSerializer):
    """Picture `index` of the job, from 0: they come one after the other while it runs."""

    index = serializers.IntegerField()


class FailureSerializer(serializers.Serializer):
    code = serializers.CharField()
    message = serializers.CharField()


class StateSerializer(serializers.Serializer):
    """A job's state; the same JSON as its WebSocket sends, and `request` (generation.watching.progress.snapshot)."""

    job = serializers.UUIDField()
    seq = serializers.IntegerField(help_text="Grows; ignore what is older than what you have")
    state = serializers.ChoiceField(choices=Job.State.choices)
    state_label = serializers.CharField()
    stage = serializers.ChoiceField(choices=Job.Stage.choices)
    stage_label = serializers.CharField()
    step = serializers.IntegerField()
    steps = serializers.IntegerField()
    percent = serializers.IntegerField()
    place = serializers.IntegerField(allow_null=True, help_text="Place in the queue, from 1")
    preview = serializers.CharField(allow_null=True, help_text="A small WebP as a data: address")
    pictures = ResultSerializer(many=True)
    error = FailureSerializer(allow_null=True)
    kind = serializers.ChoiceField(choices=Job.Kind.choices)
    held = serializers.BooleanField()
    expected_start = serializers.DateTimeField(allow_null=True)
    expected_seconds = serializers.FloatField(allow_null=True, help_text="Of drawing")
    wait_reason = serializers.CharField(help_text="Why nobody can say when it starts")
    index = serializers.IntegerField(help_text="Which picture the preview shows, from 0")
    withheld = serializers.IntegerField(help_text="Pictures that the output check keeps back")
    seconds = serializers.DictField(child=serializers.FloatField())
    attempts = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    url = serializers.CharField()
    cancel_url = serializers.CharField()
    retry_url = serializers.CharField()
    request = JobSerializer()


class MoveSerializer(serializers.Serializer):
    before = serializers.UUIDField(allow_null=True, help_text="A waiting job of one's own; null: to the end")


class RuleSerializer(serializers.Serializer):
    """One bound; `most` is null where there is none. Describes generation.scheduling.quotas.usage."""

    rule = serializers.CharField()
    label = serializers.CharField()
    used = serializers.FloatField()
    most = serializers.FloatField(allow_null=True)
    percent = serializers.IntegerField()
    resets_at = serializers.DateTimeField(allow_null=True)
    text = serializers.CharField()


class SamplerSerializer(serializers.Serializer):
    slug = serializers.CharField()
    label = serializers.CharField()
