"""From SD card to media to machine observations: what the ecologist runs."""
