"""Function words, which do not indicate the topic of a text or a question.

They are spelt as people write them; ``corpus.arabic.STOPWORDS`` holds them folded. Left out on purpose: words
that reverse a statement («غير», «دون», «عدم», «سوى»), verbs of saying, and words that are also names or things
(«دول», «مني»).
"""

ARABIC = """
من متى أين كيف كم ماذا لماذا هل ما مَن أي أية أيّ أيها أيتها ماهي ماهو منذا بم بماذا لمن ممن عمن عم
عمّا مما لم لما فيما بما كما كلما حيثما أينما مهما كيفما بكم لكم أيان أنى شو ايش إيش اش أش شنو شنهو
وش ويش ايه إيه مين منو وين فين ايمتى إيمتى امتى إمتى أمتى ايمت قديش قديه اديش أديش ئديش كام ليش ليه
كيفن كيفو ازاي إزاي شلون اشلون هلق هلأ هلا دلوقتي هيك هيدا هيدي هاد هادا هاي هادي هدول هذول ده دي
اللي يلي الي عشان علشان منشان مشان كمان بس لسا لسه شي حدا رح مو مش في فيه فيها فيهم فيهما فينا إلى
إليه إليها إليهم إليهما إلينا إليك على عليه عليها عليهم عليهما علينا عليك عن عنه عنها عنهم عنهما عنا
منه منها منهم منهما منا منك به بها بهم بهما بنا بك له لها لهم لهما لنا لك لي مع معه معها معهم معهما
معنا بين بينه بينها بينهم بينهما بيننا لدى لديه لديها لديهم لدينا عند عنده عندها عندهم عندنا حول
حوله حولها نحو منذ مذ خلال أثناء ضد لأجل عبر حتى ضمن وفق وفقا بحسب حسب بشأن تجاه إزاء قبل بعد بعدما
فوق تحت أمام وراء خلف أن إن أنه أنها أنهم أنهما أننا أني إنه إنها إنهم إنهما إننا إني بأن بأنه بأنها
بأنهم لأن لأنه لأنها لأنهم كأن كأنه كأنها لكن لكنه لكنها لكنهم لعل ليت ألا إلا أما إما إذ إذا إذن
إذاً لو لولا لوما كي لكي حيث حين حينما عندما بينما بل أو أم ثم قد لقد فإن فإنه فإنها فقد فهو فهي فما
فلا فلم إنما هو هي هم هما هن أنا نحن أنت أنتم أنتما إياه إياها هذا هذه هذان هذين هاتان هاتين هؤلاء
ذلك تلك ذاك أولئك هنا هناك هنالك كذلك لذلك بذلك هكذا لهذا لهذه بهذا بهذه كهذا كهذه الذي التي الذين
اللذان اللذين اللتان اللتين اللاتي اللواتي اللائي كان كانت كانوا يكون تكون يكونون كنا كنت سيكون
ستكون كونه كونها لا لن ليس ليست كل بعض أيضا أيضًا أحد إحدى ذات ذو نفس نفسه نفسها جدا فقط مثل مثلا يا
سوف كذا
"""
"""Standard, Levantine, Egyptian, Iraqi and Gulf Arabic, question words among them."""

NOT_AFTER_WAW = frozenset(("لي", "هم", "عد"))
"""Function words that form another word with «و» before them: «ولي»، «وهم»، «وعد»."""

ENGLISH = """
a about above across after again against all also am an and any are aren as at be because been
before being below between both but by can cannot could couldn d did didn do does doesn doing don
down during each etc few for from further had hadn has hasn have haven having he her here hers
herself him himself his how i if in into is isn it its itself just ll m me more most my myself no
nor not now o of off on once only or other our ours ourselves out over own re s same shall she
should shouldn so some such t than that the their theirs them themselves then there these they this
those through to too under until up upon ve very was wasn we were weren what when where which while
who whom whose why will with within without won would wouldn you your yours yourself yourselves
"""
"""English, with the fragments of contractions that are split at their apostrophe."""
