import sys

from fovea.fleet.command import main

if __name__ == "__main__":
    sys.exit(main())
