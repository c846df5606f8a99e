"""Trains and measures the reader: `python -m tests.bench.reader train|eval`."""
