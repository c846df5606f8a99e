"""Libraries on trial against our own code, on the same inputs: ``python -m tests.bench.libraries``.

    pip install pypdfium2 weasyprint typst                                 for ``pdf``; Chromium too, where it is
    pip install trafilatura newspaper4k readability-lxml                   for ``html``
    pip install snowballstemmer nltk tashaphyne                            for ``stems``
    pip install dateparser htmldate                                        for ``dates``
    pip install chardet                                                    for ``encodings``

``printing`` prints articles to PDF files with every engine at hand, ``pdf`` compares readers of such files, ``html``
readers of web pages, ``stems`` Arabic stemmers, ``dates`` readers of dates, ``encodings`` recognisers of encodings.
What came out, and what was decided by it, is in docs/evaluation.md. None of these libraries is needed by the product or
its tests.
"""
