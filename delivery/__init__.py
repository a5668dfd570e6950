"""Digests and messages out: mail, Telegram, files."""
