"""Everything this platform knows in one file, and back.

manifest   what a backup says about itself: version, migrations, rows, hashes
rows       tables as lines of JSON, read in one moment of the database
files      pictures, models and whatever else lies in the storage
settings   the settings, without secrets
writing    manage.py backup
reading    opening a backup and checking all of it
restoring  manage.py restore
"""
