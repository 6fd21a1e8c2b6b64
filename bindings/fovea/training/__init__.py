"""Trains the codec that writes text into vision tokens and reads it back.

`gather` collects text from the machine, `corpus` serves it, `agent_text` and
`synthetic` make up what no collection holds. None of these needs torch.
"""
