"""Reading and parsing in a process of its own, within bounds: what strangers send may break any reader of it.

    with Worker() as worker:
        page = worker.read(data, ".docx")
        articles = worker.parse(page.text, "statement.docx", page.said)

``client`` is the side of the program, ``process`` the side of the bounded process, ``wire`` what goes between them.
"""

from __future__ import annotations

from corpus.worker.client import Bounds, Worker

__all__ = ["Bounds", "Worker"]
