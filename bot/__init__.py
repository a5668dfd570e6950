"""Telegram: handlers, keyboards, rendering (aiogram)."""
