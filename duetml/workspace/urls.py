from django.urls import path

from duetml.workspace.views import learning, pools, studio, workspace

app_name = "workspace"
urlpatterns = [
    path("<uuid:workspace>/image/<uuid:image>/<str:size>.jpg", workspace.picture, name="picture"),
    path("<uuid:workspace>/upload/", workspace.upload, name="upload"),
    path("<uuid:workspace>/similar/", learning.similar, name="similar"),
    path("<uuid:workspace>/map/<uuid:row>.json", learning.map_points, name="map"),
    path("<uuid:workspace>/parcel/<uuid:row>/<str:name>", learning.parcel_file, name="parcel"),
]

# Mounted apart from it: (patterns, namespace), as include() takes them.
of_pools = (
    [
        path("", pools.home, name="home"),
        path("<slug:name>/", pools.pool, name="pool"),
        path("<slug:name>/archive/", pools.archive, name="archive"),
        path("<slug:name>/archive/<uuid:row>/", pools.report, name="report"),
        path("<slug:name>/add/", pools.add, name="add"),
        path("<slug:name>/prepare/", pools.prepare, name="prepare"),
        path("<slug:name>/licence/", pools.licence, name="licence"),
        path("<slug:name>/remove/", pools.remove, name="remove"),
        path("<slug:name>/delete/", pools.delete, name="delete"),
        path("<slug:name>/try/", studio.preview, name="preview"),
        path("<slug:name>/<uuid:image>/<str:size>.jpg", pools.picture, name="picture"),
    ],
    "pools",
)
of_studio = (
    [
        path("", studio.start, name="start"),
        path("new/", studio.new, name="new"),
        path("<uuid:workspace>/", studio.workspace, name="workspace"),
        path("sample/<int:pool>/<uuid:image>.jpg", studio.sample, name="sample"),
    ],
    "studio",
)
