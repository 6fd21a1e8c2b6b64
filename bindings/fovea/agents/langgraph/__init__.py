"""LangGraph: a BaseStore whose items are found by what they say, and a checkpointer that remembers messages."""

try:
    from fovea.agents.langgraph.saver import FoveaSaver
    from fovea.agents.langgraph.store import FoveaStore
except ImportError as error:
    if (error.name or "").startswith("fovea"):
        raise
    raise ModuleNotFoundError(f"fovea.agents.langgraph needs {error.name}: pip install 'fovea[langgraph]'",
                              name=error.name) from error

__all__ = ["FoveaSaver", "FoveaStore"]
