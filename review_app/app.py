"""The server that Streamlit starts: the review page, and beside it pictures and taxon search."""

from pathlib import Path

import streamlit as st

from review_app.routes import ROUTES

app = st.App(Path(__file__).with_name("page.py"), routes=ROUTES)
