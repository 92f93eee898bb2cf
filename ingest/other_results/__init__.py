"""Results of other tools as they come: read, matched to the survey's media, kept as answers."""

from ingest.other_results.answers import ImportSettings
from ingest.other_results.facts import OtherResults, ResultsError, ResultsFormat
from ingest.other_results.importing import import_results
from ingest.other_results.reading import read_results
from ingest.other_results.report import ResultsReport

__all__ = [
    "ImportSettings",
    "OtherResults",
    "ResultsError",
    "ResultsFormat",
    "ResultsReport",
    "import_results",
    "read_results",
]
