"""The rows of the occurrence table: Darwin Core terms filled from the survey's own words."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from species_db.export.descriptor import DEMONSTRATION, LICENCE_URLS
from species_db.export.media_facts import MediaFacts
from species_db.export.records import Records, local_time
from species_db.places import LATITUDES, LONGITUDES, find_county
from species_db.sensitivity import Gate, ReleasedPlace
from species_db.survey import SurveySettings
from species_db.tables import Event, Observation, Plot, Taxon
from species_db.vocabulary import (
    ClassificationMethod,
    Ecosystem,
    ObservationLevel,
    ObservationType,
    Secrecy,
)

# Every term in order, with its name in a Chinese table. The last two are no Darwin Core terms: the
# Chinese name, because Darwin Core has one vernacularName and the Latin one stays unmixed, and the
# fingerprints of the originals, because every figure must be provable.
HEADERS_ZH: Mapping[str, str] = {
    "occurrenceID": "记录编号",
    "eventID": "事件编号",
    "parentEventID": "布设编号",
    "locationID": "点位编号",
    "basisOfRecord": "记录依据",
    "eventDate": "日期时间",
    "scientificName": "学名",
    "taxonID": "分类单元编号",
    "taxonRank": "分类阶元",
    "kingdom": "界",
    "class": "纲",
    "order": "目",
    "family": "科",
    "vernacularName": "英文名",
    "individualCount": "个体数",
    "sex": "性别",
    "lifeStage": "生活史阶段",
    "behavior": "行为",
    "occurrenceStatus": "出现状态",
    "occurrenceRemarks": "记录备注",
    "decimalLatitude": "纬度",
    "decimalLongitude": "经度",
    "geodeticDatum": "大地基准",
    "coordinateUncertaintyInMeters": "坐标不确定度(米)",
    "coordinatePrecision": "坐标精度(度)",
    "minimumElevationInMeters": "最低海拔(米)",
    "maximumElevationInMeters": "最高海拔(米)",
    "countryCode": "国家代码",
    "country": "国家",
    "stateProvince": "省级行政区",
    "county": "县级行政区",
    "habitat": "生境",
    "samplingProtocol": "调查方法",
    "samplingEffort": "调查时段",
    "identifiedBy": "鉴定人",
    "dateIdentified": "鉴定日期",
    "identificationVerificationStatus": "鉴定核实状态",
    "identificationRemarks": "鉴定备注",
    "dataGeneralizations": "数据概化说明",
    "informationWithheld": "未公开信息",
    "license": "许可协议",
    "rightsHolder": "权利人",
    "accessRights": "使用权限",
    "datasetName": "数据集名称",
    "vernacularNameZh": "中文名",
    "mediaSHA256": "原始文件SHA256",
}
NUMBERS = frozenset(
    {
        "individualCount",
        "decimalLatitude",
        "decimalLongitude",
        "coordinateUncertaintyInMeters",
        "coordinatePrecision",
        "minimumElevationInMeters",
        "maximumElevationInMeters",
    }
)
# A table is copied without its file name: each row says how far it may go.
ACCESS_RIGHTS: Mapping[Secrecy, str] = {
    Secrecy.INTERNAL: "Internal: for the bureau and its partners, not to be passed on. "
    "内部资料:仅供主管部门及合作单位使用,不得外传。",
    Secrecy.SHAREABLE: "Shareable: released by a second person for the recipient named. "
    "可共享:已由另一人放行,仅供所列接收方使用。",
}
# A cell that starts so is run as a formula by Excel, the full-width signs in Chinese Excel too.
_FORMULA_STARTS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_BETWEEN = " | "  # Darwin Core's separator for lists


@dataclass(frozen=True)
class OccurrenceRows:
    """The occurrences of a survey, sorted by what leaves and not by our own ids."""

    records: Records
    gate: Gate
    settings: SurveySettings
    audience: Secrecy = Secrecy.INTERNAL

    def __iter__(self) -> Iterator[dict[str, str]]:
        """Give one row for each taxon of each event."""
        groups: dict[tuple[str, str], list[Observation]] = defaultdict(list)
        for observation in self.records.statements:
            is_event = observation.observation_level == ObservationLevel.EVENT
            if is_event and observation.observation_type == ObservationType.ANIMAL:
                groups[observation.event_id or "", observation.taxon_id or ""].append(observation)
        rows = [self._row(event_id, group) for (event_id, _), group in groups.items()]
        keys = ("parentEventID", "eventDate", "eventID", "scientificName")
        yield from sorted(rows, key=lambda row: [row[key] for key in keys])

    @cached_property
    def _media_of_events(self) -> Mapping[str, Sequence[MediaFacts]]:
        """The proof of each record: later media prove nothing that the review said."""
        media: dict[str, list[MediaFacts]] = defaultdict(list)
        for item in self.records.media:
            if item.media_id not in self.records.later_media:
                media[item.event_id or ""].append(item)
        return media

    def _row(self, event_id: str, group: Sequence[Observation]) -> dict[str, str]:
        event = self.records.events[event_id]
        row = dict.fromkeys(HEADERS_ZH, "")
        place = self._places[event.deployment_id]
        row |= self._identity(event, group[0]) | self._animal(group) | self._where(event, place)
        row |= self._who(group) | {
            "dataGeneralizations": self.gate.generalizations(place),
            "informationWithheld": self.gate.withheld(place),
            "license": LICENCE_URLS.get(self.settings.licence_data, self.settings.licence_data),
            "rightsHolder": self.settings.rights_holder,
            "accessRights": ACCESS_RIGHTS[self.audience],
            "datasetName": (DEMONSTRATION if self.settings.is_demonstration else "")
            + self.settings.title,
            "mediaSHA256": "|".join(m.sha256 for m in self._media_of_events.get(event_id, ())),
        }
        if place.is_withheld:
            row |= _untied(row)
        return {term: value if term in NUMBERS else safe_cell(value) for term, value in row.items()}

    def _identity(self, event: Event, observation: Observation) -> dict[str, str]:
        """Ids and time. The occurrence is named after event and taxon.

        So it keeps its name when a count is corrected or a person confirms the model, and GBIF
        updates the record instead of losing one and gaining another.
        """
        deployment = self.records.deployments[event.deployment_id]
        offset = deployment.utc_offset_seconds
        taxon_id = observation.taxon_id or ""
        start, end = self.records.spans[event.event_id]
        set_up, taken_down = self.gate.period(
            self._places[event.deployment_id],
            deployment.deployment_start,
            self.records.ends[deployment.deployment_id],
            offset_seconds=offset,
        )
        return {
            "occurrenceID": "urn:uuid:"
            + self.gate.pseudonym("occurrence", event.event_id, taxon_id),
            "eventID": self.gate.key("event", event.event_id),
            "parentEventID": self.gate.key("deployment", deployment.deployment_id),
            "locationID": self.gate.key("station", deployment.location_id),
            "basisOfRecord": "MachineObservation",
            "eventDate": f"{local_time(start, offset)}/{local_time(end, offset)}",
            "occurrenceStatus": "present",
            "samplingProtocol": "camera trap",
            "samplingEffort": f"{local_time(set_up, offset)}/{local_time(taken_down, offset)}",
        }

    def _animal(self, group: Sequence[Observation]) -> dict[str, str]:
        """What was seen. Rows of one taxon in one event exclude each other, so they add up."""
        taxon_id = group[0].taxon_id or ""
        taxon = self.records.taxa.get(taxon_id) or Taxon(
            taxon_id="",
            scientific_name="Animalia",
            taxon_rank="kingdom",
            kingdom="Animalia",
            source="",
        )
        counts = [observation.count for observation in group]
        known = [count for count in counts if count]
        is_mixed = len({(o.sex, o.life_stage) for o in group}) > 1
        return {
            "scientificName": taxon.scientific_name,
            "taxonID": taxon.taxon_id,
            "taxonRank": taxon.taxon_rank,
            "kingdom": taxon.kingdom,
            "class": taxon.class_name,
            "order": taxon.order_name,
            "family": taxon.family,
            "vernacularName": self.records.vernacular.get((taxon_id, "en"), ""),
            "vernacularNameZh": self.records.vernacular.get((taxon_id, "zh"), ""),
            "individualCount": str(sum(known)) if len(known) == len(counts) else "",
            "sex": "" if is_mixed else group[0].sex,
            "lifeStage": "" if is_mixed else group[0].life_stage,
            "behavior": _listed(self.gate.words(o.behavior) for o in group),
            "occurrenceRemarks": _listed(map(_composition, group)) if is_mixed else "",
        }

    @cached_property
    def _places(self) -> Mapping[str, ReleasedPlace]:
        return {
            deployment_id: self.gate.place(self.records.stations[deployment.location_id])
            for deployment_id, deployment in self.records.deployments.items()
        }

    def _where(self, event: Event, place: ReleasedPlace) -> dict[str, str]:
        deployment = self.records.deployments[event.deployment_id]
        plot = self.records.plot_of(deployment)
        county = find_county(self.gate.county(place, plot.county)) if plot else None
        return {
            **_coordinates(place),
            **_country(place),
            "county": county.name_en if county else "",
            "habitat": self.gate.notes(deployment.habitat)
            or self.gate.about(place, _ecosystem(plot)),
        }

    def _who(self, group: Sequence[Observation]) -> dict[str, str]:
        """Who says so, and whether a person saw it: from our own review, not from a probability."""
        newest = max(observation.classification_timestamp for observation in group)
        human = all(o.classification_method == ClassificationMethod.HUMAN for o in group)
        who = _listed(observation.classified_by for observation in group)
        scores = [o.classification_probability for o in group if o.classification_probability]
        offset = self.settings.utc_offset_seconds
        certainty = f" with {max(scores):.0%} certainty" if scores else ""
        return {
            "identifiedBy": who,
            "dateIdentified": local_time(
                self.gate.desk_time(newest, offset_seconds=offset), offset
            ),
            "identificationVerificationStatus": "verified using recorded media"
            if human
            else "unverified (machine)",
            "identificationRemarks": "classified by a person looking at the media"
            if human
            else f"classified by a machine ({who}){certainty}; not checked by a person",
        }


def safe_cell(text: str) -> str:
    """Keep a spreadsheet from running a text as a formula (OWASP, CSV injection).

    >>> safe_cell("=1+1"), safe_cell("Muntiacus vaginalis")
    ("'=1+1", 'Muntiacus vaginalis')
    """
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _country(place: ReleasedPlace) -> dict[str, str]:
    """The country of a place in the prefecture's box; that of others' packages is not known."""
    if place.latitude is not None and place.longitude is not None:
        is_north_south = LATITUDES[0] <= place.latitude <= LATITUDES[1]
        if not (is_north_south and LONGITUDES[0] <= place.longitude <= LONGITUDES[1]):
            return {"countryCode": "", "country": "", "stateProvince": ""}
    return {"countryCode": "CN", "country": "China", "stateProvince": "Xizang"}


def _coordinates(place: ReleasedPlace) -> dict[str, str]:
    precision = place.coordinate_precision
    if place.is_withheld:
        return {}
    return {
        "decimalLatitude": str(place.latitude),
        "decimalLongitude": str(place.longitude),
        "geodeticDatum": "EPSG:4326",
        "coordinateUncertaintyInMeters": str(place.coordinate_uncertainty_m),
        "coordinatePrecision": "" if precision is None else str(precision),
        "minimumElevationInMeters": _metres(place.minimum_elevation_m),
        "maximumElevationInMeters": _metres(place.maximum_elevation_m),
    }


def _untied(row: Mapping[str, str]) -> dict[str, str]:
    """What is left of a row of a withheld place: the county, the month, and no tie to another."""
    ties = ("parentEventID", "locationID", "samplingEffort", "mediaSHA256")
    return {"eventDate": row["eventDate"][:7], **dict.fromkeys(ties, "")}


def _metres(elevation: float | None) -> str:
    return "" if elevation is None else f"{elevation:g}"


def _ecosystem(plot: Plot | None) -> str:
    return plot.ecosystem if plot and plot.ecosystem in set(Ecosystem) else ""


def _composition(observation: Observation) -> str:
    count = str(observation.count or "")
    return " ".join(part for part in (count, observation.life_stage, observation.sex) if part)


def _listed(parts: Iterator[str]) -> str:
    return _BETWEEN.join(dict.fromkeys(part for part in parts if part))
