"""fovea-server: the memories of many users over HTTP, as a REST interface and as MCP. See doc/server.md."""
