"""The baked pack: a cast as one small file of whole numbers and compressed textures.

A .npz file (a zip archive, whose checksums tell damage) without pickled objects. Places are 16-bit
shares of each body's extent (0.03 mm), texture coordinates 16-bit shares of their range, normals and
skinning shares 8-bit; textures are WebP pictures: colours with losses that nobody sees, transparency
without.
"""

import zipfile
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.people.character import Character
from pandanet_core.crowd.people.rig import Rig
from pandanet_core.errors import UserError
from pandanet_core.files import part_path, publish, write_error

Floats = NDArray[np.floating[Any]]
Arrays = dict[str, NDArray[Any]]

TEXTURE_QUALITY = 92
_FINE, _COARSE = 65535, 127
_PER_CHARACTER = "/"
DAMAGE = (zipfile.BadZipFile, zlib.error, KeyError, ValueError, EOFError, cv2.error)
"""What reading a damaged pack may raise, beside OSError."""


def write_pack(
    path: Path, rig: Rig, characters: tuple[Character, ...], textures: NDArray[np.uint8]
) -> None:
    """Write a pack, whole or not at all; UserError where the disk does not take it."""
    arrays: Arrays = {"bones": np.array(rig.bones), "parents": np.array(rig.parents)}
    for number, texture in enumerate(textures):
        arrays[f"texture {number:03}"] = _webp(texture)
    for number, character in enumerate(characters):
        packed = _packed(character.to_arrays())
        arrays |= {f"{number}{_PER_CHARACTER}{name}": value for name, value in packed.items()}
    part = part_path(path)
    try:
        with part.open("wb") as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
        publish(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise write_error(error, path) from error


def read_pack(path: Path) -> tuple[Rig, tuple[Character, ...], NDArray[np.uint8]]:
    """Rig, characters and textures (T, 512, 512, 4) of a pack; UserError where it is damaged."""
    try:
        return _read(path)
    except (*DAMAGE, OSError) as error:
        raise UserError(
            f"{path} is damaged or not a cast; remove it, and it is made anew."
        ) from error


def is_whole(path: Path) -> bool:
    """Whether a file is an archive whose checksums are right."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip() is None
    except (*DAMAGE, OSError):
        return False


def _read(path: Path) -> tuple[Rig, tuple[Character, ...], NDArray[np.uint8]]:
    with np.load(path, allow_pickle=False) as file:
        groups: dict[int, Arrays] = {}
        textures = []
        for name in file.files:
            number, belongs, key = name.partition(_PER_CHARACTER)
            if belongs:
                groups.setdefault(int(number), {})[key] = file[name]
            elif name.startswith("texture"):
                textures.append(_from_webp(file[name]))
        rig = Rig(tuple(map(str, file["bones"])), tuple(map(int, file["parents"])))
    characters = tuple(Character.from_arrays(_unpacked(groups[n])) for n in sorted(groups))
    return rig, characters, np.stack(textures)


def _packed(arrays: Arrays) -> Arrays:
    packed = {name: _in_16_bits(v) if name.startswith("faces") else v for name, v in arrays.items()}
    for name in ("vertices", "uvs"):
        values = packed.pop(name)
        low, extent = values.min(0), np.maximum(np.ptp(values, 0), 1e-6)
        packed[name] = np.round((values - low) / extent * _FINE).astype(np.uint16)
        packed[f"{name} range"] = np.stack([low, extent]).astype(np.float32)
    packed["normals"] = np.round(packed["normals"] * _COARSE).astype(np.int8)
    packed["shares"] = _shares_in_8_bits(packed["shares"])
    return packed


def _unpacked(packed: Arrays) -> Arrays:
    arrays = dict(packed)
    for name in ("vertices", "uvs"):
        low, extent = arrays.pop(f"{name} range")
        arrays[name] = (low + arrays[name] * (extent / _FINE)).astype(np.float32)
    arrays["normals"] = arrays["normals"].astype(np.float32) / _COARSE
    arrays["shares"] = arrays["shares"].astype(np.float32) / 255
    return arrays


def _in_16_bits(faces: NDArray[Any]) -> NDArray[Any]:
    return faces.astype(np.uint16 if faces.max(initial=0) <= _FINE else np.uint32)


def _shares_in_8_bits(shares: Floats) -> NDArray[np.uint8]:
    """Shares (V, 4) as numbers that sum to 255: what rounding leaves goes to the largest."""
    rounded = np.round(shares * 255).astype(int)
    largest = rounded.argmax(1)
    rounded[np.arange(len(rounded)), largest] += 255 - rounded.sum(1)
    return rounded.astype(np.uint8)


def _webp(texture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    code = cv2.COLOR_RGBA2BGRA if (texture[..., 3] < 255).any() else cv2.COLOR_RGBA2BGR
    picture = cv2.cvtColor(texture, code)
    return cv2.imencode(".webp", picture, [cv2.IMWRITE_WEBP_QUALITY, TEXTURE_QUALITY])[1]


def _from_webp(encoded: NDArray[np.uint8]) -> NDArray[np.uint8]:
    picture = cv2.imdecode(encoded, cv2.IMREAD_UNCHANGED)
    if picture is None:
        raise ValueError("a texture is no picture")
    code = cv2.COLOR_BGRA2RGBA if picture.shape[2] == 4 else cv2.COLOR_BGR2RGBA
    return cv2.cvtColor(picture, code).astype(np.uint8)
