"""Reads the constant data bases that qmail-newu and qmail-newmrh compile (https://cr.yp.to/cdb/cdb.txt)."""

import struct
from collections.abc import Iterator

_PAIR = struct.Struct("<II")
_HEADER = 2048


class BadCdb(ValueError):
    """The bytes are not a constant data base."""


def cdb_hash(key: bytes) -> int:
    """The hash of a key: 32 bits, starting at 5381."""
    value = 5381
    for byte in key:
        value = ((value << 5) + value & 0xFFFFFFFF) ^ byte
    return value


def _record(data: bytes, position: int) -> tuple[bytes, bytes]:
    key_length, value_length = _PAIR.unpack_from(data, position)
    start = position + _PAIR.size
    end = start + key_length + value_length
    if end > len(data):
        raise BadCdb("a record reaches beyond the file")
    return data[start : start + key_length], data[start + key_length : end]


def get(data: bytes, key: bytes) -> bytes | None:
    """The first value of `key`, or None. Raises BadCdb for damaged files."""
    try:
        value = cdb_hash(key)
        table, slots = _PAIR.unpack_from(data, (value & 0xFF) * _PAIR.size)
        for step in range(slots):
            slot = table + ((value >> 8) + step) % slots * _PAIR.size
            stored, position = _PAIR.unpack_from(data, slot)
            if position == 0:
                return None
            if stored == value:
                found, content = _record(data, position)
                if found == key:
                    return content
    except struct.error as error:
        raise BadCdb(str(error)) from error
    return None


def items(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """All pairs in the order in which they were written."""
    try:
        end = min((_PAIR.unpack_from(data, number * 8)[0] for number in range(256)), default=_HEADER)
        position = _HEADER
        while position < end:
            key, value = _record(data, position)
            yield key, value
            position += _PAIR.size + len(key) + len(value)
    except struct.error as error:
        raise BadCdb(str(error)) from error
