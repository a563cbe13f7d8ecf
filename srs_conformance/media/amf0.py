"""AMF0, the values of RTMP commands and FLV script data (Action Message Format 0, 2007).

Numbers are float, objects dict, ECMA arrays `EcmaArray`, strict arrays list. References are kept as they are and never
followed, so that a hostile peer cannot make a small message grow.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, TypeAlias

from srs_conformance.media.errors import LocalProtocolError
from srs_conformance.media.reading import Buffer, Cursor

MAX_DEPTH: Final = 32


class Marker(IntEnum):
    """Type markers (AMF0 2.1)."""

    NUMBER = 0
    BOOLEAN = 1
    STRING = 2
    OBJECT = 3
    NULL = 5
    UNDEFINED = 6
    REFERENCE = 7
    ECMA_ARRAY = 8
    OBJECT_END = 9
    STRICT_ARRAY = 10
    DATE = 11
    LONG_STRING = 12
    UNSUPPORTED = 13
    XML = 15
    TYPED_OBJECT = 16


@dataclass(frozen=True, slots=True)
class Undefined:
    """The undefined value (AMF0 2.8); `unsupported` when the peer marked it as not serializable (2.15)."""

    unsupported: bool = False


@dataclass(frozen=True, slots=True)
class Date:
    """A point in time (AMF0 2.13): milliseconds since 1970 in UTC, and a reserved zone that should be 0."""

    milliseconds: float
    zone: int = 0


@dataclass(frozen=True, slots=True)
class Reference:
    """The index of an object earlier in the message (AMF0 2.9); not followed."""

    index: int


@dataclass(frozen=True, slots=True)
class Xml:
    """A string that the peer marked as XML (AMF0 2.17)."""

    text: str


@dataclass(frozen=True, slots=True)
class TypedObject:
    """An object with a class name (AMF0 2.18)."""

    class_name: str
    values: dict[str, Value] = field(default_factory=dict)


Value: TypeAlias = (
    bool | float | str | dict[str, "Value"] | list["Value"] | Undefined | Date | Reference | Xml | TypedObject | None
)


class EcmaArray(dict[str, Value]):
    """An associative array (AMF0 2.10), as in onMetaData; its count on the wire is only a hint."""


def decode(data: Buffer) -> list[Value]:
    """Return all values in `data`.

    Raises:
        ProtocolError: `data` is no sequence of AMF0 values; the offset counts from its start.
    """
    cursor = Cursor(data, "AMF0")
    values: list[Value] = []
    while cursor.remaining:
        values.append(_value(cursor, 0))
    return values


def encode(*values: Value) -> bytes:
    """Return the values one after the other.

    Raises:
        LocalProtocolError: a value has no form in AMF0.
    """
    out = bytearray()
    for value in values:
        _append(out, value, 0)
    return bytes(out)


def _value(cursor: Cursor, depth: int) -> Value:
    marker = cursor.unsigned(1, "a type marker")
    decoder = _DECODERS.get(marker)
    if decoder is None:
        raise cursor.fail("a type marker of AMF0", f"{marker:#04x}", back=1)
    if depth > MAX_DEPTH:
        raise cursor.fail(f"values nested {MAX_DEPTH} deep at most", "deeper ones", back=1)
    return decoder(cursor, depth)


def _text(cursor: Cursor, width: int = 2) -> str:
    raw = cursor.take(cursor.unsigned(width, "a string's length"), "a string")
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise cursor.fail("a string in UTF-8", f"{raw[error.start : error.end].hex()}", back=len(raw)) from None


def _properties(cursor: Cursor, depth: int) -> dict[str, Value]:
    values: dict[str, Value] = {}
    while True:
        name = _text(cursor)
        if not name and cursor.data[cursor.position : cursor.position + 1] == bytes([Marker.OBJECT_END]):
            cursor.position += 1
            return values
        values[name] = _value(cursor, depth + 1)


def _ecma_array(cursor: Cursor, depth: int) -> EcmaArray:
    cursor.unsigned(4, "an array's count")
    return EcmaArray(_properties(cursor, depth))


def _strict_array(cursor: Cursor, depth: int) -> list[Value]:
    count = cursor.unsigned(4, "an array's count")
    if count > cursor.remaining:
        raise cursor.fail(f"{count} values", f"{cursor.remaining} bytes", back=4)
    return [_value(cursor, depth + 1) for _ in range(count)]


def _date(cursor: Cursor, _depth: int) -> Date:
    milliseconds = cursor.double("a date")
    return Date(milliseconds, int.from_bytes(cursor.take(2, "a time zone"), "big", signed=True))


_DECODERS: Final[Mapping[int, Callable[[Cursor, int], Value]]] = {
    Marker.NUMBER: lambda cursor, _: cursor.double("a number"),
    Marker.BOOLEAN: lambda cursor, _: cursor.unsigned(1, "a boolean") != 0,
    Marker.STRING: lambda cursor, _: _text(cursor),
    Marker.OBJECT: _properties,
    Marker.NULL: lambda _cursor, _depth: None,
    Marker.UNDEFINED: lambda _cursor, _depth: Undefined(),
    Marker.REFERENCE: lambda cursor, _: Reference(cursor.unsigned(2, "a reference")),
    Marker.ECMA_ARRAY: _ecma_array,
    Marker.STRICT_ARRAY: _strict_array,
    Marker.DATE: _date,
    Marker.LONG_STRING: lambda cursor, _: _text(cursor, 4),
    Marker.UNSUPPORTED: lambda _cursor, _depth: Undefined(unsupported=True),
    Marker.XML: lambda cursor, _: Xml(_text(cursor, 4)),
    Marker.TYPED_OBJECT: lambda cursor, depth: TypedObject(_text(cursor), _properties(cursor, depth)),
}


def _append(out: bytearray, value: Value, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise LocalProtocolError(f"AMF0 values nested deeper than {MAX_DEPTH}")
    match value:
        case None:
            out.append(Marker.NULL)
        case bool():
            out += bytes([Marker.BOOLEAN, value])
        case int() | float():
            out += struct.pack(">Bd", Marker.NUMBER, value)
        case str():
            _append_text(out, value)
        case EcmaArray():
            out += struct.pack(">BI", Marker.ECMA_ARRAY, len(value))
            _append_properties(out, value, depth)
        case dict():
            out.append(Marker.OBJECT)
            _append_properties(out, value, depth)
        case list():
            out += struct.pack(">BI", Marker.STRICT_ARRAY, len(value))
            for element in value:
                _append(out, element, depth + 1)
        case _:
            _append_rare(out, value, depth)


def _append_rare(out: bytearray, value: Value, depth: int) -> None:
    match value:
        case Undefined():
            out.append(Marker.UNSUPPORTED if value.unsupported else Marker.UNDEFINED)
        case Date():
            out += struct.pack(">Bdh", Marker.DATE, value.milliseconds, value.zone)
        case Reference():
            out += struct.pack(">BH", Marker.REFERENCE, value.index)
        case Xml():
            raw = value.text.encode()
            out += struct.pack(">BI", Marker.XML, len(raw)) + raw
        case TypedObject():
            out.append(Marker.TYPED_OBJECT)
            out += _name(value.class_name)
            _append_properties(out, value.values, depth)
        case _:
            raise LocalProtocolError(f"AMF0 has no form for {type(value).__name__}: {value!r}")


def _append_text(out: bytearray, text: str) -> None:
    raw = text.encode()
    if len(raw) > 0xFFFF:
        out += struct.pack(">BI", Marker.LONG_STRING, len(raw))
    else:
        out += struct.pack(">BH", Marker.STRING, len(raw))
    out += raw


def _append_properties(out: bytearray, values: Mapping[str, Value], depth: int) -> None:
    for name, value in values.items():
        out += _name(name)
        _append(out, value, depth + 1)
    out += bytes([0, 0, Marker.OBJECT_END])


def _name(name: str) -> bytes:
    raw = name.encode()
    if len(raw) > 0xFFFF:
        raise LocalProtocolError(f"an AMF0 name of {len(raw)} bytes; 65535 is the most")
    return len(raw).to_bytes(2, "big") + raw
