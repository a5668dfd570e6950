"""The embedded recogniser: knows bra, ok, dåligt, ja, nej, upprepa, ett, två, tre and "something else"."""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # onnxruntime (1.31) else tells Microsoft of this machine; read at its import
