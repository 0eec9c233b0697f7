"""Letters to sounds, for English words that no dictionary has. Pure.

A small table of rules, first match wins, from left to right. It need not be right: the aligner only needs sounds that
are nearer to this word than to its neighbours. Phones are ARPABET, as in the CMU dictionary.
"""

import re

_TABLE = r"""
    ^kn(?=.)          N
    ^gn(?=.)          N
    ^wr               R
    ^ps(?=y)          S
    ^x                Z
    ^mc(?=[^aeiouyhk]) M AH K
    ^mac(?=[dklmnpqr]) M AH K
    ^a(?=[^aeiou][aeiou]) AH
    ^a(?=[bcdfglnprst][bcdfglnprst]) AE
    ^o(?=[ct]t)       AA
    ^re(?=[^aeioudsn][aeiou]) R IY
    ^y(?=[aeiou])     Y
    ^un               AH N
    tion                   SH AH N
    (?<=[aeiou])sion       ZH AH N
    [cs]?sion              SH AH N
    [ct]ious               SH AH S
    ious                   IY AH S
    ous(?=$|ly$|ness$)     AH S
    [ct]ial                SH AH L
    [ct]ian                SH AH N
    ture(?=$|s$|d$)        CH ER
    sure(?=$|s$|d$)        ZH ER
    ight                   AY T
    augh(?=t)              AO
    ough(?=t)              AO
    ough                   AH F
    igh                    AY
    eigh                   EY
    aigh                   EY
    gh(?=[aeiou])          G
    gh
    tch                    CH
    ch(?=[rl])             K
    (?<=s)ch               K
    ch                     CH
    sch                    S K
    sc(?=[eiy])            S
    sh                     SH
    th(?=m)                TH
    th(?=e)                DH
    th                     TH
    ph                     F
    wh(?=o)                HH
    wh                     W
    ck                     K
    dg(?=[eiy])            JH
    dge                    JH
    ng(?=$|s$|h|w)         NG
    n(?=[kgxq])            NG
    mb(?=$|s$)             M
    mn(?=$)                M
    lm(?=$|s$)             M
    qu                     K W
    q                      K
    zz                     Z
    ss                     S
    (?<=[aeiouy])s(?=[aeiou]) Z
    (?<=[aeiouybdglmnrvw])s(?=$) Z
    s                      S
    ll                     L
    rr                     R
    tt                     T
    pp                     P
    bb                     B
    dd                     D
    ff                     F
    gg                     G
    mm                     M
    nn                     N
    cc(?=[eiy])            K S
    cc                     K
    c(?=[eiy])             S
    c                      K
    g(?=[eiy])             JH
    g                      G
    x                      K S
    j                      JH
    y(?=[aeiou])           Y
    (?<=^[bcdfghjklmnpqrstvwxz])y(?=$) AY
    (?<=^[bcdfghjklmnpqrstvwxz][bcdfghjklmnpqrstvwxz])y(?=$) AY
    y(?=$)                 IY
    y(?=[^aeiouy][aeiou])  AY
    y                      IH
    (?<=[tdnsk])ed(?=$)    AH D
    (?<=[pkfhxc])ed(?=$)   T
    (?<=[^aeiou])ed(?=$)   D
    (?<=[sxzc])es(?=$)     AH Z
    (?<=[sc]h)es(?=$)      AH Z
    (?<=[^aeiouy])ely(?=$) L IY
    (?<=[^aeiou])le(?=$|s$|d$) AH L
    (?<=[aeiouy][^aeiouywx])e(?=$|s$|ly$|ment|ful|less)
    (?<=[a-z][a-z])e(?=$|s$)
    ear(?=[ln])            ER
    ear                    IH R
    eer                    IH R
    air                    EH R
    are(?=$|s$|d$)         EH R
    ere(?=$)               IH R
    ire(?=$|s$|d$)         AY ER
    ore(?=$|s$|d$)         AO R
    ure(?=$|s$|d$)         Y UH R
    oor                    AO R
    our                    AO R
    war                    W AO R
    wor                    W ER
    ar(?=[aeiou])          EH R
    ar                     AA R
    er(?=[aeiou])          EH R
    er                     ER
    ir(?=[aeiou])          IH R
    ir                     ER
    or                     AO R
    ur                     ER
    eau                    OW
    ai                     EY
    ay                     EY
    au                     AO
    aw                     AO
    ee                     IY
    ea                     IY
    ei                     IY
    ey(?=$|s$)             IY
    ey                     EY
    eu                     Y UW
    ew                     UW
    ie(?=$|s$)             IY
    ie                     IY
    ia                     IY AH
    io                     IY OW
    iu                     IY AH
    oa                     OW
    oe                     OW
    oi                     OY
    oy                     OY
    ook                    UH K
    oo                     UW
    ou                     AW
    ow(?=$|s$|n$|e)        OW
    ow                     AW
    ue(?=$|s$)             UW
    ui                     UW
    al(?=$|ly$|s$)         AH L
    al(?=[lkd])            AO L
    alk                    AO K
    wa(?=[nst])            W AA
    a(?=[^aeiouywx]e(?:$|s$|d$|r$|ly$|ment)) EY
    a(?=[^aeiouywx]i[no])  EY
    a(?=ste)               EY
    a(?=$)                 AH
    a                      AE
    e(?=[^aeiouywx]e(?:$|s$|d$)) IY
    (?<=^[bcdfghjklmnpqrstvwxz])e(?=$) IY
    e(?=[st]t?$|n[ct]e?s?$|n$|l$|ss|m?ent) AH
    e                      EH
    i(?=nd$|ld$)           AY
    i(?=[^aeiouywx]e(?:$|s$|d$|r$|ly$)) AY
    i(?=$)                 IY
    i                      IH
    o(?=[^aeiouywx]e(?:$|s$|d$|r$|ly$)) OW
    o(?=ld|st$|ll$|th$)    OW
    o(?=$|s$|es$)          OW
    on(?=$|s$)             AH N
    om(?=$|e)              AH M
    o(?=[^aeiou][aeiou])   OW
    o                      AA
    u(?=[^aeiouywx]e(?:$|s$|d$|r$|ly$)) UW
    (?<=^[bcdfghmp])u(?=[^aeiou][aeiou]) Y UW
    u(?=[^aeiou][aeiou])   UW
    u                      AH
    b                      B
    d                      D
    f                      F
    h(?=$)
    h                      HH
    k                      K
    l                      L
    m                      M
    n                      N
    p                      P
    r                      R
    t                      T
    v                      V
    w(?=r|$)
    w                      W
    z                      Z
"""

_RULES = tuple((re.compile(line.split()[0]), tuple(line.split()[1:])) for line in _TABLE.strip().splitlines())

LETTER_NAMES = {
    "a": "EY", "b": "B IY", "c": "S IY", "d": "D IY", "e": "IY", "f": "EH F", "g": "JH IY", "h": "EY CH", "i": "AY",
    "j": "JH EY", "k": "K EY", "l": "EH L", "m": "EH M", "n": "EH N", "o": "OW", "p": "P IY", "q": "K Y UW",
    "r": "AA R", "s": "EH S", "t": "T IY", "u": "Y UW", "v": "V IY", "w": "D AH B AH L Y UW", "x": "EH K S",
    "y": "W AY", "z": "Z IY",
}  # fmt: skip


def phones(word: str) -> tuple[str, ...]:
    """The likely sounds of a word of the letters a to z; letter by letter when it has no vowel to be said with."""
    if not re.search("[aeiouy]", word):
        return spelled(word)
    sounds: list[str] = []
    place = 0
    while place < len(word):
        for pattern, made in _RULES:
            found = pattern.match(word, place)
            if found:
                sounds += made
                place = found.end()
                break
        else:
            place += 1
    return tuple(sounds) or spelled(word)


def spelled(word: str) -> tuple[str, ...]:
    """The names of the word's letters, as abbreviations are said."""
    return tuple(sound for letter in word if letter in LETTER_NAMES for sound in LETTER_NAMES[letter].split())
