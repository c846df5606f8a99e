"""musnad: sourced answers from a news archive, in a terminal and in Telegram.

cli, repl       the command ``musnad``: ``lines`` answers questions from a file, ``measure`` is `musnad eval`,
                ``progress`` shows how far long work is, ``loading`` loads the model while somebody types,
                ``failures`` turns an exception into a line, ``version`` tells which musnad this is
build           puts the parts together as ``settings`` says
answering       from a question to an answer; ``conversation`` remembers what was said before
answer          what is answered: an Answer with its Quotes; ``opening`` is its first line
quotes          the gate: nothing is shown but slices of stored articles; ``claim`` checks what somebody quotes,
                ``permalink`` finds a quote again
state           the file ``bot.sqlite``
render          answers as text, JSON and Telegram messages
telegram        the bot
lexicon, llm    what is known of words; the chat model
"""
