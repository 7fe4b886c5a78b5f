from django.urls import path

from generation import pickers, views, views_grids, views_presets, views_prompt, views_sources

app_name = "generation"

urlpatterns = [
    path("generate/", views.generate, name="generate"),
    path("jobs/<uuid:job_id>/", views.job, name="job"),
    path("jobs/<uuid:job_id>/card/", views.card, name="card"),
    path("jobs/<uuid:job_id>/state.json", views.state, name="job-state"),
    path("jobs/<uuid:job_id>/cancel/", views.cancel, name="cancel"),
    path("jobs/<uuid:job_id>/retry/", views.retry, name="retry"),
    path("generate/complete.json", views_prompt.complete, name="complete"),
    path("generate/tokens.json", views_prompt.tokens, name="tokens"),
    path("prompts/", views_prompt.prompts, name="prompts"),
    path("prompts/clear/", views_prompt.clear, name="prompts-clear"),
    path("prompts/<int:prompt_id>/star/", views_prompt.star, name="prompt-star"),
    path("prompts/<int:prompt_id>/forget/", views_prompt.forget, name="prompt-forget"),
    path("presets/", views_presets.mine, name="presets"),
    path("presets/<int:preset_id>/overwrite/", views_presets.overwrite, name="preset-overwrite"),
    path("presets/<int:preset_id>/change/", views_presets.change, name="preset-change"),
    path("presets/<str:token>/", views_presets.shared, name="preset-shared"),
    path("generate/sources/", views_sources.create, name="sources"),
    path("generate/sources/<uuid:source_id>.png", views_sources.file, name="source-file"),
    path("grids/", views_grids.mine, name="grids"),
    path("grids/<uuid:grid_id>/", views_grids.grid, name="grid"),
    path("grids/<uuid:grid_id>/state.json", views_grids.state, name="grid-state"),
    path("grids/<uuid:grid_id>/cancel/", views_grids.cancel, name="grid-cancel"),
    path("grids/<uuid:grid_id>/sheet.png", views_grids.sheet, name="grid-sheet"),
    path("generate/pictures/", pickers.pictures, name="pick-pictures"),
    path("generate/resources/", pickers.resources, name="pick-resources"),
    path("generate/quota/", pickers.quota, name="form-quota"),
]
