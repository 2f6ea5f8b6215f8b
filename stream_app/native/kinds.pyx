# cython: language_level=3
# distutils: language = c++
# distutils: extra_compile_args = -O3 -std=c++17
"""How the kinds of facts are read where they lie: by the types that their fields are declared with."""

from libcpp.vector cimport vector

from msgspec import NODEFAULT, inspect
from msgspec.msgpack import encode

from stream_app.native.closed cimport text
from stream_app.native.packed cimport LIST, MAP, NIL, NO, NUMBER, REAL, TEXT, YES, Field, Kinds, Value

cdef enum:
    ENVELOPE = 4  # fields every fact has

_TYPES = {
    inspect.NoneType: <int>NIL, inspect.BoolType: <int>NO | <int>YES, inspect.IntType: <int>NUMBER,
    inspect.StrType: <int>TEXT, inspect.LiteralType: <int>TEXT, inspect.FloatType: <int>REAL | <int>NUMBER,
    inspect.VarTupleType: <int>LIST, inspect.DictType: <int>MAP,
}

cdef list _DEFAULTS = []


def _types(stated):
    """The types of values that may stand in a field."""
    if isinstance(stated, inspect.Metadata):
        return _types(stated.type)
    if isinstance(stated, inspect.UnionType):
        return sum(map(_types, stated.types))
    return _TYPES[type(stated)]


cdef Value stated(field) except *:
    """What stands for a field that is left out."""
    cdef Value made
    value = field.default_factory() if field.default is NODEFAULT else field.default
    if value is None:
        made.type = NIL
    elif isinstance(value, bool):
        made.type = YES if value else NO
    elif isinstance(value, int):
        made.type, made.number = NUMBER, value
    else:
        _DEFAULTS.append(value.encode() if isinstance(value, str) else encode(value))
        made.type = TEXT if isinstance(value, str) else MAP if isinstance(value, dict) else LIST
        made.text = text(_DEFAULTS[-1])
    return made


cdef int know(Kinds& kinds, kind, int number, tuple says) except -1:
    """Let facts of a kind be read as one of a number. says: its own fields, which the caller counts on."""
    cdef vector[Field] fields
    cdef Field one
    known = inspect.type_info(kind)
    assert tuple(field.name for field in known.fields[ENVELOPE:]) == says
    for field in known.fields[ENVELOPE:]:
        one.types, one.required = _types(field.type), field.required
        if not field.required:
            one.otherwise = stated(field)
        fields.push_back(one)
    kinds.add(number, known.tag.encode(), fields)
    return 0
