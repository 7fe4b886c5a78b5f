"""The address of a person's page, which every app knows as "profile"."""

from django.urls import path

from social.views import people

urlpatterns = [path("u/<str:username>/", people.profile, name="profile")]
