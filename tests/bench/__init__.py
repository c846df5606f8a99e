"""Measurements: ``python -m tests.bench``. No tests, and nothing the product needs."""
