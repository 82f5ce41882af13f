"""Which characters XML and the PDF's fonts can hold."""

import re
from typing import Any

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(value: Any) -> Any:
    """Text without the characters that no XML can hold; anything else as it is."""
    return (
        _NOT_IN_XML.sub("", value)
        if isinstance(value, str) and not hasattr(value, "__html__")
        else value
    )


# -- PDF -------------------------------------------------------------------------------------------

NOT_IN_FONTS = re.compile(
    "[^ "
    "-\u0377\u0384-\u038a\u038e-\u03a1\u03a3-\u0482\u048a-\u04ff\u05d0-\u05ea\u0621-\u063a\u0641-\u064a\u1e00-\u1eff"
    "\u2000-\u200f\u2010-\u2027\u202f-\u2040\u2044-\u205e\u2070\u2074-\u208e\u20a0-\u20bf\u2100-\u211d\u2122\u2126-\u2150"
    "\u2153-\u2183\u2190-\u23ff\u2460-\u2603\ufb00-\ufb06\ufffd]"
)
"""What the fonts inside typst don't have, such as an emoji that a board has written: no PDF/A may
hold it."""


def not_printed(text: str) -> str:
    """The signs of a text that the PDF can't show, each once, in the order that they come."""
    return "".join(
        dict.fromkeys(
            sign for sign in clean(text) if NOT_IN_FONTS.match(sign) and not sign.isspace()
        )
    )
