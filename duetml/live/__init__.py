"""The event log: what happened, once, in order, and pushed to the browsers that watch.

record(stream, kind, payload, at=now)   one row, in the caller's transaction; frames go out after
commit push(stream, frame)                     a frame without a row (tokens, progress): may be lost
since(stream, seq)                      what a reconnecting browser missed
"""
