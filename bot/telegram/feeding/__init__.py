"""What feeding the archive rests on: ``editor`` changes it, ``queue`` says what still waits to go in, ``posts``
are those of channels, ``sources`` is the list of what is followed."""
