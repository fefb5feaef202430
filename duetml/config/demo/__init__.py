"""What `manage.py demo` adds to an empty platform: weights if the network has them, pictures, two
open studies and two accounts. Done again, it keeps everything."""
