from django.urls import path

from models_hub import views

app_name = "models_hub"

urlpatterns = [
    path("models/", views.models, name="models"),
    path("models/<slug:slug>/", views.model, name="model"),
    path("models/<slug:slug>/samples/<int:sample_id>", views.sample, name="sample"),
]
