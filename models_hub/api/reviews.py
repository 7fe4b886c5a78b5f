"""Reviews of a version."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, status
from rest_framework.response import Response

from models_hub import reviews, shelf
from models_hub.api.serializers import ReviewSerializer
from models_hub.models import ModelVersion, Review


@extend_schema(tags=["models"])
@extend_schema_view(get=extend_schema(operation_id="models_reviews"))
class Reviews(generics.ListAPIView):
    """What users say of a version, newest first."""

    serializer_class = ReviewSerializer
    filter_backends = ()
    queryset = Review.objects.none()
    scope = "publish"

    def version(self):
        user = self.request.user
        versions = ModelVersion.objects.visible_to(user).filter(card__in=shelf.readable(user))
        return get_object_or_404(
            versions.select_related("card"), card__slug=self.kwargs["slug"], pk=self.kwargs["version_id"]
        )

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return reviews.shown(self.version())

    @extend_schema(operation_id="models_review", request=ReviewSerializer, responses={200: ReviewSerializer})
    def put(self, request, slug, version_id):
        """Write one's review of the version, or change it."""
        asked = ReviewSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        review = reviews.write(version=self.version(), by=request.user, **asked.validated_data)
        return Response(ReviewSerializer(review).data)

    @extend_schema(operation_id="models_review_delete", responses={204: None})
    def delete(self, request, slug, version_id):
        """Take one's review back."""
        review = get_object_or_404(self.version().reviews, user=request.user.pk)
        reviews.delete(review=review, by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)
