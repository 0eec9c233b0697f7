"""Amazon Translate, once for each text and language in an environment's short memory."""

from collections import OrderedDict

from broadcast import aws

REMEMBERED = 256
"""Texts kept in one environment: speakers repeat themselves within minutes, not days."""

_memory: OrderedDict[tuple[str, str, str], str] = OrderedDict()


def translate(text: str, *, source: str, target: str) -> str:
    """The text in the target language; equal languages pass through. Raises the client's errors after its retries."""
    if source == target:
        return text
    key = (source, target, text)
    if key not in _memory:
        answer = aws.client("translate").translate_text(Text=text, SourceLanguageCode=source, TargetLanguageCode=target)
        _memory[key] = str(answer["TranslatedText"])
        while len(_memory) > REMEMBERED:
            _memory.popitem(last=False)
    return _memory[key]
