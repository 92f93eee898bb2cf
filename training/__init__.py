"""Reviewed boxes in, better weights out: data set, training, measuring, shipping."""
