# python -m custfolio: the command line.
"""Run the command line as ``python -m custfolio``."""

from custfolio.cli import main

if __name__ == "__main__":
    main()
