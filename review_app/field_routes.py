"""What the field pages fetch: pictures and films without EXIF, and the empty record sheet."""

import asyncio
import tempfile
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from review_app.opened import opened_survey
from review_app.pictures import PictureError, blurred_of, preview_of, small_of
from species_db.field import FieldPhotoView, view_field_photo
from species_db.field.records.template import read_choices, write_template
from species_db.review import MediaView
from species_db.survey import Survey

KEEP = {"Cache-Control": "private, max-age=3600"}
KEEP_NOT = {"Cache-Control": "no-store"}
FILM = "film"
SIZES = ("large", "small", FILM)
TEMPLATE = "records-template.xlsx"


async def show_field_photo(request: Request) -> Response:
    """Send a field photo: `large`, `small`, or as `film`; never the original with its position.

    The address names a photo of the database and no file, so none outside the survey can be had.
    """
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        return Response(status_code=403)

    def answer() -> Response:
        survey = opened_survey()
        with survey.reading() as session:
            photo = view_field_photo(session, request.path_params["field_photo_id"])
        if photo is None:
            return Response(status_code=404)
        try:
            return _sent(survey, photo, request.path_params["size"])
        except PictureError:
            return Response(status_code=404)

    return await asyncio.to_thread(answer)


async def send_template(_request: Request) -> Response:
    """Send the empty sheet of field records, with the plots of this survey to choose from."""

    def made() -> bytes:
        with opened_survey().reading() as session:
            choices = read_choices(session)
        with tempfile.TemporaryDirectory(prefix="namcha-template-") as folder:
            return write_template(Path(folder) / TEMPLATE, choices=choices).read_bytes()

    headers = KEEP_NOT | {"Content-Disposition": f"attachment; filename={TEMPLATE}"}
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return Response(await asyncio.to_thread(made), media_type=kind, headers=headers)


def _sent(survey: Survey, photo: FieldPhotoView, size: str) -> Response:
    is_film = photo.file_mediatype.startswith("video/")
    if size not in SIZES or is_film is not (size == FILM):
        return Response(status_code=404)
    if is_film:
        path = survey.path_of(photo.file_path)
        if photo.is_restricted or not path.is_file():
            return Response(status_code=404)
        return FileResponse(path, media_type=photo.file_mediatype, headers=KEEP_NOT)
    media = _as_media(photo)
    if photo.is_restricted:
        return Response(blurred_of(survey, media), media_type="image/jpeg", headers=KEEP_NOT)
    path = small_of(survey, media) if size == "small" else preview_of(survey, media)
    return FileResponse(path, headers=KEEP)


def _as_media(photo: FieldPhotoView) -> MediaView:
    """The photo as the drawing of previews knows pictures."""
    return MediaView(
        media_id=photo.field_photo_id,
        file_path=photo.file_path,
        file_name=photo.file_name,
        file_mediatype=photo.file_mediatype,
        local_time=photo.local_time,
        is_restricted=photo.is_restricted,
        width=None,
        height=None,
        orientation=None,
        temperature_c=None,
    )


ROUTES = [
    Route("/field/{field_photo_id}/{size}", show_field_photo),
    Route(f"/{TEMPLATE}", send_template),
]
