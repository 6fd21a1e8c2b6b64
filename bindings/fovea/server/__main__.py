"""python -m fovea.server"""

from fovea.server.command import main

main()
