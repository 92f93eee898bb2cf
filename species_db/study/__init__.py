"""From the survey to numbers: what is asked, what the gate lets be known, and the answers."""
