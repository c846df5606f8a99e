"""Updates coming in.

polling, webhook    bring them; ``refusals`` tells a hiccup of the server from a token that was revoked, ``stallwatch``
                    a step that takes long from one that hangs
inbox               keeps them until they are processed; ``rawupdates``: what they tell of themselves as they come
deadletterstore     those that were given up, until the owners have been told
dispatcher          hands them to the handlers; ``workers`` runs what takes long, a few at a time
"""
