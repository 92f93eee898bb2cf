"""Which records of the survey an export tells, and thus an altered one would spoil."""

from collections.abc import Iterable

from species_db.export.records import Records
from species_db.kept_lists import Used
from species_db.vocabulary import ObservationLevel, ObservationType


def used_by_package(records: Records) -> Used:
    """Every record that a whole package tells."""
    told = {("deployment", key) for key in records.deployments}
    told |= {("event", key) for key in records.events}
    told |= {("media", media.media_id) for media in records.media}
    told |= {("observation", one.observation_id) for one in records.machine}
    told |= {("observation", one.observation_id) for one in records.package_answers}
    told |= {("observation", one.observation_id) for one in records.statements if one.review_id}
    told |= {("taxon", one.taxon_id) for one in records.statements if one.taxon_id}
    told |= {("taxon", one.taxon_id) for one in records.package_answers if one.taxon_id}
    return frozenset(told | _places(records, records.deployments))


def used_by_occurrences(records: Records) -> Used:
    """The records behind a table of occurrences: animals in events, and the media that prove them.

    Of a model's word on an event, the answers on its media.
    """
    animals = [
        one
        for one in records.statements
        if one.observation_level == ObservationLevel.EVENT
        and one.observation_type == ObservationType.ANIMAL
    ]
    events = {one.event_id for one in animals}
    proof = [one for one in records.media if one.event_id in events]
    proof = [one for one in proof if one.media_id not in records.later_media]
    media = {one.media_id for one in proof}
    by_machine = {one.event_id for one in animals if not one.review_id}
    deployments = {one.deployment_id for one in animals}
    told = {("event", key) for key in events if key}
    told |= {("media", key) for key in media}
    told |= {("deployment", key) for key in deployments}
    told |= {("observation", one.observation_id) for one in animals if one.review_id}
    told |= {
        ("observation", one.observation_id)
        for one in records.machine
        if one.event_id in by_machine and one.media_id in media
    }
    told |= {("taxon", one.taxon_id) for one in animals if one.taxon_id}
    return frozenset(told | _places(records, deployments))


def _places(records: Records, deployments: Iterable[str]) -> set[tuple[str, str]]:
    told = set()
    for key in deployments:
        deployment = records.deployments[key]
        told.add(("camerastation", deployment.location_id))
        plot = records.plot_of(deployment)
        if plot is not None:
            told.add(("plot", plot.plot_id))
        if deployment.camera_id:
            told.add(("camera", deployment.camera_id))
    return told
