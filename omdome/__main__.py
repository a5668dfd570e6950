"""`python -m omdome`."""

from omdome.cli import main

if __name__ == "__main__":
    main()
