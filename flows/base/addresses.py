"""E-mail addresses, as people write them."""

import re


def address(text: object) -> str | None:
    """The one plain e-mail address that a text is; None for anything more, less or cleverer than
    that."""
    match = re.fullmatch(
        r"(?=.{6,254}$)(?=[^@]{1,64}@)[a-z0-9_-]+(?:[.+][a-z0-9_-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
        text.strip(" ") if isinstance(text, str) else "",
        re.IGNORECASE | re.ASCII,
    )
    return match[0] if match else None
