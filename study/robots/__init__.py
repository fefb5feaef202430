"""Scripted participants and raters: strangers that know HTTP and sockets, nothing of the house.

crowd.participants(…), crowd.raters(…)   many at once
participant.Participant, rater.Rater     one life each
journal.Journal                          what the server acknowledged, by client id
"""
