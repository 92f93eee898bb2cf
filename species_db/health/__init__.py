"""How a camera was on each day of its deployment: pure decisions, and the report of a season."""
