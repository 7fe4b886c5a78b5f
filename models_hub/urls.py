from django.urls import path

from models_hub.views import page, samples, shelf

app_name = "models_hub"

urlpatterns = [
    path("models/", shelf.models, name="models"),
    path("models/<slug:slug>/", page.model, name="model"),
    path("models/<slug:slug>/samples/<int:sample_id>", samples.sample, name="sample"),
]
