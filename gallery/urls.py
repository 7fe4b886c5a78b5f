from django.urls import path

from gallery import file_views, sample_views, selection, views

app_name = "gallery"

urlpatterns = [
    path("models/<slug:slug>/edit/samples/creations/", sample_views.choices, name="sample-choices"),
    path("models/<slug:slug>/edit/samples/creations/<uuid:picture_id>/", sample_views.take, name="sample-take"),
    path("gallery/", views.gallery, name="gallery"),
    path("creations/", views.mine, name="mine"),
    path("creations/zip/", selection.download, name="zip"),
    path("creations/selected/<str:deed>/", selection.act, name="selected"),
    path("pictures/<uuid:picture_id>/", views.picture, name="picture"),
    path("pictures/<uuid:picture_id>/remixes/", views.remixes, name="remixes"),
    path("pictures/<uuid:picture_id>/edit/", views.edit, name="edit"),
    path("pictures/<uuid:picture_id>/file.png", file_views.file, name="file"),
    path("pictures/<uuid:picture_id>/<int:width>.webp", file_views.preview, name="preview"),
    *[path(f"pictures/<uuid:picture_id>/{deed}/", views.act, {"deed": deed}, name=deed) for deed in views.DEEDS],
]
