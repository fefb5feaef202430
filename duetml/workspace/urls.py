from django.urls import path

from duetml.workspace import views

app_name = "workspace"
urlpatterns = [
    path("<uuid:workspace>/image/<uuid:image>/<str:size>.jpg", views.picture, name="picture"),
    path("<uuid:workspace>/upload/", views.upload, name="upload"),
]
