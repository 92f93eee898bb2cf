"""Early warning: rules as data, alerts that close, and digests short enough for a phone."""
