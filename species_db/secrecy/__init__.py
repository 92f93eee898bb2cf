"""Who may let what out: secrecy classes, the second person's release, roles, the exact view."""
