"""An exam in reading: files such as newsrooms hold, each with what must be read from it.

    python -m tests.evals.reading [--half fit|held] [ID …]

The cases stand in ``cases/``, one table of each kind, written before the faults that they try were mended and by others
than those who mended them. Each is a small file, given as text or built by `tests.evals.reading.build`, that is taken
into an archive of its own: no case is another's duplicate or recurring line.

Cases of the half ``fit`` may be looked at while working; of ``held`` only the score is printed, unless a case is
asked for by its id.

``cases`` reads the tables; ``build`` makes the files; ``taking`` takes a case's files in and returns what was ``seen``;
``check`` compares that with what is right.
"""
