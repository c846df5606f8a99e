"""`musnad calibrate`: ``calibrate`` fits and measures, by questions made from the archive's own articles
(``selfmade``); ``calibration`` keeps what came of it."""
