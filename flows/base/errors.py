"""What stops a run, and is said to whoever runs it in one Swedish sentence."""


class InputError(Exception):
    """Somebody's folder, file or argument stops the run: one Swedish sentence, shown without a
    traceback."""


class FigureError(Exception):
    """An identity of the money doesn't hold: a bug or a damaged disk; one Swedish sentence that
    names the figure."""
