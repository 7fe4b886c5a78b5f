"""People for programs: find them, look at their page, follow them."""

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import generics, permissions, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Profile
from accounts.templatetags.people import portrait_url
from social import models, people, services
from visionary.common.pagination import NewestFirst


class LinkSerializer(serializers.Serializer):
    title = serializers.CharField()
    url = serializers.URLField()


class UserSerializer(serializers.ModelSerializer):
    """Somebody in a list."""

    username = serializers.CharField(source="user.username")
    url = serializers.CharField(source="user.get_absolute_url")
    avatar_url = serializers.SerializerMethodField()

    class Meta:
        model = Profile
        fields = ["username", "url", "avatar_url", "bio", "followers", "following"]

    def get_avatar_url(self, profile) -> str:
        return portrait_url(profile, "avatar", "large")


class PersonSerializer(UserSerializer):
    """Somebody's page."""

    cover_url = serializers.SerializerMethodField()
    links = LinkSerializer(many=True)
    date_joined = serializers.DateTimeField(source="user.date_joined")
    last_seen_at = serializers.SerializerMethodField(help_text="Null for those who do not let it be seen")
    pictures = serializers.IntegerField(source="counters.pictures")
    models = serializers.IntegerField(source="counters.models")
    likes_received = serializers.IntegerField(source="counters.likes")

    class Meta(UserSerializer.Meta):
        fields = [*UserSerializer.Meta.fields, "cover_url", "website", "links", "date_joined", "last_seen_at"]
        fields += ["pictures", "models", "likes_received"]

    def get_cover_url(self, profile) -> str:
        return portrait_url(profile, "cover", "large")

    def get_last_seen_at(self, profile) -> str | None:
        seen = profile.last_seen_at if profile.shows_presence else None
        return seen.isoformat() if seen else None


class FollowedSerializer(serializers.Serializer):
    """How many follow somebody, and whether the reader does."""

    followers = serializers.IntegerField()
    followed = serializers.BooleanField()


class MostFollowed(NewestFirst):
    order = "followers"


Q = OpenApiParameter("q", str, description="Letters of the name")


@extend_schema_view(get=extend_schema(operation_id="users_list", tags=["people"], parameters=[Q]))
class Users(generics.ListAPIView):
    """People, those with the most followers first; `q` finds them by name."""

    serializer_class = UserSerializer
    pagination_class = MostFollowed
    filter_backends = ()
    queryset = Profile.objects.none()

    def get_queryset(self):
        text = self.request.query_params.get("q", "").replace("\x00", "")
        return people.found(text)


@extend_schema(tags=["people"])
class Person(APIView):
    @extend_schema(operation_id="users_read", responses=PersonSerializer)
    def get(self, request, username):
        """Somebody's page."""
        user = people.open_account(username)
        profile = Profile.objects.get_or_create(user=user)[0]
        profile.counters = people.counters(user)
        return Response(PersonSerializer(profile).data)


@extend_schema(tags=["people"])
class Follow(APIView):
    scope = "publish"
    refusals = ("403",)
    permission_classes = (permissions.IsAuthenticated,)

    @extend_schema(operation_id="users_follow", request=None, responses={200: FollowedSerializer})
    def post(self, request, username):
        """Follow somebody; twice counts once."""
        user = people.open_account(username)
        return Response({"followers": services.follow(user=user, by=request.user), "followed": True})

    @extend_schema(operation_id="users_unfollow", responses={200: FollowedSerializer})
    def delete(self, request, username):
        """No longer follow somebody."""
        user = people.open_account(username)
        return Response({"followers": services.unfollow(user=user, by=request.user), "followed": False})


class FollowerSerializer(serializers.Serializer):
    """One row of a list of followers."""

    user = UserSerializer(source="follower.profile")
    since = serializers.DateTimeField(source="created_at")


class FollowingSerializer(serializers.Serializer):
    """One row of the list of those whom somebody follows."""

    user = UserSerializer(source="followed.profile")
    since = serializers.DateTimeField(source="created_at")


class FollowList(generics.ListAPIView):
    filter_backends = ()
    queryset = models.Follow.objects.none()
    side, other = "", ""

    def get_queryset(self):
        user, other = people.open_account(self.kwargs["username"]), self.other
        with_profile = {f"{other}__profile__isnull": False}
        rows = models.Follow.objects.of_open_accounts().filter(**{self.side: user}, **with_profile)
        return rows.select_related(f"{other}__profile__user")


@extend_schema_view(get=extend_schema(operation_id="users_followers", tags=["people"]))
class Followers(FollowList):
    """Who follows somebody, newest first."""

    serializer_class = FollowerSerializer
    side, other = "followed", "follower"


@extend_schema_view(get=extend_schema(operation_id="users_following", tags=["people"]))
class Following(FollowList):
    """Whom somebody follows, newest first."""

    serializer_class = FollowingSerializer
    side, other = "follower", "followed"
