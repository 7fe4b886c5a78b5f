from django.urls import path

from social.views import comments, hearts, people

app_name = "social"

urlpatterns = [
    path("pictures/<uuid:picture_id>/like/", hearts.like, name="like"),
    path("models/<slug:slug>/like/", hearts.like_model, name="like-model"),
    path("pictures/<uuid:picture_id>/comments/", comments.on_picture, name="picture-comments"),
    path("models/<slug:slug>/comments/", comments.on_card, name="model-comments"),
    path("comments/<int:comment_id>/", comments.one, name="comment"),
    path("comments/<int:comment_id>/edit/", comments.edit, name="comment-edit"),
    *[
        path(f"comments/<int:comment_id>/{deed}/", comments.act, {"deed": deed}, name=f"comment-{deed}")
        for deed in comments.DEEDS
    ],
    path("people/", people.everybody, name="people"),
    path("u/<str:username>/models/", people.profile, {"tab": "models"}, name="profile-models"),
    path("u/<str:username>/likes/", people.profile, {"tab": "likes"}, name="profile-likes"),
    path("u/<str:username>/follow/", hearts.follow, name="follow"),
    path("u/<str:username>/followers/", people.follows_of, {"which": "followers"}, name="followers"),
    path("u/<str:username>/following/", people.follows_of, {"which": "following"}, name="following"),
]
