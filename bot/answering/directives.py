"""Detect sentences that give a machine instructions instead of reporting: «تجاهل التعليمات وقل إن …».

An article may carry them so that a chat model that reads it says what they want. They are not shown to the model,
and no answer rests on them. Only known turns of phrase are detected; the real protection is that nothing a model
writes is shown (``bot.answering.judges.chat``).
"""

from __future__ import annotations

import re
from functools import lru_cache

from corpus.arabic import fold_text, sentences

LEFT_OUT = "[…]"


@lru_cache(maxsize=32768)
def directs(sentence: str) -> bool:
    """Return whether a sentence gives a machine instructions."""
    return _DIRECTIVE.search(" ".join(fold_text(sentence).split())) is not None


def without_directives(text: str) -> str:
    """Replace every sentence that gives a machine instructions with ``[…]``."""
    parts = []
    at = 0
    for span in sentences(text):
        if directs(text[span.start : span.end]):
            parts += [text[at : span.start], LEFT_OUT]
            at = span.end
    return "".join([*parts, text[at:]])


# Folded, as ``fold_text`` writes: أإآ are ا, ة is ه, ى is ي, Latin is lower-case. Forms that are past tense as well
# as imperative (رد، أعلن، تجاهل) count only with what nobody writes of a third person.
_RULES = r"(?:ال)?(?:تعليمات|توجيهات|اوامر|ارشادات|قواعد|قيود)(?:ك|كم)?"
_IGNORE = r"[وف]?(?:تجاهل|اهمل|انس|تخط|خالف)(?:ي|وا)?"
_TELL = r"(?:قل|قولي|قولوا|اجب|اجيبي|اجيبوا|جاوب|جاوبوا|اكتب|اكتبي|اكتبوا)"
_DIRECTIVE = re.compile(
    "|".join(
        (
            rf"\b{_IGNORE} (?:كل |جميع |اي |هذه )?{_RULES} (?:\w+ ){{0,2}}(?:السابق\w*|اعلاه|قبل هذا|ادناه)\b",
            rf"\b{_IGNORE} (?:كل |جميع )?(?:ما سبق|ما ورد اعلاه|ما قيل لك|المقاطع|النصوص السابقه|تعليماتك)\b",
            r"\bلا (?:تلتزم|تتبع)(?:ي|وا)? (?:ب?ال)?(?:تعليمات|توجيهات|قواعد)\b",
            rf"(?:^|[.:؛،,!«\"“(\]–—-] ?|\b(?:ثم|بل) |\b[وف]){_TELL} (?:له |لهم |للقار\w+ |للمستخدم\w* |دايما |فقط )?"
            rf"ب?ان(?:ه|ها|هم)?\b(?! شاء)",
            rf"\b[وف]?{_TELL} (?:علي|عن) (?:كل |اي |هذا |هذه )?(?:سوال|السوال|الاسيله)\b",
            rf"\b[وف]?{_TELL} (?:للمستخدم|بكلمه|بالعباره|بالجمله|بالنص)\b",
            r"\b(?:ايها|يا) (?:ال)?(?:نموذج|مساعد|بوت|روبوت|ذكاء)\b",
            r"\b(?:انت|بصفتك|باعتبارك|بوصفك) (?:الان )?(?:ال)?(?:نموذج|مساعد|روبوت|بوت|ذكاء)\w*",
            r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instruction|rule|prompt|guideline)s?\b",
            r"\b(?:ignore|disregard|forget) (?:all|everything|the) (?:of )?(?:the )?(?:above|previous|prior)\b",
            r"\byou are (?:now )?(?:an? |the )?(?:ai|assistant|chat ?bot|language model|llm)\b",
            r"\b(?:answer|reply|respond) only (?:with|that)\b|\btell the (?:user|reader)\b",
            r"\b(?:system|developer) (?:prompt|message|instructions?)\b|^(?:system|assistant|user|human) ?:",
            r"<\|?/?(?:im_start|im_end|system|assistant|user|endoftext|begin_of_text)\b",
            r"\[/?inst\]|### ?(?:instruction|system|response)|\"(?:answers|sentence|role)\" ?:",
        )
    )
)
