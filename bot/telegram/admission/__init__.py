"""How people and groups come in, and how owners shut them out.

door            where the gate sends what it turns away: it gives each kind its answer
pairing         a stranger's request, and that of a group that the bot was added to, brought to the owners
refusals        a word for strangers who press a button or ask in inline mode; their channels are left
whoami          whom the bot takes one for: also told to strangers
decisions       of the owners on requests: announced and carried out
accesscommands  ``/allow`` and ``/deny``; ``accessmenu`` lists who is in, out and waiting
"""
