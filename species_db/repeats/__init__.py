"""False alarms: boxes that stand at one place of one camera, offered to a person, never deleted."""
