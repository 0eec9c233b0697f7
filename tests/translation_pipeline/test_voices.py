"""Each language with a voice is one that can be listened to, spoken by a voice that Polly has."""

from botocore.session import get_session
from broadcast.languages import TARGET_LANGUAGES
from translation_processor.voices import VOICES, voice_of


def test_every_voice_belongs_to_a_language_of_the_product():
    assert set(VOICES) <= TARGET_LANGUAGES
    assert voice_of("uk") is None


def test_polly_knows_every_voice_engine_and_language_code():
    """By the service's own model, as the SDK carries it."""
    members = get_session().get_service_model("polly").operation_model("SynthesizeSpeech").input_shape.members
    for voice in VOICES.values():
        assert voice.voice_id in members["VoiceId"].enum
        assert voice.language_code in members["LanguageCode"].enum
        assert voice.engine in members["Engine"].enum
