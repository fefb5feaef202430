from django.urls import path

from evaluation.views import exporting, joining, rating, results

app_name = "evaluation"
urlpatterns = [
    path("", rating.queue, name="queue"),
    path("join/<str:token>/", joining.join, name="join"),
    path("export/<slug:slug>/", exporting.page, name="export"),
    path("export/<slug:slug>/part/", exporting.part, name="export-part"),
    path("export/<slug:slug>/<uuid:row>/", exporting.download, name="export-file"),
    path("results/<slug:slug>/", results.page, name="results"),
    path("results/<slug:slug>/again/", results.again, name="results-again"),
    path("results/<slug:slug>/rows/<slug:table>/", results.rows, name="rows"),
    path(
        "results/<slug:slug>/figures/<slug:name>.<slug:language>.<slug:format>",
        results.figure,
        name="figure",
    ),
    path("results/<slug:slug>/report.<slug:language>.<slug:format>", results.report, name="report"),
    path("<uuid:submission_id>/", rating.page, name="page"),
    path("<uuid:submission_id>/score/", rating.score, name="score"),
    path("<uuid:submission_id>/comment/", rating.comment, name="comment"),
    path("<uuid:submission_id>/image/<uuid:image_id>/<str:size>.jpg", rating.image, name="image"),
]
