"""Screens for reviewers: Streamlit pages that show what `species_db` knows and send back acts."""
