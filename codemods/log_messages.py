"""Takes a text that is put together apart, into the message and the values that logging wants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

from codemods import nodes

_MOST_VALUES = 4  # with more of them, nobody sees which is which
_PLAIN = (
    *(cst.Name, cst.Attribute, cst.Subscript, cst.SubscriptElement, cst.Index, cst.Slice),
    *(cst.Call, cst.Arg, cst.BinaryOperation, cst.UnaryOperation, cst.Integer, cst.Float),
)


@dataclass(frozen=True, eq=False)
class Message:
    """A message as `logging` takes it: the text with ``%s`` in it, and the values."""

    text: cst.SimpleString
    values: Sequence[cst.BaseExpression]

    @property
    def is_plain(self) -> bool:
        """Whether it has values, few and simple enough to be read one after the other."""
        return 0 < len(self.values) <= _MOST_VALUES and all(map(is_plain, self.values))


def is_plain(value: cst.BaseExpression) -> bool:
    """Say whether a value is simple enough to be an argument, and has no comment in it."""
    return all(isinstance(n, _PLAIN) for n in nodes.walk(value)) and not nodes.comments(value)


def of_f_string(node: cst.FormattedString) -> Message | None:
    """Return the message of an f-string, None where a format or a sign of its own cannot be kept."""
    if node.prefix not in {"f", "F"}:
        return None
    text, values = "", []
    for part in node.parts:
        if isinstance(part, cst.FormattedStringText):
            if "\\N" in part.value:
                return None
            text += part.value.replace("{{", "{").replace("}}", "}").replace("%", "%%")
        elif isinstance(part, cst.FormattedStringExpression):
            if (
                part.format_spec is not None
                or part.equal is not None
                or part.conversion not in {None, "r", "s"}
            ):
                return None
            text += "%r" if part.conversion == "r" else "%s"
            values.append(part.expression)
    quote = node.start[len(node.prefix) :]
    return Message(cst.SimpleString(f"{quote}{text}{node.end}"), values)
