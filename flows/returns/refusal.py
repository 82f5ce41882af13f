"""That a file is not taken in, and by which rule."""

from typing import Any

from ..model.returns import Problem


class RefusedError(Exception):
    """A file is not read further; `problem` says why, with the rule's id and the details for its
    sentence."""

    def __init__(self, rule_id: str, **details: Any) -> None:
        super().__init__(rule_id)
        places = {
            name: details.pop(name) for name in ("sheet", "cells", "value") if name in details
        }
        self.problem = Problem(rule_id, **places, details=details)
