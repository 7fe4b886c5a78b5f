from django.urls import path, re_path

from accounts import leaving_views, portrait_views, session_views, token_views, views

urlpatterns = [
    path("settings/", views.first, name="settings"),
    path("settings/profile/", views.edit, name="profile-edit"),
    path("settings/profile/picture/", views.portrait, name="settings-portrait"),
    path("settings/privacy/", views.privacy, name="settings-privacy"),
    path("settings/content/", views.content, name="settings-content"),
    path("settings/notifications/", views.notifications, name="settings-notifications"),
    path("settings/look/", views.look, name="settings-look"),
    path("settings/look/theme/", views.theme, name="settings-theme"),
    path("settings/tokens/", token_views.tokens, name="settings-tokens"),
    path("settings/tokens/<int:token_id>/revoke/", token_views.revoke, name="settings-token-revoke"),
    path("settings/sessions/", session_views.sessions, name="settings-sessions"),
    path("settings/sessions/<int:session_id>/end/", session_views.end, name="settings-session-end"),
    path("settings/sessions/others/", session_views.end_others, name="settings-sessions-others"),
    path("settings/sessions/all/", session_views.end_all, name="settings-sessions-all"),
    path("settings/export/", leaving_views.export, name="settings-export"),
    path("settings/export/order/", leaving_views.order_export, name="settings-export-order"),
    path("settings/export/<uuid:export_id>.zip", leaving_views.download_export, name="settings-export-file"),
    path("settings/delete/", leaving_views.delete, name="settings-delete"),
    path("settings/delete/undo/", leaving_views.undo_deletion, name="settings-undo-deletion"),
    re_path(
        r"^(?P<kind>avatars|covers)/(?P<key>[0-9a-f]{32})\.(?P<size>small|large)\.webp$",
        portrait_views.file,
        name="portrait",
    ),
]
