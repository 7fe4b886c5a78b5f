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
    path("models/<slug:slug>/samples/<int:sample_id>", samples.sample, name="sample"),
]
