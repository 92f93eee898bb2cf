"""Which Namcha this is, for receipts, exports and the log."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("namcha")
except PackageNotFoundError:  # run from a bare checkout
    VERSION = "0+unknown"
