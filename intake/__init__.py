"""Closed cases in: CSV, JSON Lines, a watched folder."""
