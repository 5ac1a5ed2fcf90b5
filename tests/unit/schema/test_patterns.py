"""Languages: compared with Python's `re` where both dialects agree, and by the laws of sets."""

from __future__ import annotations

import itertools
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zeues_contracts.schema.patterns import (
    ALL,
    EMPTY,
    Language,
    PatternBudget,
    UnsupportedPattern,
    compile_pattern,
    format_bounds,
    from_format,
    length,
    literal,
    literals,
)

WORDS = ["".join(w) for n in range(6) for w in itertools.product("ab1", repeat=n)]


def random_pattern(rng: random.Random, depth: int = 3) -> str:
    """A pattern that Python's `re` reads as ECMA-262 does, once `$` is `\\Z`."""
    if depth == 0:
        return rng.choice(["a", "b", "1", "[ab]", "[^a]", r"\d", r"\w", ".", "^", "$", r"\b", "", "[^1]"])
    kind = rng.randrange(10)
    one = random_pattern(rng, depth - 1)
    other = random_pattern(rng, depth - 1)
    if kind <= 3:
        return one + other
    if kind == 4:
        return f"(?:{one}|{other})"
    if kind == 5:
        return f"(?:{one})*"
    if kind == 6:
        return f"(?:{one}){{{rng.randrange(3)},{rng.randrange(2, 4)}}}"
    if kind == 7:
        return f"(?={one}){other}"
    if kind == 8:
        return f"(?!{one}){other}"
    return f"(?:{one})?{other}"


@pytest.mark.parametrize("seed", range(300))
def test_a_random_pattern_accepts_what_re_finds(seed: int) -> None:
    pattern = random_pattern(random.Random(seed))
    language = compile_pattern(pattern)
    known = re.compile(re.sub(r"\$", r"\\Z", pattern), re.ASCII)
    wrong = [w for w in WORDS if language.accepts(w) is not (known.search(w) is not None)]
    assert not wrong, pattern


@pytest.mark.parametrize(
    "pattern",
    [r"(?<=a)b", r"(?<!a)b", r"(?<=ab|1)b", r"^(?<!a)a", r"(?<=^a)b", r"(?<=a)(?=b)", r"\Bb", r"((?!ab).)*1$"],
)
def test_lookbehinds_and_edges_of_words(pattern: str) -> None:
    def found(word: str) -> bool:
        if pattern == r"(?<=ab|1)b":  # Python wants branches of one width
            return re.search(r"(?<=ab)b|(?<=1)b", word) is not None
        return re.search(pattern.replace("$", r"\Z"), word, re.ASCII) is not None

    language = compile_pattern(pattern)
    assert [w for w in WORDS if language.accepts(w)] == [w for w in WORDS if found(w)]


@pytest.mark.parametrize(
    ("pattern", "inside", "outside"),
    [
        ("a$", "a", "a\n"),  # `$` is the end, not a place before the last newline
        (r"^\d$", "7", "٣"),
        (r"^\w$", "_", "é"),
        (r"^\s$", "\ufeff", "\x1c"),
        (r"^.$", "\x85", "\u2028"),
        (r"^\cC$", "\x03", "C"),
        (r"^[\w-.]$", "-", "+"),
        (r"^\u{1F600}$", "\U0001f600", "\uf600"),
        (r"^\uD83D\uDE00$", "\U0001f600", "\ufffd\ufffd"),
        (r"^\p{Lu}$", "É", "é"),
        (r"^\P{Letter}$", "1", "x"),
        ("^[^]$", "\n", ""),
        (r"^[\b]$", "\b", "b"),
        ("^.$", "\U0001f600", "ab"),  # one code point is one character
        ("^a{b}$", "a{b}", "ab"),
        ("^(?<year>[0-9]{4})$", "2026", "26"),
        (r"^(?!^[-+.]*$)[+-]?0*\d*\.?\d*$", "-1.5", "-."),
        ("^x*?$", "xx", "y"),
        ("[]|a", "a", "]"),
    ],
)
def test_ecma_semantics(pattern: str, inside: str, outside: str) -> None:
    language = compile_pattern(pattern)
    assert language.accepts(inside)
    assert not language.accepts(outside)


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a)\1",
        r"(?<n>a)\k<n>",
        "(?i)a",
        r"a\Z",
        "a{,3}",
        "(a",
        "a)",
        "a**",
        "[z-a]",
        "a{3,2}",
        "*",
        "\\",
        r"\p{Klingon}",
        "(?>a)",
        "^*",
        r"(?<=\ba)b",
    ],
)
def test_what_is_no_regular_language_or_not_understood_is_refused(pattern: str) -> None:
    with pytest.raises(UnsupportedPattern) as caught:
        compile_pattern(pattern)
    assert caught.value.reason


@pytest.mark.parametrize(
    "pattern", ["[ab]*a[ab]{40}$", "(" * 500 + ")" * 500, "a" * 30_000, "((a{999}){999}){999}", "a{9999999999}"]
)
def test_what_is_too_large_is_refused(pattern: str) -> None:
    with pytest.raises(PatternBudget) as caught:
        compile_pattern(pattern)
    assert caught.value.reason


def test_long_repetitions_cost_no_states() -> None:
    language = compile_pattern("^[a-z][a-z0-9]{0,4000}$")
    assert sum(len(automaton.rows) for _, _, automaton in language.pieces) < 12
    assert language.accepts("a" * 4001)
    assert not language.accepts("a" * 4002)
    assert language.contains(compile_pattern("^[a-z]{1,4001}$"))
    assert not language.contains(compile_pattern("^[a-z]{1,4002}$"))
    assert language.minus(length(0, 4000)).shortest() == "a" * 4001
    assert compile_pattern("^$|^.{5,4000}$").intersect(length(1, 9)).shortest() == "aaaaa"
    assert compile_pattern("^[0-9]{64}$").lengths() == (64, 64)
    assert compile_pattern("^(?:ab){30,}$").shortest() == "ab" * 30
    assert compile_pattern("^.{30,}x$").accepts("." * 30 + "x")


def test_an_optional_long_tail_keeps_its_bounds() -> None:
    label = compile_pattern("^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$")
    assert label.accepts("a")
    assert label.accepts("a" * 63)
    assert not label.accepts("a" * 64)
    assert not label.accepts("a-")


def test_shortest_reads_well() -> None:
    assert compile_pattern("^.{3}$").shortest() == "aaa"
    assert compile_pattern("^a").complement().shortest() == ""
    assert compile_pattern("^a").complement().example() == "b"
    assert compile_pattern("^[^a-z]$").shortest() == "1"
    assert literals(["", "x"]).example() == "x"
    assert literal("").example() == ""
    assert EMPTY.shortest() is None
    assert EMPTY.example() is None
    assert length(4).shortest() == "aaaa"
    assert compile_pattern(r"^[\x00-\x1f]$").shortest() == "\0"


def test_members_and_finiteness() -> None:
    assert compile_pattern("^(ab|c)?$").members(10) == ("", "c", "ab")
    assert compile_pattern("^(ab|c)?$").is_finite()
    assert not compile_pattern("^a*$").is_finite()
    assert compile_pattern("^a*$").intersect(length(0, 2)).members(9) == ("", "a", "aa")
    assert length(0, 1).is_finite()
    assert len(length(1, 1).members(5000)) == 5000
    assert len(set(compile_pattern("^[a-f]{2}$").members(100))) == 36
    assert len(compile_pattern("^a*$").members(7)) == 7


def test_literals_are_what_they_list() -> None:
    language = literals(["", "ab", "a", "\0", "b\U0010ffff"])
    assert set(language.members(50)) == {"", "ab", "a", "\0", "b\U0010ffff"}
    assert literals([]) == EMPTY
    assert literal("x") == compile_pattern("^x$")


def test_equal_sets_have_one_form() -> None:
    assert compile_pattern("^(a|b)*$") == compile_pattern("^[ab]*$")
    assert compile_pattern("^[ab]*$") == compile_pattern("^((a*b*)*)$")
    assert compile_pattern(".*") == ALL
    assert compile_pattern("") is not None
    assert compile_pattern("").is_all()
    assert compile_pattern("^a{2}$").equivalent(compile_pattern("^a*$").intersect(length(2, 2)))


languages: st.SearchStrategy[Language] = st.one_of(
    st.integers(0, 10_000).map(lambda seed: compile_pattern(random_pattern(random.Random(seed)))),
    st.tuples(st.integers(0, 4), st.integers(0, 4)).map(lambda pair: length(min(pair), max(pair))),
    st.sampled_from(["", "a", "ab", "1"]).map(literal),
)


@given(languages, languages)
@settings(max_examples=150, deadline=None)
def test_the_laws_of_sets(one: Language, other: Language) -> None:
    for word in WORDS[:121]:
        a, b = one.accepts(word), other.accepts(word)
        assert one.intersect(other).accepts(word) is (a and b)
        assert one.union(other).accepts(word) is (a or b)
        assert one.minus(other).accepts(word) is (a and not b)
        assert one.complement().accepts(word) is not a
    assert one.union(other).contains(one)
    assert one.contains(one.intersect(other))
    assert one.minus(other).disjoint(other)
    assert one.complement().complement().equivalent(one)
    assert one.union(one.complement()).is_all()
    difference = one.minus(other).shortest()
    assert (difference is None) is other.contains(one)
    if difference is not None:
        assert one.accepts(difference)
        assert not other.accepts(difference)


FORMAT_SAMPLES = {
    "date": [
        "2024-02-29",
        "2023-02-29",
        "1900-02-29",
        "2000-02-29",
        "2024-13-01",
        "2024-04-31",
        "24-01-01",
        "2024-1-1",
        "",
    ],
    "time": [
        "12:00:00Z",
        "12:00:00",
        "24:00:00Z",
        "12:60:00Z",
        "12:00:00+01:00",
        "12:00:00.5z",
        "12:00:61Z",
        "23:59:60Z",
    ],
    "date-time": ["2024-02-29T12:00:00Z", "2024-02-29 12:00:00Z", "2023-02-29T12:00:00Z", "2024-02-29T12:00:00", "x"],
    "uuid": [
        "2eb8aa08-aa98-11ea-b4aa-73b441d16380",
        "2EB8AA08-AA98-11EA-B4AA-73B441D16380",
        "2eb8aa08aa9811eab4aa73b441d16380",
    ],
    "ipv4": ["1.2.3.4", "01.2.3.4", "256.1.1.1", "1.2.3", "1.2.3.4.5", "0.0.0.0", "1.2.3.4 "],
    "ipv6": [
        "::",
        "::1",
        "1::2::3",
        "::ffff:1.2.3.4",
        "1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7::",
        "1:2:3:4:5:6:7:8:9",
        "12345::",
        "1:2:3:4::5:6:7:8",
        "1:2:3:4:5:6::1.2.3.4",
        "1:2:3:4:5::1.2.3.4",
        "::01.2.3.4",
        "1::1.2.3.4:5",
        ":1",
        "1:",
        "fe80::1%a",
    ],
    "duration": ["P1D", "PT1H", "P1W", "P1W1D", "P", "PT", "P1DT", "P1Y2M3DT4H5M6S", "PT0.5S", "-P1D"],
    "email": ["a@b.cc", "a", "@", "a b@c.dd"],
    "json-pointer": ["", "/", "/a~0", "/a~", "a", "/~2", "/a/b"],
    "relative-json-pointer": ["0", "1/a", "01", "0#", "-1", "0##"],
    "hostname": ["a", "a.bc", "a_b", "", "-a"],
    "uri": ["https://a.bc", "a", "//a", "https://a.bc/x y"],
    "uri-reference": ["/a", "https://a.bc/x", "a b"],
}


@pytest.mark.parametrize("name", sorted(FORMAT_SAMPLES))
def test_formats_lie_between_their_bounds(name: str) -> None:
    import jsonschema_rs

    validator = jsonschema_rs.validator_for({"format": name}, validate_formats=True)
    bounds = format_bounds(name)
    assert bounds is not None
    assert bounds.outer.contains(bounds.inner)
    assert (from_format(name) is not None) is bounds.exact
    samples = [*FORMAT_SAMPLES[name], *bounds.inner.members(60)]
    for sample in samples:
        valid = validator.is_valid(sample)
        if bounds.inner.accepts(sample):
            assert valid, sample
        if not bounds.outer.accepts(sample):
            assert not valid, sample


def test_formats_nobody_knows_assert_nothing() -> None:
    assert format_bounds("hyphen-separated list") is None
    assert from_format("binary") is None


def test_lone_surrogates_are_never_written() -> None:
    everything_odd = compile_pattern(r"^[\ud7ff-\ue000]$")
    assert sorted(everything_odd.members(9)) == ["\ud7ff", "\ue000"]
    assert compile_pattern(r"^\ud800$").is_empty()
