from django.urls import path

from duetml.workspace.views import workspace

app_name = "workspace"
urlpatterns = [
    path("<uuid:workspace>/image/<uuid:image>/<str:size>.jpg", workspace.picture, name="picture"),
    path("<uuid:workspace>/upload/", workspace.upload, name="upload"),
]
