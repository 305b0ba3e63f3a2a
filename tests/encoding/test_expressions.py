"""Conditions as text are a closed grammar, agree with pandas, and run nothing."""

import contextlib
import random
import re
import tracemalloc
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from ganaug.encoding.expressions import MAX_LENGTH, Expression

N_ROWS = 30
COLOURS = ["red", "blue", "dark `blue`", "it's"]


def mixed_frame(n_rows=N_ROWS, seed=0):
    """Columns of every dtype that a table may have, most of them with gaps."""
    rng = np.random.default_rng(seed)
    whole, gaps = rng.integers(-3, 6, n_rows), rng.random(n_rows) < 0.2
    days = pd.Timestamp("2020-01-30") + pd.to_timedelta(whole, unit="D")
    colours = rng.choice(np.array(COLOURS, dtype=object), n_rows)
    return pd.DataFrame(
        {
            "whole": whole,
            "small": rng.integers(-3, 6, n_rows).astype("int8"),
            "count": rng.integers(0, 6, n_rows).astype("uint64"),
            "weight": np.where(gaps, np.nan, rng.normal(size=n_rows)),
            "short": rng.normal(size=n_rows).astype("float32"),
            "rooms": pd.array(np.where(gaps, None, whole), dtype="Int64"),
            "ratio": pd.array(np.where(gaps, None, 0.5 * whole), dtype="Float64"),
            "rare": pd.arrays.SparseArray(rng.integers(0, 2, n_rows)),
            "things": pd.Series(np.where(gaps, None, whole), dtype=object),
            "price": [
                None if gap else Decimal(int(one)) / 4 for gap, one in zip(gaps, whole, strict=True)
            ],
            "flag": rng.random(n_rows) < 0.5,
            "maybe": pd.array(np.where(gaps, None, whole > 1), dtype="boolean"),
            "colour": pd.Series(np.where(gaps, None, colours), dtype=object),
            "text": pd.Series(np.where(gaps, None, colours), dtype="string"),
            "kind": pd.Categorical(np.where(gaps, None, colours)),
            "size": pd.Categorical(rng.choice(["S", "L"], n_rows), ["S", "M", "L"], ordered=True),
            "digit": pd.Categorical(whole),
            "born": pd.Series(days).mask(gaps),
            "died": pd.Series(days[::-1]),
            "local": pd.Series(days).dt.tz_localize("Europe/Berlin"),
            "lasted": pd.Series(pd.to_timedelta(whole, unit="h")).mask(gaps),
            "my col `x` (€)": whole / 2,
            "index": whole % 3,
        },
        index=rng.integers(0, 9, n_rows),
    )


FRAME = mixed_frame()


def bools_of(text, frame=FRAME):
    """What a condition says of each row, gaps as False."""
    return Expression(text).evaluate(frame).fillna(False).to_numpy(bool).tolist()


class Expressions:
    """Random conditions of which pandas knows what they mean."""

    def __init__(self, seed):
        self._random = random.Random(seed)

    def bool(self, depth=3):
        pick = self._random.choice
        if depth == 0:
            return pick([self._links, self._levels, self._flag])()
        left, right = self.bool(depth - 1), self.bool(depth - 1)
        return pick(
            [
                f"({left} {pick(['and', 'or', '&', '|'])} {right})",
                f"{self._links()} {pick(['and', '&', 'or', '|'])} {self._links()}",
                f"{pick(['not ', '~'])}({left})",
                f"({left}) {pick(['==', '!='])} ({right})",
                self._links(),
                self._levels(),
            ]
        )

    def _flag(self):
        return self._random.choice(["flag", "maybe", "flag == True", "maybe != False", "flag > 0"])

    def _links(self):
        numbers = [self._number(self._random.randrange(3)) for _ in range(2)]
        column = self._random.choice(["whole", "weight", "rooms", "`my col ``x`` (€)`"])
        symbols = [self._random.choice(["<", "<=", ">", ">=", "==", "!="]) for _ in range(2)]
        chain = f"{numbers[0]} {symbols[0]} {column} {symbols[1]} {numbers[1]}"
        return self._random.choice([chain, f"{column} {symbols[0]} {numbers[0]}", *self._moments()])

    def _moments(self):
        symbol = self._random.choice(["<", "<=", ">", ">="])
        return [
            f"born {symbol} '2020-01-31'",
            f"'2020-02-02 12:00' {symbol} died",
            f"died - born {symbol} '5 hours'",
            f"born + lasted {symbol} died",
            f"born {self._random.choice(['==', '!='])} died",
            f"lasted {symbol} '2 hours'",
        ]

    def _levels(self):
        column = self._random.choice(["colour", "text", "kind"])
        texts = ['"dark `blue`"', "'red'", '"it\'s"', "'none'"]
        digits = self._random.sample(range(-3, 6), 3)
        inside = self._random.choice(["in", "not in"])
        return self._random.choice(
            [
                f"{column} {self._random.choice(['==', '!='])} {self._random.choice(texts)}",
                f"{self._random.choice(texts)} == {column}",
                f"{column} {inside} [{', '.join(self._random.sample(texts, 2))}]",
                f"{self._random.choice(['whole', 'rooms', 'digit', 'things'])} {inside} {digits}",
                f"weight * 0 {inside} ({digits[0]}, 0.0)",
                f"size {self._random.choice(['<', '>=', '=='])} 'M'",
                f"digit {self._random.choice(['==', '!='])} {digits[0]}",
                f"things {self._random.choice(['==', '!=', '<', '>='])} {digits[0]}",
                f"colour {self._random.choice(['==', '!='])} text",
            ]
        )

    def _number(self, depth):
        pick = self._random.choice
        if depth == 0:
            columns = ["whole", "small", "count", "weight", "short", "rooms", "ratio", "rare"]
            constants = ["2", "-1", "0.5", "3", ".25", "1e2", "-2.5e-1"]
            return pick([*columns, "price", "`index`", pick(constants), pick(constants)])
        left, right = self._number(depth - 1), self._number(depth - 1)
        symbol = pick(["+", "-", "*", "/", "//", "%"])
        return pick([f"({left} {symbol} {right})", f"-({left})", f"+{left}", f"({left}) ** 2"])


def test_conditions_mean_what_they_mean_to_pandas():
    frame = FRAME.assign(price=FRAME["price"].astype(float))
    expressions, n_compared, n_rejected = Expressions(0), 0, 0
    for _ in range(400):
        text = expressions.bool()
        try:
            expected = frame.eval(text)
        except Exception:
            n_rejected += 1
            continue
        if np.ndim(expected) == 1:
            expected = pd.Series(np.asarray(expected, dtype=object)).fillna(False).astype(bool)
            assert bools_of(text) == expected.tolist(), text
            n_compared += 1
    assert n_compared > 300 > 3 * n_rejected


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("(@pd.io.common.os.system('touch {marker}') == 0) & (whole > -100)", "'@'"),
        ("@whole > 1", "'@'"),
        ("whole @ whole", "'@'"),
        ("__import__('os').system('touch {marker}') == 0", "'.'"),
        ("open('{marker}', 'w') != 0 or whole > 0", "a call"),
        ("whole.to_csv('{marker}') or True", "'.'"),
        ("whole . index > 1", "'.'"),
        ("abs(whole) > 1", "a call"),
        ("(whole)(whole)", "a call"),
        ("`whole`('x')", "a call"),
        ("'x'(whole)", "a call"),
        ("whole[0] > 1", "a subscript"),
        ("'text'[whole]", "a subscript"),
        ("[whole][0] > 1", "a subscript"),
        ("lambda: whole", "'lambda'"),
        ("[one for one in whole]", "'for'"),
        ("f'{{whole}}' == colour", "'f' before a text"),
        ("colour == b'red'", "'b' before a text"),
        ("colour == rb'red'", "'rb' before a text"),
        ("(whole := 3) > 1", "':'"),
        ("whole = 3", "'='"),
        ("whole > 1; whole", "';'"),
        ("whole if flag else whole", "'if'"),
        ("whole is None", "'is'"),
        ("whole == None", "'None'"),
        ("(yield whole)", "'yield'"),
        ("whole > ...", "'.'"),
        ("whole > 1j", "'1j'"),
        ("whole > 0x10", "'0x10'"),
        ("whole > 1.5.2", "'1.5.2'"),
        ("whole > 1and flag", "'1and'"),
        ("{{whole}}", "'{'"),
        ("{{1: whole}}", "'{'"),
        ("whole ^ whole", "'^'"),
        ("whole << 2", "no expression"),
        ("*whole", "no expression"),
        ("[*whole] == 1", "a list that is not right of `in`"),
        ("whole, flag", "a tuple"),
        ("whole == [1, 2]", "a list"),
        ("whole in whole", "anything but a list of constants"),
        ("whole in (1)", "anything but a list of constants"),
        ("colour in 'red'", "anything but a list of constants"),
        ("whole in [whole]", "anything but constants"),
        ("whole in [*whole]", "a starred value"),
        ("whole in [1] == True", "anything but a list of constants"),
        ("whole > 0 # comment", "'#'"),
        ("whole > 0 \\\n", repr("\\")),
        ("whole > 0\0", r"'\x00'"),
        ("whole > \x9b31m", r"'\x9b31m'"),
        ("colour == 'a\\d'", "backslash before 'd'"),
        ("colour == '''red'''", "no expression"),
        ("colour == 'red' 'blue'", "no expression"),
        ("colour == 'red", "an open quote"),
        ("`whole > 0", "an open quote"),
        ("whole >", "no expression"),
        ("", "no expression"),
        (" \n ", "no expression"),
        ("()", "a tuple"),
        ("True", "names no column"),
        ("1 < 2", "names no column"),
        ("whole < 18446744073709551616", "beyond 64 bits"),
        ("whole > -9223372036854775809", "beyond 64 bits"),
        ("whole > 1__0", "1__0"),
        ("floors > 1 and whole", "'floors' is no column"),
        ("`0` > 1", "'0' is no column"),
        ("ilevel_0 > 1", "'ilevel_0' is no column"),
    ],
)
def test_what_is_not_in_the_grammar_is_named_and_never_run(tmp_path, text, what):
    marker = tmp_path / "marker"
    text = text.replace("{marker}", str(marker)).replace("{{", "{").replace("}}", "}")
    with pytest.raises(ValueError, match="^the condition .* cannot be evaluated: ") as refusal:
        Expression(text).check_columns(FRAME.columns)
    assert repr(text) in str(refusal.value)
    assert what in str(refusal.value).split("cannot be evaluated")[1]
    assert not marker.exists()


@pytest.mark.parametrize(
    "text",
    [
        "whole > 0" + " " * MAX_LENGTH,
        "(" * 150 + "whole > 0" + ")" * 150,
        "[" * 900,
        "([" * 900,
        "-" * 1900 + "whole > 0",
        "not " * 450 + "flag",
        "~" * 1900 + "flag",
        "whole" + " + 1" * 300 + " > 0",
        "whole" + " ** 1" * 300 + " > 0",
        "(whole, " * 200,
        "whole if " * 200,
        "whole(" * 200,
    ],
)
def test_long_and_deep_texts_are_refused(text):
    with pytest.raises(ValueError, match="cannot be evaluated") as refusal:
        Expression(text)
    assert len(str(refusal.value)) < 3 * MAX_LENGTH


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("whole > 9 ** 9 ** 9 ** 9", "beyond 64 bits"),
        ("whole > 2 ** 64", "beyond 64 bits"),
        ("whole > 9223372036854775807 * 9223372036854775807", "beyond 64 bits"),
        ("whole > 2.0 ** 99999", "no result"),
        ("whole > (-8) ** 0.5", "no real number"),
        ("whole > 1 / 0", "no result"),
        ("whole > 1 % 0", "no result"),
        ("whole > 0 ** -1", "no result"),
        ("'a' * 1000000000 == colour", "does not apply to a text and a number"),
        ("colour * 1000000000 == 'a'", "does not apply to a text and a number"),
        ("colour + colour == 'aa'", "does not apply to a text and a text"),
        ("flag + flag > 1", "does not apply to a bool"),
        ("-flag", "does not apply to a bool"),
        ("digit + 1 > 2", "categories"),
        ("whole > '1'", "does not compare a number with a text"),
        ("colour > 1", "does not compare a text with a number"),
        ("colour == 1", "does not compare a text with a number"),
        ("kind == 1", "does not compare a text with a number"),
        ("whole in [1, 'a']", "does not compare a number with a text"),
        ("colour in ['a', 1]", "does not compare a text with a number"),
        ("born in ['2020-01-01', 1]", "does not compare a date with a number"),
        ("born > 2020", "does not compare a date with a number"),
        ("born > colour", "does not compare a date with a text"),
        ("born > 'now'", "'now' is no date"),
        ("born > '01/02/2020'", "'01/02/2020' is no date"),
        ("born > '2020-13-01'", "month"),
        ("born > '2020-01-01T00:00Z'", "no time zone"),
        ("born > local", "Invalid comparison"),
        ("local > '2020-03-29 02:30'", "nonexistent"),
        ("born + died > born", "cannot add"),
        ("born * 2 > born", "does not apply to a date and a number"),
        ("lasted > 'long'", "'long' is no duration"),
        ("lasted > 'NaT'", "'NaT' is no duration"),
        ("lasted > '99999999 days'", "'99999999 days' is no duration"),
        ("kind < 'red'", "Unordered"),
        ("size < 'XL'", "Invalid comparison"),
        ("whole and flag", "does not apply to a number"),
        ("~whole > 1", "does not apply to a number"),
        ("not colour", "does not apply to a text"),
        ("small * 1000 > 1", "out of bounds"),
        ("whole ** -1 > 1", "negative integer powers"),
        ("whole + 18446744073709551615 > 0", "too large"),
    ],
)
def test_operators_that_do_not_apply_to_values_are_named(text, why):
    expression = Expression(text)
    with pytest.raises(ValueError, match=re.escape(repr(text))) as refusal:
        expression.evaluate(FRAME)
    assert why in str(refusal.value)


def test_columns_of_other_types_and_ambiguous_names_are_refused():
    frame = pd.DataFrame(
        {
            "month": pd.period_range("2020", periods=2, freq="M"),
            "span": pd.cut([1, 2], 2),
            "mixed": pd.Series([1, "a"], dtype=object),
            "complex": [1j, 2.0],
            "twice": [1, 2],
        }
    )
    for name in frame.columns[:4]:
        with pytest.raises(ValueError, match="none of numbers, bools, texts"):
            Expression(f"{name} == 1").evaluate(frame)
    frame.columns = [*frame.columns[:3], "twice", "twice"]
    with pytest.raises(ValueError, match="'twice' is the name of 2 columns"):
        Expression("twice > 1").evaluate(frame)


def test_integers_stay_exact():
    large = [2**53, 2**53 + 1, -(2**63), 2**63 - 1]
    frame = pd.DataFrame(
        {
            "id": large,
            "nullable": pd.array([2**53, 2**53 + 1, None, 2**63 - 1], dtype="Int64"),
            "object": pd.Series([2**53, 2**53 + 1, None, 2**70], dtype=object),
            "unsigned": np.array([2**63, 2**64 - 1, 0, 2**63 - 1], dtype="uint64"),
        }
    )
    for name in ("id", "nullable", "object"):
        assert bools_of(f"{name} == 9007199254740993", frame) == [False, True, False, False]
        assert bools_of(f"{name} in [9007199254740993, 0.5]", frame) == [False, True, False, False]
    for number in large:
        assert bools_of(f"id == {number}", frame) == [one == number for one in large]
    assert bools_of("id in [9223372036854775808]", frame) == [False] * 4
    assert bools_of("unsigned == 18446744073709551615", frame) == [False, True, False, False]
    assert bools_of("unsigned == id", frame) == [False, False, False, True]
    assert bools_of("id + 1 == 3 ** 2 * 1000799917193444", frame) == [False] * 4
    assert bools_of("id == 10 ** 19 // 10 or id == 2 ** 53", frame) == [True] + [False] * 3


def test_powers_of_objects_take_no_time_or_memory():
    frame = pd.DataFrame({"things": pd.Series([3, 2**70, None] * 10, dtype=object)})
    tracemalloc.start()
    assert bools_of("things ** 999999 > 1", frame) == [True, True, False] * 10
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**20


def test_names_are_found_as_they_are_written():
    names = [
        "and",
        "True",
        "\ufb01",
        "\u00b5",
        "\u0939\u093f",
        "a`b",
        "a\nb",
        "",
        " a ",
        "'",
        "x > 1",
    ]
    frame = pd.DataFrame([[0] * len(names), [1] * len(names)], columns=names)
    for name in names:
        quoted = f"`{name.replace('`', '``')}`"
        assert bools_of(f"{quoted} > 0", frame) == [False, True]
        assert Expression(f"{quoted} > 0 or {quoted} < 0").columns == (name,)
    for name in names[2:5]:
        assert bools_of(f"{name} > 0", frame) == [False, True]
    with pytest.raises(ValueError, match="'fi' is no column"):
        Expression("fi > 0").evaluate(frame)


def test_an_unknown_column_is_compared_with_all_and_named_beside_twenty():
    frame = pd.DataFrame(columns=[f"c{j}" for j in range(25)] + ["total_fee"])
    with pytest.raises(ValueError, match=r"Did you mean 'total_fee'\?.*'c19', \.\.\.\]") as caught:
        Expression("total_fees > 3").evaluate(frame)
    assert "'c20'" not in str(caught.value)


def test_backticks_in_texts_are_part_of_them_and_quotes_in_names_of_those():
    frame = pd.DataFrame({"colour": ["dark `blue`", "red"], "it's": [1, 2], 'a "b" c': [1, 2]})
    assert bools_of("colour == 'dark `blue`'", frame) == [True, False]
    assert bools_of('colour == "dark `blue`" and `it\'s` == 1', frame) == [True, False]
    assert bools_of("""`it's` == 1 and `a "b" c` == 1""", frame) == [True, False]
    assert bools_of(r"colour != 'it\'s' and colour == '\x72ed'", frame) == [False, True]


def test_texts_that_meet_dates_are_read_as_dates():
    moments = pd.to_datetime(["2020-01-01", None, "2021-06-05 04:03"], format="ISO8601")
    for dates in (moments, moments.tz_localize("Asia/Tokyo"), moments.astype("M8[s]")):
        frame = pd.DataFrame({"day": dates, "level": pd.Categorical(dates)})
        for name in frame.columns:
            assert bools_of(f"{name} == '2020-01-01'", frame) == [True, False, False]
            assert bools_of(f"{name} in ['2020-01-01', '2020']", frame) == [True, False, False]
        assert bools_of("'2020-01' < day <= '2021-06-05 04:03'", frame) == [False, False, True]
        assert bools_of("day < '9999-12-31'", frame) == [True, False, True]
        assert bools_of("day - '2019-12-31' == '1 day'", frame) == [True, False, False]


def test_gaps_and_columns_without_values_satisfy_nothing():
    none, some = [None, None], [True, None]
    frame = pd.DataFrame({"none": pd.Series(none, dtype=object), "x": [1, 2]})
    frame["flag"] = pd.Series(some, dtype=object)
    texts = ["none > 1", "none == 'red'", "none + 1 > 0", "-none < 0", "none in [1, 'red']", "none"]
    for text in [*texts, "not none", "none and x > 0", "1 < none < 3"]:
        assert bools_of(text, frame) == [False, False]
    assert bools_of("flag", frame) == bools_of("flag and x > 0", frame) == [True, False]
    assert bools_of("not flag", frame) == [False, False]
    assert bools_of("whole > 0 and colour == 'red'", FRAME.iloc[:0]) == []


def test_conditions_do_not_change_the_frame():
    before = FRAME.copy()
    bools_of("whole + 1 > 0 and things ** 2 > 1 and rare > 0 and price > 1 and not maybe")
    pd.testing.assert_frame_equal(FRAME, before)


NASTY = "ab01 .,`'\"()[]{}<>=!&|~+-*/%@:;#\\\0\n\t\r_\u00e9\ufb01\ud800\u0663\x9b"
OPERATORS = [
    "and",
    "or",
    "in",
    "+",
    "-",
    "*",
    "/",
    "//",
    "%",
    "**",
    "<",
    "<=",
    ">",
    ">=",
    "==",
    "!=",
]
CONSTANTS = ["0", "-1", "2.5", "1e400", "9223372036854775808", "True", "'red'", "''", "'\\ud800'"]
CONSTANTS += ["'2020-01-01'", "'1 hour'", "[1, 'red']", "('2020-01-01',)", "[]"]
OTHERS = ["not", "is", "if", "for", "lambda", "None", "await", "import", "b''", "f'{whole}'", "1j"]
OTHERS += [*"~&|()[],.@=:^{}`", "os", "whole.", "my", "`my col ``x`` (€)`", "1_0", "...", "9" * 20]


def random_characters(draw):
    return "".join(draw.choices(NASTY, k=draw.randrange(12)))


def random_tokens(draw):
    tokens = [*FRAME.columns[:22], *OPERATORS, *CONSTANTS, *OTHERS]
    return draw.choice(["", " "]).join(draw.choices(tokens, k=draw.randrange(1, 9)))


def random_operations(draw):
    first, *others = draw.choices([*FRAME.columns[:21], *CONSTANTS], k=3)
    return " ".join([first, *(f"{draw.choice(OPERATORS)} {other}" for other in others)])


@pytest.mark.parametrize(
    ("random_text", "least"),
    [(random_characters, 0), (random_tokens, 20), (random_operations, 100)],
)
def test_every_text_is_evaluated_or_refused(random_text, least):
    draw, n_evaluated = random.Random(0), 0
    for _ in range(2000):
        with contextlib.suppress(ValueError):
            Expression(random_text(draw)).evaluate(FRAME)
            n_evaluated += 1
    assert least <= n_evaluated < 2000
