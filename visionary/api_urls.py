"""Every address of the API, in one list. /api/v1/ is kept free for the interfaces of other programs."""

from django.urls import path, re_path
from django.utils.translation import gettext as _
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerView
from rest_framework import exceptions
from rest_framework.views import APIView

from accounts import api as accounts
from accounts import api_tokens
from gallery import api as gallery
from generation.api import grids, guides, sources
from generation.api import jobs as generation
from generation.api import pictures as making
from generation.api import prompt as asking
from models_hub import api as hub
from social import api as social


class Nowhere(APIView):
    """Every address below /api/ that is not one."""

    authentication_classes = ()
    permission_classes = ()
    schema = None

    def initial(self, request, *args, **kwargs):
        raise exceptions.NotFound(_("There is nothing at this address. Addresses of the API end with a slash."))


# A page for people: it cannot be drawn for OPTIONS, which DRF answers with a description of itself.
docs = SpectacularSwaggerView.as_view(
    url_name="api:schema", authentication_classes=(), http_method_names=["get", "head"]
)

urlpatterns = [
    path("register/", accounts.Register.as_view(), name="register"),
    path("login/", accounts.Login.as_view(), name="login"),
    path("logout/", accounts.Logout.as_view(), name="logout"),
    path("me/", accounts.Me.as_view(), name="me"),
    path("tokens/", api_tokens.Tokens.as_view(), name="tokens"),
    path("tokens/<int:token_id>/", api_tokens.OneToken.as_view(), name="token"),
    path("models/", hub.Models.as_view(), name="models"),
    path("models/by-hash/", hub.ByHashes.as_view(), name="models-by-hash"),
    path("models/by-hash/<str:value>/", hub.ByHash.as_view(), name="model-by-hash"),
    path("models/<slug:slug>/", hub.Model.as_view(), name="model"),
    path("models/<slug:slug>/like/", social.LikeModel.as_view(), name="model-like"),
    path("models/<slug:slug>/comments/", social.CardComments.as_view(), name="model-comments"),
    path("models/<slug:slug>/files/<int:file_id>/", hub.File.as_view(), name="model-file"),
    path("models/<slug:slug>/versions/<int:version_id>/archive/", hub.Archive.as_view(), name="model-archive"),
    path("models/<slug:slug>/versions/<int:version_id>/reviews/", hub.Reviews.as_view(), name="model-reviews"),
    path("samplers/", generation.Samplers.as_view(), name="samplers"),
    path("jobs/", generation.Jobs.as_view(), name="jobs"),
    path("jobs/estimate/", generation.Estimate.as_view(), name="job-estimate"),
    path("jobs/<uuid:job_id>/", generation.OneJob.as_view(), name="job"),
    path("jobs/<uuid:job_id>/cancel/", generation.Cancel.as_view(), name="job-cancel"),
    path("jobs/<uuid:job_id>/retry/", generation.Retry.as_view(), name="job-retry"),
    path("jobs/<uuid:job_id>/hold/", generation.Hold.as_view(), name="job-hold"),
    path("jobs/<uuid:job_id>/release/", generation.Release.as_view(), name="job-release"),
    path("jobs/<uuid:job_id>/move/", generation.Move.as_view(), name="job-move"),
    path("quota/", generation.Quota.as_view(), name="quota"),
    path("sources/", sources.Sources.as_view(), name="sources"),
    path("sources/<uuid:source_id>/", sources.OneSource.as_view(), name="source"),
    path("sources/<uuid:source_id>/file/", sources.SourceFile.as_view(), name="source-file"),
    path("sources/<uuid:source_id>/crop/", sources.Crop.as_view(), name="source-crop"),
    path("sources/<uuid:source_id>/guide/<slug:preprocessor>/", guides.Guide.as_view(), name="source-guide"),
    path(
        "sources/<uuid:source_id>/guide/<slug:preprocessor>/file/", guides.GuideFile.as_view(), name="source-guide-file"
    ),
    path("grids/", grids.Grids.as_view(), name="grids"),
    path("grids/<uuid:grid_id>/", grids.OneGrid.as_view(), name="grid"),
    path("grids/<uuid:grid_id>/cancel/", grids.CancelGrid.as_view(), name="grid-cancel"),
    path("grids/<uuid:grid_id>/sheet/", grids.GridSheet.as_view(), name="grid-sheet"),
    path("presets/", asking.Presets.as_view(), name="presets"),
    path("presets/<int:preset_id>/", asking.OnePreset.as_view(), name="preset"),
    path("prompts/", asking.Prompts.as_view(), name="prompts"),
    path("prompts/<int:prompt_id>/", asking.OnePrompt.as_view(), name="prompt"),
    path("styles/", asking.Styles.as_view(), name="styles"),
    path("complete/", asking.Complete.as_view(), name="complete"),
    path("pictures/", gallery.Pictures.as_view(), name="pictures"),
    path("pictures/mine/", gallery.MyPictures.as_view(), name="pictures-mine"),
    path("pictures/<uuid:picture_id>/", gallery.OnePicture.as_view(), name="picture"),
    path("pictures/<uuid:picture_id>/file/", gallery.PictureFile.as_view(), name="picture-file"),
    path("pictures/<uuid:picture_id>/like/", social.Like.as_view(), name="picture-like"),
    path("pictures/<uuid:picture_id>/comments/", social.PictureComments.as_view(), name="picture-comments"),
    path("comments/<int:comment_id>/", social.OneComment.as_view(), name="comment"),
    path("comments/<int:comment_id>/hide/", social.HideComment.as_view(), name="comment-hide"),
    path("users/", social.Users.as_view(), name="users"),
    path("users/<str:username>/", social.Person.as_view(), name="user"),
    path("users/<str:username>/follow/", social.Follow.as_view(), name="user-follow"),
    path("users/<str:username>/followers/", social.Followers.as_view(), name="user-followers"),
    path("users/<str:username>/following/", social.Following.as_view(), name="user-following"),
    path("pictures/<uuid:picture_id>/publish/", gallery.Publish.as_view(), name="picture-publish"),
    path("pictures/<uuid:picture_id>/unpublish/", gallery.Unpublish.as_view(), name="picture-unpublish"),
    path("pictures/<uuid:picture_id>/rerun/", making.Rerun.as_view(), name="picture-rerun"),
    path("pictures/<uuid:picture_id>/variations/", making.Variations.as_view(), name="picture-variations"),
    path("pictures/<uuid:picture_id>/remixes/", making.Remixes.as_view(), name="picture-remixes"),
    path("pictures/<uuid:picture_id>/origins/", making.Origins.as_view(), name="picture-origins"),
    path("pictures/<uuid:picture_id>/restore/", gallery.Restore.as_view(), name="picture-restore"),
    path("schema/", SpectacularJSONAPIView.as_view(authentication_classes=()), name="schema"),
    path("docs/", docs, name="docs"),
    re_path("", Nowhere.as_view()),
]
