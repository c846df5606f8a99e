"""Who may ask: ``gate`` stands before every handler, ``store`` keeps whom the owners let in, ``ratelimits`` bounds how
often one asks, ``admins`` tells who may change a chat's settings."""
