"""Whether Prefect's server answers, and what is said when it does not."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from ..base.errors import InputError
from .prefect_database import is_locked, own_database


class UnansweredError(InputError):
    """Prefect's server no longer does what a flow asks of it: a sentence that says what to do."""


@contextmanager
def asked() -> Iterator[None]:
    """While Prefect's server is asked. Raises UnansweredError when it is gone, or can't do what it
    is asked for."""
    try:
        yield
    except Exception as error:
        if not _is_unanswered(error):
            raise
        raise UnansweredError(unanswered()) from error


def _is_unanswered(error: BaseException) -> bool:
    """Whether an error, or each of a group of them, is that Prefect's server didn't do as it was
    asked."""
    import httpx
    from prefect.exceptions import ObjectNotFound

    if isinstance(error, BaseExceptionGroup):
        return all(_is_unanswered(one) for one in error.exceptions)
    words = ("Failed to reach API", "Service exceeded error threshold")
    is_told = isinstance(error, RuntimeError) and any(word in str(error) for word in words)
    return is_told or isinstance(error, httpx.HTTPError | ObjectNotFound)


def unanswered() -> str:
    """What is known of why, as a sentence."""
    database = own_database()
    if database is not None and is_locked(database):
        return f"Prefects databas {database} är låst av ett annat program. Stäng det programmet."
    return "Prefects server slutade svara, eller kunde inte göra det som den ska."


def must_answer() -> None:
    """Raises InputError when the server that Prefect's settings name doesn't answer, or refuses the
    key."""
    import httpx
    from prefect.client.orchestration import get_client
    from prefect.settings import get_current_settings

    address = urlsplit(str(get_current_settings().api.url))
    url = address._replace(
        netloc=address.netloc.rpartition("@")[2]
    ).geturl()  # a password is not for the screen
    try:
        with get_client(sync_client=True) as client:
            client.api_version()
    except (httpx.HTTPError, httpx.InvalidURL, RuntimeError, ValueError) as error:
        cause = error.__cause__ if isinstance(error, RuntimeError) else error
        status = cause.response.status_code if isinstance(cause, httpx.HTTPStatusError) else None
        if status in {401, 403}:
            raise InputError(
                f"Prefects server {url} godtar inte nyckeln. Ange den som gäller i "
                "PREFECT_API_AUTH_STRING."
            ) from None
        raise InputError(
            f"Prefects server {url} svarar inte som den ska. Se till att den är i gång, eller ta "
            "bort PREFECT_API_URL så startas en egen."
        ) from None
