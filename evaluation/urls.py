from django.urls import path

from evaluation.views import exporting, joining, person, plan, rating, results

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
    path("study/<slug:slug>/", plan.page, name="plan"),
    path("study/<slug:slug>/invite/", plan.invite, name="invite"),
    path("study/<slug:slug>/withdraw/", plan.withdraw, name="withdraw"),
    path("about/<slug:rater>/", person.about, name="about"),
    path("training/<slug:rater>/", person.trained, name="training"),
    path("finish/<slug:rater>/", person.finish, name="finish"),
    path("guess/<slug:rater>/", person.guess, name="guess"),
    path("<uuid:showing_id>/", rating.page, name="page"),
    path("<uuid:showing_id>/score/", rating.score, name="score"),
    path("<uuid:showing_id>/comment/", rating.comment, name="comment"),
    path("<uuid:showing_id>/submit/", rating.submit, name="submit"),
    path("<uuid:showing_id>/looked/", rating.looked, name="looked"),
    path("<uuid:showing_id>/<int:number>/<str:size>.jpg", rating.picture, name="picture"),
]
