"""Terms of lists, of the gate, of areas: what the law says, and what may leave."""

from enum import StrEnum


class StatusKind(StrEnum):
    """What a list says of the taxa on it; several lists of one kind may follow each other."""

    PROTECTED_ANIMALS = "protected_animals"  # category I or II
    PROTECTED_PLANTS = "protected_plants"  # category I or II
    SANYOU = "sanyou"  # of ecological, scientific or social value
    KEY_INVASIVE = "key_invasive"  # managed with priority, national
    INVASIVE_BATCH = "invasive_batch"  # category: the number of the batch, 1 to 4
    INTRODUCED = "introduced"  # GRIIS: names only, not all of them invasive
    RED_LIST = "red_list"  # China Red List: CR, EN, VU, NT, ...
    IUCN = "iucn"
    CITES = "cites"  # appendix I, II or III
    LOCAL_INVASIVE = "local_invasive"  # the prefecture's own, numbered and dated
    CHECKLIST = "checklist"  # category native or alien in Linzhi


class ListOrigin(StrEnum):
    """How a list version came into the survey."""

    SHIPPED = "shipped"
    IMPORTED = "imported"
    PUBLISHED = "published"  # by this survey, see species_db/lists/publish.py


class Sensitivity(StrEnum):
    """How far the place of a taxon must be coarsened (Chapman 2020; DOMAIN.md 9)."""

    EXTREME = "extreme"  # withheld
    HIGH = "high"  # 0.1 degrees
    MEDIUM = "medium"  # 0.01 degrees
    LOW = "low"  # 0.001 degrees
    NONE = "none"


class Secrecy(StrEnum):
    """Whom a survey, a station or a record may reach; the strictest of the three holds."""

    SECRET = "secret"  # never leaves
    INTERNAL = "internal"  # the bureau and its partners
    SHAREABLE = "shareable"  # after a second person's release


class Role(StrEnum):
    """What a named person may do beyond ordinary work."""

    EXACT_VIEWER = "exact_viewer"  # opens exact places of sensitive stations, each time logged
    RELEASER = "releaser"  # lets a shareable export leave that somebody else asked for


class AreaKind(StrEnum):
    """What an outline on the map stands for."""

    COUNTY = "county"
    RESERVE = "reserve"
    CORE_ZONE = "core_zone"
    RED_LINE = "red_line"
    PROJECT = "project"
    OTHER = "other"


class EstablishmentMeans(StrEnum):
    """How a taxon got here (Darwin Core `establishmentMeans`)."""

    NATIVE = "native"
    NATIVE_REINTRODUCED = "nativeReintroduced"
    INTRODUCED = "introduced"
    INTRODUCED_ASSISTED = "introducedAssistedColonisation"
    VAGRANT = "vagrant"
    UNCERTAIN = "uncertain"


class DegreeOfEstablishment(StrEnum):
    """How far a taxon has got (Darwin Core `degreeOfEstablishment`)."""

    CAPTIVE = "captive"
    CULTIVATED = "cultivated"
    RELEASED = "released"
    FAILING = "failing"
    CASUAL = "casual"
    REPRODUCING = "reproducing"
    ESTABLISHED = "established"
    COLONISING = "colonising"
    INVASIVE = "invasive"
    WIDESPREAD_INVASIVE = "widespreadInvasive"


class AbundanceClass(StrEnum):
    """How dense an infestation is, as a person can judge it on the spot."""

    SINGLE = "single"
    SCATTERED = "scattered"
    PATCHES = "patches"
    DENSE = "dense"
    CONTINUOUS = "continuous"


class ControlMethod(StrEnum):
    """How an invader was fought."""

    MANUAL = "manual"
    MECHANICAL = "mechanical"
    CHEMICAL = "chemical"
    BIOLOGICAL = "biological"
    TRAPPING = "trapping"
    OTHER = "other"
