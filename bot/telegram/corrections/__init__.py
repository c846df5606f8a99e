"""Corrections: chats that were given a quote are told when its article changed, was taken back or removed.

watch      looks through what changed in the archive, whoever changed it, and notes which chats that may concern
planning   finds the touched quotes of a chat and fixes what it is told: few articles one by one, many in a digest
sending    sends it, once
store      keeps all that, so that a kill loses nothing
"""
