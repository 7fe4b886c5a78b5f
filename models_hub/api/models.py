"""The list of models, and one of them."""

from functools import partial

import django_filters
from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics
from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from models_hub import shelf
from models_hub.api.serializers import ModelSerializer
from models_hub.forms import ModelsForm
from models_hub.models import ModelCard, ModelVersion
from visionary.common.pagination import NewestFirst, bad_cursor, page_size


class ModelFilter(django_filters.FilterSet):
    """Refuses what cannot be read, and describes it all; ModelsForm then finds, as for the page."""

    q = django_filters.CharFilter(max_length=100, method="later", help_text="Words, or a hash of a file")
    kind = django_filters.ChoiceFilter(choices=ModelCard.Kind.choices, method="later")
    family = django_filters.CharFilter(max_length=20, method="later")
    category = django_filters.ChoiceFilter(choices=ModelCard.Category.choices, method="later")
    tag = django_filters.CharFilter(max_length=60, method="later")
    by = django_filters.CharFilter(max_length=30, method="later", help_text="Username of the owner")
    level = django_filters.ChoiceFilter(choices=ModelCard.ContentLevel.choices, method="later")
    sort = django_filters.ChoiceFilter(
        choices=[(value or "best", label) for value, label in ModelsForm.base_fields["sort"].choices], method="later"
    )

    class Meta:
        model = ModelCard
        fields = ["q", "kind", "family", "category", "tag", "by", "level", "sort"]

    def later(self, cards, name, value):
        return cards


class OnTheShelf(BasePagination):
    """Pages as the list of models has them."""

    def paginate_queryset(self, queryset, request, view=None):
        asked = request.query_params.copy()
        if asked.get("sort") == "best":
            asked.pop("sort")
        form, cursor = ModelsForm(asked), request.query_params.get("cursor", "")
        if cursor and not shelf.is_readable(form, cursor):
            raise bad_cursor()
        page = shelf.page_of(
            form, request.user, cursor, page_size(request), partial(with_everything, user=request.user)
        )
        self.request, self.cursor = request, page.cursor
        return page.cards

    def get_paginated_response(self, data):
        address = self.request.get_full_path()
        following = replace_query_param(address, "cursor", self.cursor) if self.cursor else None
        return Response({"next": following, "results": data})

    get_paginated_response_schema = NewestFirst.get_paginated_response_schema
    get_schema_operation_parameters = NewestFirst.get_schema_operation_parameters


def with_everything(cards, user):
    """With all that ModelSerializer shows, and of the versions those that `user` may see."""
    versions = ModelVersion.objects.visible_to(user).prefetch_related("samples", "files__hashes")
    return cards.select_related("owner").prefetch_related("tags", Prefetch("versions", versions))


@extend_schema_view(get=extend_schema(operation_id="models_list", tags=["models"]))
class Models(generics.ListAPIView):
    """The published models, up to the reader's content level: what fits best first when words are given, else the
    newest."""

    serializer_class = ModelSerializer
    filterset_class = ModelFilter
    pagination_class = OnTheShelf
    queryset = ModelCard.objects.none()


@extend_schema_view(get=extend_schema(operation_id="models_read", tags=["models"]))
class Model(generics.RetrieveAPIView):
    """One model."""

    serializer_class = ModelSerializer
    lookup_field = "slug"
    filter_backends = ()
    queryset = ModelCard.objects.none()

    def get_queryset(self):
        return with_everything(shelf.readable(self.request.user), self.request.user)
