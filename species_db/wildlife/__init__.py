"""The protected-wildlife database: what is known of a taxon, always with its effort."""
