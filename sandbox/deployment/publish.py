"""Assets: what has to be in the bootstrap bucket before a stack can be created."""

import io
import zipfile
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from sandbox.deployment.assembly import FileAsset
from sandbox.deployment.errors import MissingAssetError

_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


def publish(s3: Any, asset: FileAsset) -> None:
    """Put an asset under its key unless it is there (F-05). Raises MissingAssetError."""
    try:
        s3.head_object(Bucket=asset.bucket, Key=asset.object_key)
    except ClientError:
        if not asset.path.exists():
            raise MissingAssetError(asset.path) from None
        body = archive(asset.path) if asset.packaging == "zip" else asset.path.read_bytes()
        s3.put_object(Bucket=asset.bucket, Key=asset.object_key, Body=body)


def archive(folder: Path) -> bytes:
    """The folder as a zip whose bytes depend on its content alone; stored, since it never leaves the machine."""
    if folder.is_file():
        return folder.read_bytes()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as content:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(str(path.relative_to(folder)), date_time=_ZIP_EPOCH)
                entry.external_attr = (path.stat().st_mode & 0o777) << 16
                content.writestr(entry, path.read_bytes())
    return buffer.getvalue()
