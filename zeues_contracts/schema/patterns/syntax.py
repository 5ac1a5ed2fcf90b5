r"""Reading ECMA-262 regular expressions (22.2.1, with the ``u`` flag, as JSON Schema Core 6.4 asks for).

The reader is lenient where all engines mean the same by a text that the ``u`` flag forbids (``\-``, ``\_``, a lone
``]``, ``[\w-.]``), and refuses what they read differently (``\Z``, ``(?i)``, ``x{,3}``): a pattern that is not
understood is never judged.
"""

from __future__ import annotations

import msgspec

from zeues_contracts.schema.patterns import charsets
from zeues_contracts.schema.patterns.charsets import CharSet
from zeues_contracts.schema.patterns.errors import PatternBudget, UnsupportedPattern

__all__ = [
    "Alternation",
    "Chars",
    "Edge",
    "Look",
    "Node",
    "Repeat",
    "Sequence",
    "fixed_length",
    "parse",
    "repeats_inside_repeats",
]

MAX_LENGTH = 20_000
"""Longest pattern that is read, in characters."""
MAX_NESTING = 60
"""Deepest nesting of groups."""


class Chars(msgspec.Struct, frozen=True):
    """One character of a set."""

    chars: CharSet


class Sequence(msgspec.Struct, frozen=True):
    """One after the other; none at all is the empty string."""

    parts: tuple[Node, ...]


class Alternation(msgspec.Struct, frozen=True):
    """Any one of them."""

    options: tuple[Node, ...]


class Repeat(msgspec.Struct, frozen=True):
    """``least`` to ``most`` times; ``None`` is without end. Greedy or lazy makes no difference to the language."""

    body: Node
    least: int
    most: int | None


class Edge(msgspec.Struct, frozen=True):
    """``^`` (``end`` false) or ``$``: the edges of the input, for there is no ``m`` flag."""

    end: bool


class Look(msgspec.Struct, frozen=True):
    """A lookahead or lookbehind."""

    body: Node
    behind: bool
    negative: bool


Node = Chars | Sequence | Alternation | Repeat | Edge | Look

_WORD = Chars(charsets.WORD)
_BOUNDARY = Alternation(
    (
        Sequence((Look(_WORD, behind=True, negative=False), Look(_WORD, behind=False, negative=True))),
        Sequence((Look(_WORD, behind=True, negative=True), Look(_WORD, behind=False, negative=False))),
    )
)
_NO_BOUNDARY = Alternation(
    (
        Sequence((Look(_WORD, behind=True, negative=False), Look(_WORD, behind=False, negative=False))),
        Sequence((Look(_WORD, behind=True, negative=True), Look(_WORD, behind=False, negative=True))),
    )
)
_CLASSES = {
    "d": charsets.DIGIT,
    "D": charsets.complement(charsets.DIGIT),
    "w": charsets.WORD,
    "W": charsets.complement(charsets.WORD),
    "s": charsets.SPACE,
    "S": charsets.complement(charsets.SPACE),
}
_CONTROLS = {"t": 0x09, "n": 0x0A, "v": 0x0B, "f": 0x0C, "r": 0x0D}


def parse(pattern: str) -> Node:
    """The syntax tree of a pattern. Raises :class:`UnsupportedPattern` or :class:`PatternBudget`."""
    if len(pattern) > MAX_LENGTH:
        raise PatternBudget(f"a pattern of {len(pattern)} characters (more than {MAX_LENGTH})")
    return _Parser(pattern).whole()


def fixed_length(node: Node) -> int | None:
    """The length of every match in characters, where all have the same; assertions have length 0."""
    match node:
        case Chars():
            return 1
        case Edge() | Look():
            return 0
        case Sequence(parts):
            total = 0
            for part in parts:
                length = fixed_length(part)
                if length is None:
                    return None
                total += length
            return total
        case Alternation(options):
            lengths = {fixed_length(option) for option in options}
            return lengths.pop() if len(lengths) == 1 else None
        case Repeat(body, least, most):
            length = fixed_length(body)
            return length * least if length is not None and (least == most or length == 0) else None


def repeats_inside_repeats(node: Node, inside: bool = False) -> bool:
    """Whether a repetition of open length, or a choice, stands in another one: where engines may backtrack long."""
    match node:
        case Sequence(parts):
            return any(repeats_inside_repeats(part, inside) for part in parts)
        case Alternation(options):
            return inside or any(repeats_inside_repeats(option, inside) for option in options)
        case Look(body):
            return repeats_inside_repeats(body, inside)
        case Repeat(body, least, most):
            loose = least != most
            return (inside and loose) or repeats_inside_repeats(body, inside or most is None or most > 3)
        case _:
            return False


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0

    def whole(self) -> Node:
        node = self.alternation()
        if self.at < len(self.text):
            raise UnsupportedPattern("an unmatched )")
        return node

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self, token: str) -> bool:
        if self.text.startswith(token, self.at):
            self.at += len(token)
            return True
        return False

    def alternation(self) -> Node:
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise PatternBudget(f"groups nested more than {MAX_NESTING} deep")
        options = [self.sequence()]
        while self.take("|"):
            options.append(self.sequence())
        self.depth -= 1
        if len(options) == 1:
            return options[0]
        if all(isinstance(option, Chars) for option in options):
            return Chars(charsets.union(option.chars for option in options if isinstance(option, Chars)))
        return Alternation(tuple(options))

    def sequence(self) -> Node:
        parts: list[Node] = []
        while self.at < len(self.text) and self.peek() not in "|)":
            bare = not self.text.startswith("(", self.at) or self.text.startswith(
                ("(?=", "(?!", "(?<=", "(?<!"), self.at
            )
            part = self.quantified(self.atom(), bare)
            if isinstance(part, Sequence):
                parts.extend(part.parts)
            else:
                parts.append(part)
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def quantified(self, atom: Node, bare: bool) -> Node:
        bounds = self.bounds()
        if bounds is None:
            return atom
        if bare and (isinstance(atom, (Edge, Look)) or atom is _BOUNDARY or atom is _NO_BOUNDARY):
            raise UnsupportedPattern("a quantifier on an assertion")
        self.take("?")
        if self.peek() == "+" or (self.peek() in ("*", "?") or (self.peek() == "{" and self.counted())):
            raise UnsupportedPattern("a quantifier on a quantifier")
        least, most = bounds
        if most is not None and most < least:
            raise UnsupportedPattern(f"a quantifier out of order: {{{least},{most}}}")
        if most == 0:
            return Sequence(())
        return atom if bounds == (1, 1) else Repeat(atom, least, most)

    def bounds(self) -> tuple[int, int | None] | None:
        if self.take("*"):
            return 0, None
        if self.take("+"):
            return 1, None
        if self.take("?"):
            return 0, 1
        if self.peek() == "{":
            return self.counted()
        return None

    def counted(self) -> tuple[int, int | None] | None:
        """``{n}``, ``{n,}`` or ``{n,m}``; a brace that starts none of these stands for itself."""
        end = self.text.find("}", self.at)
        inner = self.text[self.at + 1 : end] if end >= 0 else ""
        low, comma, high = inner.partition(",")
        if (
            not low.isascii()
            or not high.isascii()
            or not (low.isdigit() or not low)
            or not (high.isdigit() or not high)
        ):
            return None
        if not low:
            if comma and high:
                raise UnsupportedPattern("{,n}, which engines read differently")
            return None
        if max(len(low), len(high)) > 9:
            raise PatternBudget("a repetition of more than 999,999,999")
        self.at = end + 1
        if not comma:
            return int(low), int(low)
        return int(low), int(high) if high else None

    def atom(self) -> Node:
        char = self.text[self.at]
        if char == "(":
            return self.group()
        if char == "[":
            return Chars(self.char_class())
        if char == "\\":
            return self.escape()
        self.at += 1
        if char == ".":
            return Chars(charsets.DOT)
        if char in "^$":
            return Edge(end=char == "$")
        if char in "*+?":
            raise UnsupportedPattern(f"nothing to repeat before {char}")
        if char == "{":
            self.at -= 1
            if self.counted() is not None:
                raise UnsupportedPattern("nothing to repeat before {")
            self.at += 1
        return Chars(charsets.single(ord(char)))

    def group(self) -> Node:
        self.at += 1
        look: tuple[bool, bool] | None = None
        if self.take("?"):
            if self.take(":"):
                pass
            elif self.take("="):
                look = (False, False)
            elif self.take("!"):
                look = (False, True)
            elif self.take("<="):
                look = (True, False)
            elif self.take("<!"):
                look = (True, True)
            elif self.take("<") or (self.peek() == "P" and self.take("P<")):
                end = self.text.find(">", self.at)
                if end < 0 or not self.text[self.at : end].isidentifier():
                    raise UnsupportedPattern("a group name that cannot be read")
                self.at = end + 1
            else:
                raise UnsupportedPattern(f"the group (?{self.peek()}…)")
        node = self.alternation()
        if not self.take(")"):
            raise UnsupportedPattern("a group that is not closed")
        return Look(node, behind=look[0], negative=look[1]) if look else node

    def escape(self) -> Node:
        following = self.text[self.at + 1 : self.at + 2]
        if following == "b":
            self.at += 2
            return _BOUNDARY
        if following == "B":
            self.at += 2
            return _NO_BOUNDARY
        if following == "k" or (following.isdigit() and following != "0"):
            raise UnsupportedPattern("a backreference, which is no regular language")
        taken = self.escaped_set()
        return Chars(taken if taken is not None else charsets.single(self.escaped_code_point(in_class=False)))

    def escaped_set(self) -> CharSet | None:
        r"""``\d``, ``\P{L}`` and the like; ``None``, with nothing read, where a single character follows."""
        following = self.text[self.at + 1 : self.at + 2]
        if following in _CLASSES and following:
            self.at += 2
            return _CLASSES[following]
        if following not in ("p", "P"):
            return None
        end = self.text.find("}", self.at)
        if self.text[self.at + 2 : self.at + 3] != "{" or end < 0:
            raise UnsupportedPattern(f"\\{following} without {{…}}")
        name = self.text[self.at + 3 : end]
        key, equals, value = name.partition("=")
        found = None
        if not equals or key in ("gc", "General_Category"):
            found = charsets.general_category(value if equals else name)
        if found is None:
            raise UnsupportedPattern(f"the Unicode property {name}")
        self.at = end + 1
        return charsets.complement(found) if following == "P" else found

    def escaped_code_point(self, *, in_class: bool) -> int:
        self.at += 1
        char = self.peek()
        self.at += 1
        if not char:
            raise UnsupportedPattern("a backslash at the end")
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char == "b" and in_class:
            return 0x08
        if char == "0":
            if self.peek().isdigit():
                raise UnsupportedPattern("an octal escape")
            return 0
        if char == "c":
            letter = self.peek()
            if not (letter.isascii() and letter.isalpha()):
                raise UnsupportedPattern("\\c without a letter")
            self.at += 1
            return ord(letter) % 32
        if char == "x":
            return self.hexadecimal(2)
        if char == "u":
            return self.unicode_escape()
        if char.isascii() and char.isalnum():
            raise UnsupportedPattern(f"the escape \\{char}")
        return ord(char)

    def unicode_escape(self) -> int:
        if self.take("{"):
            end = self.text.find("}", self.at)
            digits = self.text[self.at : end] if end >= 0 else ""
            if not digits or len(digits) > 8 or any(d not in "0123456789abcdefABCDEF" for d in digits):
                raise UnsupportedPattern("\\u{…} without hexadecimal digits")
            self.at = end + 1
            value = int(digits, 16)
            if value > 0x10FFFF:
                raise UnsupportedPattern("a code point beyond 10FFFF")
            return value
        high = self.hexadecimal(4)
        if 0xD800 <= high < 0xDC00 and self.text.startswith("\\u", self.at):
            mark = self.at
            self.at += 2
            low = self.hexadecimal(4)
            if 0xDC00 <= low < 0xE000:
                return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)
            self.at = mark
        return high

    def hexadecimal(self, count: int) -> int:
        digits = self.text[self.at : self.at + count]
        if len(digits) != count or any(d not in "0123456789abcdefABCDEF" for d in digits):
            raise UnsupportedPattern(f"an escape without {count} hexadecimal digits")
        self.at += count
        return int(digits, 16)

    def char_class(self) -> CharSet:
        self.at += 1
        negated = self.take("^")
        members: list[CharSet] = []
        while not self.take("]"):
            if self.at >= len(self.text):
                raise UnsupportedPattern("a character class that is not closed")
            low = self.class_atom()
            # A hyphen is a range only between two characters; beside a class or an edge it stands for itself.
            if self.peek() == "-" and self.text[self.at + 1 : self.at + 2] not in ("]", ""):
                mark = self.at
                self.at += 1
                high = self.class_atom()
                if isinstance(low, int) and isinstance(high, int):
                    if high < low:
                        raise UnsupportedPattern("a range out of order in a character class")
                    members.append(charsets.from_code_points([(low, high)]))
                    continue
                self.at = mark + 1
                members.append(charsets.single(0x2D))
            members.append(charsets.single(low) if isinstance(low, int) else low)
        chars = charsets.union(members)
        return charsets.complement(chars) if negated else chars

    def class_atom(self) -> int | CharSet:
        char = self.text[self.at]
        if char != "\\":
            self.at += 1
            return ord(char)
        found = self.escaped_set()
        return found if found is not None else self.escaped_code_point(in_class=True)
