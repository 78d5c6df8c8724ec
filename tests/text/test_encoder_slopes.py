"""The encoder from the inside: embeddings, vectors, and slopes between them."""

import importlib.util

import numpy as np
import pytest

from ranker.text.encoder import installed_files

TEXTS = ["Senior Java developer with 8 years of experience in Spring Boot.", "Nurse"]


def test_vectors_made_from_embeddings_are_those_made_from_texts(minilm):
    read = minilm.tokenizer(TEXTS, padding=True, return_tensors="pt")
    found = minilm.unit_vectors(minilm.embed(read["input_ids"]), read["attention_mask"]).numpy()
    assert found == pytest.approx(minilm.encode(TEXTS), abs=1e-5)
    assert np.linalg.norm(found, axis=1) == pytest.approx([1, 1], abs=1e-5)


def test_what_fills_a_row_up_is_not_read(minilm, torch):
    alone = minilm.tokenizer(TEXTS[1:], return_tensors="pt")["input_ids"]
    filled = torch.cat([alone, torch.full((1, 5), 2000)], dim=1)
    mask = torch.cat([torch.ones_like(alone), torch.zeros((1, 5), dtype=torch.long)], dim=1)
    found = minilm.unit_vectors(minilm.embed(filled), mask).numpy()
    assert found == pytest.approx(minilm.encode(TEXTS[1:]), abs=1e-5)


def test_slopes_reach_every_token_and_no_weight(minilm, torch):
    read = minilm.tokenizer(TEXTS[:1], return_tensors="pt")
    embeds = minilm.embed(read["input_ids"]).requires_grad_()
    minilm.unit_vectors(embeds, read["attention_mask"])[0, 0].backward()
    assert (embeds.grad.abs().sum(2) > 0).all()
    assert all(weight.grad is None for weight in minilm.module.parameters())


def test_a_slope_is_what_a_small_step_moves(minilm, torch):
    read = minilm.tokenizer(TEXTS[1:], return_tensors="pt")
    embeds = minilm.embed(read["input_ids"]).requires_grad_()
    minilm.unit_vectors(embeds, read["attention_mask"])[0, 7].backward()
    step = 1e-2 * embeds.grad / embeds.grad.norm()
    with torch.no_grad():
        up, down = (minilm.unit_vectors(embeds + s, read["attention_mask"])[0, 7] for s in (step, -step))
    assert float(up - down) == pytest.approx(2e-2 * float(embeds.grad.norm()), rel=0.02)


def test_the_installed_files_are_found_without_importing_their_package(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert installed_files() is None
