"""Pages for people: one frame, one look, texts of their language, and headers that let nothing in and nothing out.

    pages = Pages(texts, "sv", "Exempelkommunen", public_url="https://omdome.example.se")
    pages.attach(app)                                  # /static/…, and errors as pages
    return pages.response("report.html", pages.texts_for(request), rows=rows)

Templates extend base.html and have `t` (the texts), `organisation` and `static(name)`. The content security policy lets
them hold no scripts or styles of their own, nor style attributes: what they need is in web/static/.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from models.texts import PHONE_NUMBER, Texts
from web.page_errors import errors_as_pages

HERE = Path(__file__).parent
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png"}
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
#: Addresses hold secrets, so nobody is told where a visitor came from, and nothing is kept or found.
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def _unbroken(text: str) -> Markup:
    """The text, with no line broken inside a phone number; the number itself stays as it can be copied and read out."""
    return Markup(PHONE_NUMBER.sub(r'<span class="unbroken">\g<0></span>', str(escape(text))))  # noqa: S704 (what was there is escaped)


class Pages:
    """`texts` by language; `language` is the one for who asks for none of them."""

    def __init__(self, texts: Mapping[str, Texts], language: str, organisation: str, public_url: str = "") -> None:
        self._texts, self._language, self._public_url = texts, language, public_url
        self._files = {file.name: file.read_bytes() for file in (HERE / "static").iterdir() if file.suffix in _TYPES}
        self._versions = {name: hashlib.sha256(held).hexdigest()[:12] for name, held in self._files.items()}
        self._environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters["unbroken"] = _unbroken
        self._environment.globals |= {"organisation": organisation, "static": self.static}

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self._texts)

    def known(self, language: str) -> str:
        """`language` if there are texts in it ("en-GB" is "en"), else the usual one."""
        short = language.partition("-")[0].strip().lower()
        return short if short in self._texts else self._language

    def texts(self, language: str) -> Texts:
        return self._texts[self.known(language)]

    def other_languages(self, texts: Texts) -> list[Texts]:
        """The languages that a page in `texts` can be had in besides."""
        return [self._texts[each] for each in self._texts if each != texts.language]

    def texts_for(self, request: web.Request) -> Texts:
        """The first language of ours that the browser prefers (Accept-Language); `?lang=` goes before it."""
        asked = [request.query.get("lang", ""), *_preferred(request.headers.get("Accept-Language", ""))]
        return self.texts(next((each for each in asked if each.partition("-")[0].lower() in self._texts), ""))

    def response(
        self,
        template: str,
        texts: Texts,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **values: object,
    ) -> web.Response:
        """The page. `values` are the template's own."""
        page = self._environment.get_template(template).render(t=texts, **values)
        return web.Response(
            status=status,
            text=page,
            content_type="text/html",
            headers={**HEADERS, "Content-Language": texts.language, **(headers or {})},
        )

    def message(
        self,
        request: web.Request,
        key: str,
        status: int,
        texts: Texts | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> web.Response:
        """A page that only says something: the texts `web.messages.<key>.title` and `.text`."""
        said = texts or self.texts_for(request)
        return self.response("message.html", said, status=status, headers=headers, key=key)

    def static(self, name: str) -> str:
        """The address of a file in web/static/, with its version, so that it may be kept for ever."""
        return f"/static/{name}?v={self._versions[name]}"

    def attach(self, app: web.Application) -> None:
        """Serve /static/, and answer errors under the pages' addresses with pages. Once is enough, twice is no harm."""
        if self in app.get(_ATTACHED, ()):
            return
        app[_ATTACHED] = (self,)
        app.middlewares.append(errors_as_pages(self.message))
        app.router.add_get("/static/{name}", self._file)

    def same_origin(self, request: web.Request) -> bool:
        """Whether a POST comes from a page of ours, as far as the browser tells.

        Pages that send no referrer have the origin "null", so that alone says nothing: Sec-Fetch-Site decides where the
        browser sends it (all do since 2023, over https), Origin where it names one.
        """
        site = request.headers.get("Sec-Fetch-Site")
        if site is not None:
            return site in ("same-origin", "none")
        origin = request.headers.get("Origin", "null")
        if origin == "null":
            return True
        try:
            named = urlsplit(origin).netloc
            return named in (request.headers.get("Host"), urlsplit(self._public_url).netloc or None)
        except ValueError:
            return False

    async def _file(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in self._files:
            raise web.HTTPNotFound
        kept = "public, max-age=31536000, immutable" if request.query.get("v") == self._versions[name] else "no-cache"
        content_type = _TYPES[Path(name).suffix]
        charset = None if content_type.startswith("image/png") else "utf-8"
        headers = {"Cache-Control": kept, "Cross-Origin-Resource-Policy": "same-origin"}
        return web.Response(body=self._files[name], content_type=content_type, charset=charset, headers=headers)


def see_other(location: str) -> web.Response:
    """On to another page of ours after a POST (303), by an address relative to the one that was posted to."""
    return web.Response(status=303, headers={**HEADERS, "Location": location})


_ATTACHED: web.AppKey[tuple[Pages, ...]] = web.AppKey("pages", tuple)


def _preferred(header: str) -> list[str]:
    """The languages of an Accept-Language header, best first; what is malformed is left out."""
    found: list[tuple[float, str]] = []
    for part in header[:500].split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            found.append((-float(quality or 1), tag))
        except ValueError:
            continue
    return [tag for _, tag in sorted(found, key=lambda each: each[0])]
