"""Sockets."""

from django.urls import path

from generation.consumers import JobConsumer, MyJobsConsumer

websocket_urlpatterns = [
    path("ws/jobs/", MyJobsConsumer.as_asgi()),
    path("ws/jobs/<uuid:job_id>/", JobConsumer.as_asgi()),
]
