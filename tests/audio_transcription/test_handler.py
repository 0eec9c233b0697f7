"""The function's entry."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_ingest_loads_neither_the_transcribe_client_nor_asyncio_modules_of_the_worker():
    code = (
        "import sys, audio_processor.handler;"
        "print([name for name in sys.modules if name.split('.')[0] in "
        "('numpy', 'amazon_transcribe', 'aws_lambda_powertools', 'partial_results')"
        " or name == 'audio_processor.serving'])"
    )
    paths = [ROOT / "services/shared", ROOT / "services/audio-transcription/lambda"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths))}
    loaded = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, timeout=30
    )
    assert loaded.stdout.strip() == "[]"
