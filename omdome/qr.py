"""A QR code in the terminal."""

import sys


def show_qr(text: str) -> None:
    """Print `text` as a QR code of half blocks; nothing where the terminal's encoding lacks those."""
    import segno

    if "utf" in (sys.stdout.encoding or "").lower():
        segno.make(text, error="m", micro=False).terminal(out=sys.stdout, compact=True, border=2)
