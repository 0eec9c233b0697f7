"""Amazon Polly's voices: what each speaks, and by which engine. Pure.

From the developer guide, "Standard voices" and "Neural voices". Two rows are as the service answers and not as its
table says: Kevin is refused by the standard engine (deeheber/text-to-speech-converter#30), Justin and Matthew are not.
Generative and long-form voices are not emulated: no voice here has these engines.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class PollyVoice:
    """One voice. The first language is its default; a bilingual voice has two."""

    languages: tuple[str, ...]
    engines: frozenset[str]


_STANDARD = """
arb Zeina | cmn-CN Zhiyu | da-DK Naja Mads | nl-NL Lotte Ruben | en-AU Nicole Russell | en-GB Amy Emma Brian
en-IN,hi-IN Aditi | en-IN Raveena | en-US Ivy Joanna Kendra Kimberly Salli Joey Justin Matthew | en-GB-WLS Geraint
fr-FR Celine Lea Mathieu | fr-CA Chantal | de-DE Marlene Vicki Hans | is-IS Dora Karl | it-IT Carla Bianca Giorgio
ja-JP Mizuki Takumi | ko-KR Seoyeon | nb-NO Liv | pl-PL Ewa Maja Jacek Jan | pt-BR Camila Vitoria Ricardo
pt-PT Ines Cristiano | ro-RO Carmen | ru-RU Tatyana Maxim | es-ES Conchita Lucia Enrique | es-MX Mia
es-US Lupe Penelope Miguel | sv-SE Astrid | tr-TR Filiz | cy-GB Gwyneth
"""
_NEURAL = """
ar-AE,arb Hala Zayd | nl-BE Lisa | ca-ES Arlet | cs-CZ Jitka | yue-CN Hiujin | cmn-CN Zhiyu | da-DK Sofie | nl-NL Laura
en-AU Olivia | en-GB Amy Emma Brian Arthur | en-IN,hi-IN Kajal | en-IE Niamh | en-NZ Aria | en-ZA Ayanda | en-SG Jasmine
en-US Danielle Gregory Ivy Joanna Kendra Kimberly Salli Joey Justin Kevin Matthew Ruth Stephen | fi-FI Suvi
fr-BE Isabelle | fr-CA Gabrielle Liam | fr-FR Lea Remi | de-AT Hannah | de-CH Sabrina | de-DE Vicki Daniel
it-IT Bianca Adriano | ja-JP Takumi Kazuha Tomoko | ko-KR Seoyeon Jihye | nb-NO Ida | pl-PL Ola
pt-BR Camila Vitoria Thiago | pt-PT Ines | es-ES Lucia Sergio | es-MX Mia Andres | es-US Lupe Pedro | sv-SE Elin
tr-TR Burcu
"""


def _voices() -> dict[str, PollyVoice]:
    voices: dict[str, PollyVoice] = {}
    for engine, table in (("standard", _STANDARD), ("neural", _NEURAL)):
        for row in table.replace("\n", "|").split("|"):
            languages, *names = row.split() or [""]
            for name in names:
                engines = voices[name].engines if name in voices else frozenset()
                voices[name] = PollyVoice(languages=tuple(languages.split(",")), engines=engines | {engine})
    return voices


VOICES = _voices()
