from django.urls import path

from social import views

app_name = "social"

urlpatterns = [path("pictures/<uuid:picture_id>/like/", views.like, name="like")]
