from django.urls import path

from generation.views import comparing, generate, grids, pickers, presets, prompt, queue, reruns, sources

app_name = "generation"

urlpatterns = [
    path("generate/", generate.generate, name="generate"),
    path("queue/", queue.queue_panel, name="queue"),
    path("results/", queue.results_page, name="results"),
    path("compare/", comparing.compare, name="compare"),
    path("jobs/active.json", queue.active, name="active"),
    path("jobs/<uuid:job_id>/hold/", queue.hold, name="hold"),
    path("jobs/<uuid:job_id>/release/", queue.release, name="release"),
    path("jobs/<uuid:job_id>/move/", queue.move, name="move"),
    path("pictures/<uuid:picture_id>/side/", queue.picture_side, name="picture-side"),
    path("jobs/<uuid:job_id>/", generate.job, name="job"),
    path("jobs/<uuid:job_id>/card/", generate.card, name="card"),
    path("jobs/<uuid:job_id>/state.json", generate.state, name="job-state"),
    path("jobs/<uuid:job_id>/cancel/", generate.cancel, name="cancel"),
    path("jobs/<uuid:job_id>/retry/", generate.retry, name="retry"),
    path("generate/complete.json", prompt.complete, name="complete"),
    path("generate/tokens.json", prompt.tokens, name="tokens"),
    path("prompts/", prompt.prompts, name="prompts"),
    path("prompts/clear/", prompt.clear, name="prompts-clear"),
    path("prompts/<int:prompt_id>/star/", prompt.star, name="prompt-star"),
    path("prompts/<int:prompt_id>/forget/", prompt.forget, name="prompt-forget"),
    path("presets/", presets.mine, name="presets"),
    path("presets/<int:preset_id>/overwrite/", presets.overwrite, name="preset-overwrite"),
    path("presets/<int:preset_id>/change/", presets.change, name="preset-change"),
    path("presets/<str:token>/", presets.shared, name="preset-shared"),
    path("generate/sources/", sources.create, name="sources"),
    path("generate/sources/<uuid:source_id>.png", sources.file, name="source-file"),
    path("pictures/<uuid:picture_id>/rerun/", reruns.rerun, name="rerun"),
    path("pictures/<uuid:picture_id>/variations/", reruns.variations, name="variations"),
    path("grids/", grids.mine, name="grids"),
    path("grids/<uuid:grid_id>/", grids.grid, name="grid"),
    path("grids/<uuid:grid_id>/state.json", grids.state, name="grid-state"),
    path("grids/<uuid:grid_id>/cancel/", grids.cancel, name="grid-cancel"),
    path("grids/<uuid:grid_id>/sheet.png", grids.sheet, name="grid-sheet"),
    path("generate/pictures/", pickers.pictures, name="pick-pictures"),
    path("generate/resources/", pickers.resources, name="pick-resources"),
    path("generate/quota/", pickers.quota, name="form-quota"),
]
