"""Numbers as people read them: rounded, in words, durations and counts."""

import math
import re
from decimal import Decimal

# Digits, at most one mark for the decimals, and perhaps an exponent.
_PLAIN = re.compile(r"[+-]?([0-9]+[.,]?[0-9]*|[.,][0-9]+)(e[+-]?[0-9]{1,3})?")
_LONGEST_PLAIN = 24
# Thousands set apart, and what stands for the decimals then.
_GROUPED = {
    ",": re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+([.][0-9]+)?"),
    ".": re.compile(r"[+-]?[0-9]{1,3}([.][0-9]{3})+(,[0-9]+)?"),
}


def number_of_text(text: str) -> float | None:
    """A number as people type it, with a comma or a point: 0,002; 1.5e-3; 1.234,5.

    None for anything else. One mark alone is for decimals: 1,000 is one.
    """
    text = "".join(text.split()).lower()
    if len(re.findall("[.,]", text)) > 1:
        thousands = next((mark for mark, form in _GROUPED.items() if form.fullmatch(text)), None)
        if thousands is None:
            return None
        text = text.replace(thousands, "")
    elif not _PLAIN.fullmatch(text):
        return None
    number = float(text.replace(",", "."))
    return number if math.isfinite(number) else None


def text_of_number(number: float) -> str:
    """A number as it is read back: all its figures, an exponent only where zeros fill a line."""
    text = repr(float(number))
    plain = f"{Decimal(text):f}"
    return (plain if len(plain) <= _LONGEST_PLAIN else text).removesuffix(".0")


def duration_in_days(seconds: float) -> str:
    """As `verdicts.duration`, and from two days on "3 days"."""
    days = seconds / 86_400
    return duration(seconds) if days < 2 else f"{days:,.0f} days"


# Nobody counts more zeros in passing, and no error this small can be seen.
LEAST_IN_A_TABLE = 1e-6


def rounded(value: float) -> str:
    """Two figures that matter, without an exponent: 0.044, 0.00056, 141."""
    if not math.isfinite(value):
        return "not a number"
    if value >= 100:
        return f"{value:.0f}"
    if value >= 10:
        return f"{value:.1f}"
    if value == 0:
        return "0"
    digits = max(0, 1 - math.floor(math.log10(abs(value))))
    return f"{value:.{digits}f}"


def short(value: float) -> str:
    """As `rounded`, for a column of a table: no longer than "<0.000001"."""
    return f"<{LEAST_IN_A_TABLE:.6f}" if 0 < value < LEAST_IN_A_TABLE else rounded(value)


def times(ratio: float) -> str:
    """A ratio for reading aloud: 1.04, 1.3, 4, 12."""
    if 1 < ratio < 1.095:
        return f"{ratio:.2f}"
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.1f}".removesuffix(".0")


def count(numbers: int) -> str:
    """In words: "one number", "2 numbers"."""
    return "one number" if numbers == 1 else f"{numbers:,} numbers"


def duration(seconds: float) -> str:
    """A time for people: "40 s", "5 min", "2 h 10 min", "30 h"."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h" if hours >= 10 else f"{hours} h {minutes} min"
