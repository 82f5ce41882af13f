"""Great Expectations' own expectations, made light: each says what it is once, instead of reckoning
it anew some twenty times for every column that it looks at."""

import functools
import os
from typing import Any

from . import gx_loading


@functools.cache
def light(kind: str) -> str:
    """The name under which an expectation is to be had in its light form.

    It is the kind itself where there is no such expectation, or where it no longer has the property
    that costs. What is checked, and how, is Great Expectations' own code in either form.
    """
    gx_loading.loaded()
    from great_expectations import expectations
    from great_expectations.compatibility import pydantic

    name = "".join(word.title() for word in kind.split("_"))
    plain: Any = getattr(expectations, name, None)
    is_known = isinstance(getattr(plain, "configuration", None), property)
    if os.environ.get(gx_loading.PLAIN) or not is_known:
        return kind
    own = {
        "__module__": __name__,
        "__doc__": plain.__doc__,
        "_said": pydantic.PrivateAttr(default=None),
        "configuration": property(functools.partial(_said_once, plain.configuration)),
    }
    made: Any = type(plain)(f"{name}Light", (plain,), own)
    return str(made.expectation_type)


def _said_once(configuration: property, expectation: Any) -> Any:
    """What an expectation is: as it was said last, for as long as nothing in it is another."""
    fields = expectation.__dict__
    if expectation._said is None or expectation._said[0] != fields:
        assert configuration.fget is not None
        expectation._said = (dict(fields), configuration.fget(expectation))
    return expectation._said[1]
