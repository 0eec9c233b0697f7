"""`sandbox speak`, `listen`: one client each, for terminals and scripts. `sandbox script make`: a script for a
recording."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from sandbox.cli.options import DEFAULT_STATE_DIR, AsJson, StateDir, failure, print_json, usage_error
from sandbox.cli.system import ask, current

STAYS_ON_AIR_MS = 3000
SCRIPT_EXAMPLE = "talk.wav --text 'Good morning, everyone.' -o talk.script.yaml"


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: sandbox speak --user ada audio_samples/austen-0870.wav")(speak)
    app.command(epilog="Example: sandbox listen golden-eagle-427 es")(listen)
    app.command(epilog=f"Example: sandbox script make {SCRIPT_EXAMPLE}")(script)


def speak(
    recording: Annotated[Path, typer.Argument(help="Any audio file.")],
    user: Annotated[str, typer.Option(help="Who speaks.")] = "speaker",
    language: Annotated[str, typer.Option(help="The language spoken, two letters.")] = "en",
    wait: Annotated[float, typer.Option(help="Seconds between the session's creation and the first word.")] = 0.0,
    chunk: Annotated[
        int | None, typer.Option(help="Milliseconds of audio in each message, 20 to 750; 200 without.")
    ] = None,
    state_dir: StateDir = DEFAULT_STATE_DIR,
) -> None:
    """Open a session, print its id, send the recording in real time, and end the session."""
    from sandbox.client.recording import (
        BYTES_PER_MS,
        CHUNK_MS,
        LONGEST_CHUNK_MS,
        SHORTEST_CHUNK_MS,
        RecordingError,
        load,
    )
    from sandbox.client.speaker import SessionRefusedError, Speaker

    chunk_ms = CHUNK_MS if chunk is None else chunk
    if not SHORTEST_CHUNK_MS <= chunk_ms <= LONGEST_CHUNK_MS:
        usage_error(f"expected --chunk from {SHORTEST_CHUNK_MS} to {LONGEST_CHUNK_MS} ms, got {chunk_ms}")
    state = current(state_dir)
    try:
        loaded = load(recording)
    except RecordingError as error:
        usage_error(error)
    token = ask(state_dir, "POST", "token", {"user": user})["token"]

    async def perform() -> None:
        speaker = await Speaker.open(state.webSocketUrl, token=token, language=language)
        print(speaker.session_id, flush=True)
        await asyncio.sleep(wait)
        # A speaker who stops talking stays on air a little, or the last words would find nobody listening.
        silence = [bytes(chunk_ms * BYTES_PER_MS)] * (STAYS_ON_AIR_MS // chunk_ms)
        await speaker.stream([*loaded.chunks(chunk_ms), *silence])
        await speaker.end()

    try:
        asyncio.run(perform())
    except (SessionRefusedError, ConnectionError) as error:
        failure(error)


def listen(
    session_id: Annotated[str, typer.Argument(help="The session's id.")],
    language: Annotated[str, typer.Argument(help="The language to read, two letters.")],
    state_dir: StateDir = DEFAULT_STATE_DIR,
) -> None:
    """Join a session and print every message it sends, one JSON document a line, until it ends."""
    from sandbox.client.connection import Message
    from sandbox.client.listener import Listener

    state = current(state_dir)

    def show(message: Message, _received_ms: int, _new: bool) -> None:
        print(json.dumps(message, ensure_ascii=False), flush=True)

    async def perform() -> None:
        listener = await Listener.open(state.webSocketUrl, session_id=session_id, language=language)
        show(listener.joined, 0, True)
        await listener.follow(show)

    try:
        asyncio.run(perform())
    except (ConnectionError, RuntimeError) as error:
        failure(error)


def script(
    action: Annotated[str, typer.Argument(help="'make'.")],
    recording: Annotated[Path, typer.Argument(help="An audio file; one that is not 16 kHz mono needs -o.")],
    words: Annotated[Path | None, typer.Option(help="Its words and times; NAME.words.json beside it without.")] = None,
    text: Annotated[
        str | None, typer.Option(help="Or what is said in it, aligned to the audio by PocketSphinx.")
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", help="Where it is written; printed without.")] = None,
    seed: Annotated[int, typer.Option(help="The model's seed.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Make the script that the fake Transcribe plays for a recording.

    A recording in another form than 16 kHz mono WAV is written in that form beside the script.
    """
    from fake_transcribe import script as scripts
    from fake_transcribe.errors import ScriptError
    from sandbox.client.recording import RecordingError, load_pcm
    from sandbox.demo.own_recording import make_script, playable, spoken_words

    if action != "make":
        usage_error(f"expected 'make', got {action}")
    try:
        pcm = load_pcm(recording)
        spoken = spoken_words(recording, pcm, words=words, text=text)
        wav = playable(recording, pcm, output)
        made = make_script(wav, spoken, seed=seed)
    except (RecordingError, ScriptError, OSError) as error:
        usage_error(error)
    document = scripts.dump(made)
    if output is None:
        sys.stdout.write(document)
        return
    try:
        output.write_text(document, encoding="utf-8")
    except OSError as error:
        usage_error(f"expected to write {output}, got {error.strerror}: give a file in a folder that exists")
    about = {"file": str(output), "audio": str(wav), "segments": len(made.segments), "model": dict(made.model)}
    if as_json:
        print_json(about)
    else:
        print(f"{output}: {len(made.segments)} segments of {wav}")
