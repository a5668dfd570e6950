"""HTTP: the case API and health (aiohttp)."""
