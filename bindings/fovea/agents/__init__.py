"""Memories for agent frameworks, each through the framework's own interface; one module each.

    fovea.agents.openai_agents     a Session of the OpenAI Agents SDK       pip install fovea[openai-agents]
    fovea.agents.anthropic_memory  a backend of Anthropic's memory tool     pip install fovea[anthropic]
    fovea.agents.langgraph         a BaseStore and a checkpointer           pip install fovea[langgraph]
    fovea.agents.llama_index       a memory block                           pip install fovea[llama-index]
"""
