"""Machine learning only: photos in, boxes out. Knows pixels and weights, nothing of the survey."""
