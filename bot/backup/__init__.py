"""Backups of a data folder that is in use, and their return.

backup      ``musnad backup``: one file with the state of each database at one moment
restore     ``musnad restore``: the whole of such a file into an empty data folder, or nothing
contents    what of a data folder is kept, in which order, and what is checked of it
snapshot    the copy of a database while others write to it
manifest    what a backup says of itself
bundle      the file: a tar under zstd; ``reading`` takes of a stranger's only what a backup can hold
staging     the folder in which a backup is prepared; ``rotation`` deletes the oldest
placing     brings what was restored into use
errors      what can go wrong
"""
