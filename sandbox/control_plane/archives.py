"""Function code and layers, unpacked once to folders named by their content."""

import base64
import binascii
import io
import zipfile
from pathlib import Path

from sandbox.made_once import made_once


class BadArchiveError(ValueError):
    """An archive that Lambda would not unpack."""


def folder_name(code_sha256: str) -> str:
    """Lambda's base64 digest as the name of a folder."""
    try:
        return base64.b64decode(code_sha256, validate=True).hex()
    except binascii.Error:
        return code_sha256


def unpack(archive: bytes, code_sha256: str, root: Path) -> Path:
    """The folder with the archive's files. Raises BadArchiveError for one that is no zip or that leaves its folder."""
    return made_once(root / folder_name(code_sha256), lambda part: _extract(archive, part))


def _extract(archive: bytes, part: Path) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as content:
            for member in content.infolist():
                if not (part / member.filename).resolve().is_relative_to(part.resolve()):
                    raise BadArchiveError(f"expected paths inside the archive, got {member.filename}")
                content.extract(member, part)
                mode = member.external_attr >> 16 & 0o777
                if mode and not member.is_dir():
                    (part / member.filename).chmod(mode | 0o400)
    except zipfile.BadZipFile as error:
        raise BadArchiveError(f"expected a zip archive, got {error}") from error
