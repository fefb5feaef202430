"""Talking to a model: what is sent, what comes back, and what can go wrong."""
