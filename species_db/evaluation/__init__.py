"""Evaluation packs: a survey frozen with its rules, and the report that is rebuilt from it."""
