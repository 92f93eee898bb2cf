"""The server that Streamlit starts: the review page, and beside it pictures and taxon search."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from review_app.field_routes import ROUTES as FIELD_ROUTES
from review_app.launch import HOSTS
from review_app.routes import ROUTES

# A page elsewhere can name itself as this computer (DNS rebinding), but not in the Host header.
ONLY_THIS_COMPUTER = Middleware(TrustedHostMiddleware, allowed_hosts=list(HOSTS))

app = st.App(
    Path(__file__).with_name("page.py"),
    routes=[*ROUTES, *FIELD_ROUTES],
    middleware=[ONLY_THIS_COMPUTER],
)
