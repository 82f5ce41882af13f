"""Login by OpenID Connect: the code flow with PKCE, by Authlib; nothing of it is ours but who may
come in."""

import warnings
from collections.abc import Mapping
from typing import Any

import httpx
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import Response

from .asking import local
from .desk_settings import DeskSettings, OpenIdFile
from .entrance import LOGIN_ANSWER, OutsideError, known_person
from .rights import Person

with warnings.catch_warnings(record=True):  # Authlib insists on its worries about httpx
    from authlib.integrations.base_client import OAuthError
    from authlib.integrations.starlette_client import OAuth

_GOAL = "till"
"""Under what a signed cookie holds where somebody was going when they had to log in."""


class LoginService:
    """The service at which people log in."""

    def __init__(self, settings: DeskSettings, address: str) -> None:
        assert settings.declared.openid is not None
        self._declared: OpenIdFile = settings.declared.openid
        self._answer_address = f"{address}{LOGIN_ANSWER}"
        self._client = OAuth().register(
            "inloggning",
            client_id=self._declared.klient,
            client_secret=settings.client_secret,
            server_metadata_url=f"{self._declared.utgivare}/.well-known/openid-configuration",
            client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256"},
        )

    async def begin(self, request: Request) -> Response:
        """Send somebody there. Raises OutsideError when the service doesn't answer."""
        goal = local(request.query_params.get(_GOAL, "/"))
        request.session.clear()
        request.session[_GOAL] = goal
        try:
            answer: Response = await self._client.authorize_redirect(request, self._answer_address)
        except (httpx.HTTPError, OAuthError, ValueError, KeyError, RuntimeError):
            raise _unanswered() from None
        return answer

    async def finish(self, request: Request, settings: DeskSettings) -> tuple[Person, str]:
        """Who has come back from there, by what the settings say now, and where they were going.

        Raises OutsideError for an answer that isn't to a question of ours, or that isn't signed by
        the service, and for somebody who has no role here.
        """
        goal = local(str(request.session.get(_GOAL, "/")))
        try:
            token: Mapping[str, Any] = await self._client.authorize_access_token(request)
        except (OAuthError, JoseError, ValueError, KeyError, TypeError):
            raise OutsideError(
                "Inloggningen gick inte att slutföra. Öppna Skrivbordet igen och logga in på nytt.",
                403,
            ) from None
        except (httpx.HTTPError, RuntimeError):
            raise _unanswered() from None
        claims: Mapping[str, Any] = token.get("userinfo") or {}
        login = claims.get(self._declared.login)
        if not isinstance(login, str) or not login.strip():
            raise OutsideError(
                f"Inloggningstjänsten säger inte vem du är: uppgiften {self._declared.login} "
                "saknas. Säg till den som sköter Skrivbordet.",
                403,
            )
        groups = claims.get(self._declared.grupper) or []
        member = [str(group) for group in groups] if isinstance(groups, list) else []
        name = str(claims.get(self._declared.namn) or "")
        return known_person(settings, login, name, member), goal


def _unanswered() -> OutsideError:
    return OutsideError(
        "Inloggningstjänsten svarar inte. Försök igen om en stund, och säg till den som sköter "
        "Skrivbordet om det inte hjälper.",
        503,
    )
