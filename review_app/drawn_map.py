"""A map on a page: the drawing in a frame of its own, as the page's markup lets no drawing in."""

import re

import streamlit as st

# Nothing in the frame may run or fetch; the drawing has its own styles, and the page's colours.
FRAME = """<!doctype html><html><head><meta http-equiv="Content-Security-Policy"
content="default-src 'none'; style-src 'unsafe-inline'"><style>
html, body {{ margin: 0; background: transparent; overflow: hidden; color-scheme: dark; }}
svg {{ --map-paper: #16181b; --map-accent: {accent}; color: #e6e4df; }}
</style></head><body>{drawing}</body></html>"""
AMBER, SLATE = "#e0a83e", "#6d8090"  # for what matters, and for what lies behind it
VIEW = re.compile(r'viewBox="0 0 (\d+) (\d+)"')


def show_map(drawing: str, *, key: str, accent: str = AMBER) -> None:
    """Show what species_db/geo/map.draw_map drew; marks tell their words when pointed at.

    The frame is as wide as there is room, and as high as the drawing then needs; `key` tells the
    maps of a page apart; `accent` is the ink of cells and counties.
    """
    view = VIEW.search(drawing)
    shape = f"{view[1]} / {view[2]}" if view else "4 / 3"
    st.html(
        f"<style>.st-key-{key} iframe {{ width: 100% !important; height: auto !important; "
        f"aspect-ratio: {shape}; }}</style>"
    )
    with st.container(key=key):
        st.iframe(FRAME.format(drawing=drawing, accent=accent))
