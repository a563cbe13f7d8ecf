from __future__ import annotations

import pytest

from srs_conformance.media import amf0
from srs_conformance.media.amf0 import Date, EcmaArray, Reference, TypedObject, Undefined, Value, Xml
from srs_conformance.media.errors import LocalProtocolError, ProtocolError

# One value each, written by hand from the specification.
FORMS: list[tuple[Value, str]] = [
    (1.5, "00 3ff8000000000000"),
    (True, "01 01"),
    (False, "01 00"),
    ("live", "02 0004 6c697665"),
    ({"a": 1.0}, "03 0001 61 00 3ff0000000000000 000009"),
    ({}, "03 000009"),
    (None, "05"),
    (Undefined(), "06"),
    (Reference(3), "07 0003"),
    (EcmaArray(a=None), "08 00000001 0001 61 05 000009"),
    (["x", None], "0a 00000002 02 0001 78 05"),
    (Date(1000.0, -60), "0b 408f400000000000 ffc4"),
    (Undefined(unsupported=True), "0d"),
    (Xml("<a/>"), "0f 00000004 3c612f3e"),
    (TypedObject("C", {"a": True}), "10 0001 43 0001 61 01 01 000009"),
]


@pytest.mark.parametrize(("value", "form"), FORMS, ids=[str(value) for value, _ in FORMS])
def test_a_value_has_its_form_both_ways(value: Value, form: str) -> None:
    assert amf0.encode(value) == bytes.fromhex(form)
    decoded = amf0.decode(bytes.fromhex(form))
    assert decoded == [value]
    assert type(decoded[0]) is type(value)


def test_values_follow_each_other() -> None:
    assert amf0.decode(amf0.encode("connect", 1, {"app": "live"})) == ["connect", 1.0, {"app": "live"}]


def test_a_text_of_more_than_65535_bytes_is_a_long_string() -> None:
    text = "x" * 70_000
    assert amf0.encode(text)[:5] == bytes.fromhex("0c 00011170")
    assert amf0.decode(amf0.encode(text)) == [text]


def test_the_count_of_an_ecma_array_is_only_a_hint() -> None:
    assert amf0.decode(bytes.fromhex("08 00000000 0001 61 05 000009")) == [EcmaArray(a=None)]


def test_an_empty_name_that_does_not_end_the_object_is_a_name() -> None:
    assert amf0.decode(bytes.fromhex("03 0000 05 000009")) == [{"": None}]


@pytest.mark.parametrize(
    ("form", "offset", "expected"),
    [
        ("00 3ff8", 1, "8 bytes of a number"),
        ("02 0004 6c69", 3, "4 bytes of a string"),
        ("02 0001 ff", 3, "a string in UTF-8"),
        ("04", 0, "a type marker of AMF0"),
        ("05 11", 1, "a type marker of AMF0"),
        ("03 0001 61 05", 5, "2 bytes of a string's length"),
        ("0a ffffffff 05", 1, "4294967295 values"),
        ("0a 00000001" * 40 + "05", 165, "values nested 32 deep at most"),
    ],
)
def test_bytes_that_are_no_values_say_where(form: str, offset: int, expected: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        amf0.decode(bytes.fromhex(form))
    assert (caught.value.where, caught.value.offset, caught.value.expected) == ("AMF0", offset, expected)


def test_what_has_no_form_is_refused() -> None:
    with pytest.raises(LocalProtocolError, match="no form for bytes"):
        amf0.encode(b"x")
    with pytest.raises(LocalProtocolError, match="65535 is the most"):
        amf0.encode({"x" * 65_536: None})
    nested: Value = None
    for _ in range(40):
        nested = [nested]
    with pytest.raises(LocalProtocolError, match="nested deeper"):
        amf0.encode(nested)
