"""What models have missed, measured: random samples of blanks, an estimate, and its interval."""
