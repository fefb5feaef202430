"""What is written to the logs, and what must not be.

scrubbing    secrets, links and people's ids taken out of a sentence
formatting   one line, or one JSON object, per record (LOG_FORMAT)
tracing      a request's id, from the proxy's log to ours
"""
