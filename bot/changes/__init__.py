"""What changed in the archive, and which quotes that were given are touched by it.

fate      what became of a quote: its words stand, were changed or taken out, or its article is gone
"""
