"""Static files under hashed names, ES module imports included: browsers may keep them for ever."""

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage


class HashedModules(ManifestStaticFilesStorage):
    support_js_module_import_aggregation = True
