"""From a question to an answer: understand, retrieve, judge, select, compose, verify (``pipeline``)."""
