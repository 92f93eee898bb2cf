"""The county bulletin: one page a month for people who will read only that, through the gate."""
