"""Where the tus protocol is spoken."""

from django.urls import path

from models_hub.uploads import views

urlpatterns = [
    path("uploads/", views.Uploads.as_view(), name="uploads"),
    path("uploads/<uuid:key>/", views.Upload.as_view(), name="upload"),
]
