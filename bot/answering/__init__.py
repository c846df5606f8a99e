"""From a question to an answer: understand, retrieve, judge, select, compose, date, verify. ``pipeline`` is it.

question        what is asked: kind, words, speaker, period; ``spelling`` corrects words that the archive lacks
candidates      the sentences of the passages found, but for those that talk to a machine (``directives``)
features        what speaks for a sentence, by the words they share (``matching``)
judges          what a sentence is worth as an answer; ``fitted`` reads the default judge's models
sources         which articles are one source, being copies; how many are independent
select          which sentences are shown, and as what
compose         the Answer; ``lines`` says its first line
freshness       how fresh the archive is, where that matters to the question
asker           conversations around that way
followup        questions that lean on what was said; ``parts``: messages of several; ``pointing``: quoted words;
                ``courtesy``: greetings and thanks
calibrating     `musnad calibrate`
evaluation      how well the grades hold
"""
