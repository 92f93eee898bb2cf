"""What the page fetches besides itself: pictures, films, and taxa found while a person types.

Plain GET routes, because a picture need not wait for the page to run again.
"""

import asyncio
from collections.abc import Callable
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from review_app.films import FilmError, film_of
from review_app.jobs import report_of
from review_app.opened import opened_survey
from review_app.pictures import PictureError, blurred_of, preview_of, small_of
from review_app.receipts import page_of
from species_db.review import MediaView, view_media
from species_db.survey import Survey
from species_db.taxa import search_taxa

KEEP = {"Cache-Control": "private, max-age=3600"}
KEEP_NOT = {"Cache-Control": "no-store"}  # people: nothing stays in the browser
STILL = {  # what a document may do here: be looked at, with its own styles and pictures
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
}
HITS = 8


async def show_picture(request: Request) -> Response:
    """Send a picture: `clear`, `small` for the filmstrip, or `blurred`.

    A restricted picture goes out blurred unless it is asked for as `opened`.
    """
    return await _answer(request, _picture)


async def show_film(request: Request) -> Response:
    """Send a film, or the copy of it that browsers play, in the pieces the player asks for."""
    return await _answer(request, _film)


async def find_taxa(request: Request) -> Response:
    """Offer animals for what the person has typed so far."""
    if _is_from_elsewhere(request):
        return Response(status_code=403)
    text = request.query_params.get("text", "")[:100]
    recent = [name for name in request.query_params.get("recent", "").split(",") if name]

    def found() -> list[dict[str, str]]:
        with opened_survey().reading() as session:
            hits = search_taxa(session, text, limit=HITS, recent=recent, animals_only=True)
        return [asdict(hit) for hit in hits]

    return JSONResponse({"text": text, "hits": await asyncio.to_thread(found)}, headers=KEEP_NOT)


async def show_receipt(request: Request) -> Response:
    """Send a receipt to be read and printed; nothing in it can run or fetch."""
    if _is_from_elsewhere(request):
        return Response(status_code=403)
    path = await asyncio.to_thread(page_of, opened_survey(), request.path_params["name"])
    if path is None:
        return Response(status_code=404)
    return FileResponse(path, media_type="text/html; charset=utf-8", headers=KEEP_NOT | STILL)


async def show_health_report(request: Request) -> Response:
    """Send the season's health report, as the command line wrote it last."""
    if _is_from_elsewhere(request):
        return Response(status_code=403)
    path = report_of(opened_survey())
    if not await asyncio.to_thread(path.is_file):
        return Response(status_code=404)
    return FileResponse(path, media_type="text/html; charset=utf-8", headers=KEEP_NOT | STILL)


def _picture(survey: Survey, media: MediaView, wish: str) -> Response:
    if media.is_restricted and wish == "opened":
        return FileResponse(preview_of(survey, media), headers=KEEP_NOT)
    if media.is_restricted or wish == "blurred":
        return Response(blurred_of(survey, media), media_type="image/jpeg", headers=KEEP_NOT)
    path = small_of(survey, media) if wish == "small" else preview_of(survey, media)
    return FileResponse(path, headers=KEEP)


def _film(survey: Survey, media: MediaView, wish: str) -> Response:
    if not media.file_mediatype.startswith("video/"):
        return Response(status_code=404)  # a photo as it came tells the coordinates in its EXIF
    path = survey.path_of(media.file_path)
    if not path.is_file() or (media.is_restricted and wish != "opened"):
        return Response(status_code=404)
    playable = film_of(survey, media)
    kind = media.file_mediatype if playable == path else "video/mp4"
    # Chromium plays MOV under the name of MP4 only; it is the same container.
    kind = "video/mp4" if kind == "video/quicktime" else kind
    return FileResponse(playable, media_type=kind, headers=KEEP_NOT)


async def _answer(
    request: Request, respond: Callable[[Survey, MediaView, str], Response]
) -> Response:
    if _is_from_elsewhere(request):
        return Response(status_code=403)

    def answer() -> Response:
        survey = opened_survey()
        with survey.reading() as session:
            media = view_media(session, request.path_params["media_id"])
        if media is None:
            return Response(status_code=404)
        try:
            return respond(survey, media, request.path_params["wish"])
        except (PictureError, FilmError):
            return Response(status_code=404)

    return await asyncio.to_thread(answer)


def _is_from_elsewhere(request: Request) -> bool:
    """Tell whether another page in this browser is asking."""
    return request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none")


ROUTES = [
    Route("/picture/{media_id}/{wish}", show_picture),
    Route("/film/{media_id}/{wish}", show_film),
    Route("/taxa", find_taxa),
    Route("/receipt/{name}", show_receipt),
    Route("/health-report", show_health_report),
]
