"""What a sentence names that a question can ask for: numbers, people, places, attributed speech."""

from bot.mentions.attribution import speech
from bot.mentions.count import counted, numbers
from bot.mentions.location import locations, places
from bot.mentions.person import family_names, office, people, together
from bot.mentions.span import Mention

__all__ = [
    "Mention",
    "counted",
    "family_names",
    "locations",
    "numbers",
    "office",
    "people",
    "places",
    "speech",
    "together",
]
