"""Rebuilds voice/answer_words from registry packages alone: `python -m tools.answer_words build`."""
