from django.urls import path

from study.views import participant, preview, staff

app_name = "study"
urlpatterns = [
    path("s/<slug:slug>/", participant.public, name="public"),
    path("s/<slug:slug>/enrol/", participant.enrol, name="enrol"),
    path("p/<str:token>/", participant.enter, name="enter"),
    path("step/", participant.step, name="step"),
    path("answer/", participant.answer, name="answer"),
    path("preview/<str:signed>/", preview.start, name="preview"),
    path("", staff.home, name="home"),
    path("<slug:slug>/", staff.study, name="study"),
    path("<slug:slug>/agents/", staff.agents, name="agents"),
    path("<slug:slug>/open/", staff.open_study, name="open"),
    path("<slug:slug>/close/", staff.close_study, name="close"),
    path("<slug:slug>/unlock/", staff.unlock, name="unlock"),
]
