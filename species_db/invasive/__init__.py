"""The invasive-species database: sightings, control actions, spread and suitability."""
