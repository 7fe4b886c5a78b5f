"""Comments for programs."""

from django.db.models import Q
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, permissions, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from gallery.models import Picture
from models_hub import shelf
from social import commenting
from social.models import Comment


class CommentSerializer(serializers.ModelSerializer):
    """A comment; `parent` is what it answers. The text of a hidden or deleted one is empty."""

    author = serializers.CharField(source="author.username", default=None, allow_null=True)
    text = serializers.SerializerMethodField()
    url = serializers.CharField(source="get_absolute_url")
    is_deleted = serializers.SerializerMethodField()

    class Meta:
        model = Comment
        fields = ["id", "author", "text", "parent", "created_at", "edited_at", "is_hidden", "is_deleted", "url"]

    def get_text(self, comment) -> str:
        return comment.text if comment.is_standing else ""

    def get_is_deleted(self, comment) -> bool:
        return comment.deleted_at is not None


class TextSerializer(serializers.Serializer):
    text = serializers.CharField(max_length=commenting.MAX_TEXT, trim_whitespace=False)


class NewCommentSerializer(TextSerializer):
    parent = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1, max_value=2**62)


class Comments(generics.ListAPIView):
    """Comments and answers on one thing, newest first."""

    scope = "publish"
    refusals = ("403", "409", "429")
    permission_classes = (permissions.IsAuthenticatedOrReadOnly,)
    serializer_class = CommentSerializer
    filter_backends = ()
    queryset = Comment.objects.none()

    def get_queryset(self):
        keys = commenting.key_of(self.get_thing())
        rows = Comment.objects.filter(Q(deleted_at=None) | Q(parent=None), **keys)
        return rows.with_author().select_related(None).select_related("author", "picture", "card")

    def post(self, request, **kwargs):
        """Write a comment, or answer one (`parent`)."""
        given = NewCommentSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        thing, parent = self.get_thing(), given.validated_data["parent"]
        if parent is not None:
            parent = Comment.objects.filter(pk=parent, **commenting.key_of(thing)).select_related("parent").first()
            if parent is None:
                raise commenting.gone()
        comment = commenting.write(thing=thing, by=request.user, text=given.validated_data["text"], parent=parent)
        return Response(CommentSerializer(comment).data, status=201)


@extend_schema(tags=["pictures"])
class PictureComments(Comments):
    def get_thing(self):
        pictures = Picture.objects.visible_to(self.request.user)
        return get_object_or_404(pictures, pk=self.kwargs["picture_id"])

    @extend_schema(operation_id="pictures_comments")
    def get(self, request, *args, **kwargs):
        return super().get(request, *args, **kwargs)

    @extend_schema(operation_id="pictures_comment", request=NewCommentSerializer, responses={201: CommentSerializer})
    def post(self, request, *args, **kwargs):
        return super().post(request, *args, **kwargs)


@extend_schema(tags=["models"])
class CardComments(Comments):
    def get_thing(self):
        cards = shelf.readable(self.request.user)
        return get_object_or_404(cards, slug=self.kwargs["slug"])

    @extend_schema(operation_id="models_comments")
    def get(self, request, *args, **kwargs):
        return super().get(request, *args, **kwargs)

    @extend_schema(operation_id="models_comment", request=NewCommentSerializer, responses={201: CommentSerializer})
    def post(self, request, *args, **kwargs):
        return super().post(request, *args, **kwargs)


def reachable(request, comment_id):
    """A comment on something that the reader may see."""
    comment = get_object_or_404(Comment.objects.with_author(), pk=comment_id, deleted_at=None)
    things = Picture.objects.visible_to if comment.picture_id else shelf.readable
    get_object_or_404(things(request.user), pk=comment.picture_id or comment.card_id)
    return comment


@extend_schema(tags=["comments"])
class OneComment(APIView):
    scope = "publish"
    refusals = ("403", "409")
    permission_classes = (permissions.IsAuthenticated,)

    @extend_schema(operation_id="comments_edit", request=TextSerializer, responses={200: CommentSerializer})
    def patch(self, request, comment_id):
        """Change a comment of one's own, soon after it was written."""
        given = TextSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        comment = reachable(request, comment_id)
        commenting.edit(comment=comment, by=request.user, text=given.validated_data["text"])
        return Response(CommentSerializer(comment).data)

    @extend_schema(operation_id="comments_delete", responses={204: None})
    def delete(self, request, comment_id):
        """Take a comment of one's own back."""
        commenting.delete(comment=reachable(request, comment_id), by=request.user)
        return Response(status=204)


@extend_schema(tags=["comments"])
class HideComment(APIView):
    scope = "publish"
    refusals = ("403",)
    permission_classes = (permissions.IsAuthenticated,)

    @extend_schema(operation_id="comments_hide", request=None, responses={200: CommentSerializer})
    def post(self, request, comment_id):
        """Hide a comment on what is one's own (moderators: anywhere)."""
        return self.answer(request, comment_id, commenting.hide)

    @extend_schema(operation_id="comments_unhide", responses={200: CommentSerializer})
    def delete(self, request, comment_id):
        """Show a comment again."""
        return self.answer(request, comment_id, commenting.unhide)

    def answer(self, request, comment_id, service):
        comment = reachable(request, comment_id)
        service(comment=comment, by=request.user)
        return Response(CommentSerializer(comment).data)
