"""Updates coming in: ``polling`` or ``webhook`` brings them, ``inbox`` keeps them, ``dispatcher`` hands them to the
handlers, ``workers`` runs what takes long, a few at a time; ``refusals`` tells a hiccup of the server from a token that
was revoked."""
