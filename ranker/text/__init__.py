"""Texts as numbers: encoders, whose heavy libraries are imported only when one is made."""

from ranker.text.encoder import Encoder, MiniLM

__all__ = ["Encoder", "MiniLM"]
