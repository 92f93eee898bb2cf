"""Projects, plots, stations, cameras and deployments: who, where and when."""

from datetime import datetime

from sqlmodel import Field

from species_db.tables.sealed import Sealed, UtcDateTime


class Project(Sealed, table=True):
    """One study; a survey folder holds one."""

    project_id: str = Field(primary_key=True)
    title: str
    rights_holder: str = ""
    created_at: datetime = Field(sa_type=UtcDateTime)


class Plot(Sealed, table=True):
    """A land unit studied by several methods; it may hold no camera."""

    plot_id: str = Field(primary_key=True)
    name: str = ""
    county: str = ""  # division code, see species_db/places.py
    ecosystem: str = ""
    latitude: float | None = None
    longitude: float | None = None
    elevation_m: float | None = None
    radius_m: float | None = None  # of the circle that holds it; None: species_db/field's default
    remarks: str = ""


class CameraStation(Sealed, table=True):
    """The fixed place of a camera (Camtrap DP `locationID`)."""

    location_id: str = Field(primary_key=True)
    location_name: str = ""
    plot_id: str | None = Field(default=None, foreign_key="plot.plot_id", index=True)
    latitude: float
    longitude: float
    coordinate_uncertainty_m: int = 30
    elevation_m: float | None = None


class Camera(Sealed, table=True):
    """The device, which moves between stations."""

    camera_id: str = Field(primary_key=True)
    camera_model: str = ""
    serial_number: str = ""


class Deployment(Sealed, table=True):
    """One camera at one station for one period, with the offset its clock was set to."""

    deployment_id: str = Field(primary_key=True)
    location_id: str = Field(foreign_key="camerastation.location_id", index=True)
    camera_id: str | None = Field(default=None, foreign_key="camera.camera_id")
    deployment_start: datetime = Field(sa_type=UtcDateTime)
    deployment_end: datetime | None = Field(default=None, sa_type=UtcDateTime)
    utc_offset_seconds: int = 8 * 3600
    setup_by: str = ""
    camera_delay_s: int | None = None
    camera_height_m: float | None = None
    camera_depth_m: float | None = None
    camera_tilt: int | None = None
    camera_heading: int | None = None
    detection_distance_m: float | None = None
    timestamp_issues: bool | None = None
    bait_use: bool | None = None
    feature_type: str = ""
    habitat: str = ""
    deployment_groups: str = ""
    deployment_tags: str = ""
    deployment_comments: str = ""
