"""Run the measurements: `python -m bench` (all) or `python -m bench storage telegram`."""

import importlib
import pkgutil
import sys

import bench


def main() -> None:
    known = sorted(module.name for module in pkgutil.iter_modules(bench.__path__) if not module.name.startswith("_"))
    asked = [name for name in sys.argv[1:] if not name.startswith("-")] or known
    unknown = [name for name in asked if name not in known]
    if unknown:
        sys.exit(f"no measurement called {', '.join(unknown)}; there are: {', '.join(known)}")
    for name in asked:
        print(f"\n== {name} ==", flush=True)
        importlib.import_module(f"bench.{name}").main()


if __name__ == "__main__":
    main()
