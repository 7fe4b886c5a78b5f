from django.urls import path

from models_hub.uploads.urls import urlpatterns as uploads
from models_hub.views import downloads, page, reviews, samples, shelf
from models_hub.wizard.urls import urlpatterns as wizard

app_name = "models_hub"

urlpatterns = [
    *uploads,
    *wizard,
    path("models/", shelf.models, name="models"),
    path("models/<slug:slug>/", page.model, name="model"),
    path("downloads/", downloads.mine, name="my-downloads"),
    path("models/<slug:slug>/files/<int:file_id>/<path:name>", downloads.file, name="file"),
    path("models/<slug:slug>/archives/<int:version_id>/<str:name>", downloads.archive, name="archive"),
    path("models/<slug:slug>/versions/<int:version_id>/reviews/", reviews.listed, name="reviews"),
    path("models/<slug:slug>/versions/<int:version_id>/review/", reviews.write, name="review"),
    *(
        path(f"models/<slug:slug>/reviews/<int:review_id>/{deed}/", reviews.act, {"deed": deed}, name=f"review-{deed}")
        for deed in ("delete", "hide", "unhide")
    ),
    path("models/<slug:slug>/samples/<int:sample_id>", samples.sample, name="sample"),
]
