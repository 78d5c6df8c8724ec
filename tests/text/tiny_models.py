"""Random models of any transformers class, small enough to be made in a test and saved as real ones are."""

from pathlib import Path
from typing import Any

SENTENCES = (
    "Senior Java developer with 8 years of experience in Spring Boot, microservices and AWS.",
    "Registered nurse, intensive care, five years in two hospitals; team lead for twelve people.",
    "Data scientist: Python, statistics and machine learning. Teaches evening courses.",
    "Accountant with SAP experience, payroll and annual accounts; speaks French and German.",
)
SPECIAL = ("<pad>", "<eos>", "<bos>", "<unk>")


def gemma_tokenizer() -> Any:
    """Word pieces with bytes for all that was never seen, in the form of Gemma's tokenizer."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    inner = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True))
    inner.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
    inner.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    octets = [f"<0x{byte:02X}>" for byte in range(256)]
    trainer = trainers.BpeTrainer(vocab_size=600, special_tokens=[*SPECIAL, *octets], show_progress=False)
    inner.train_from_iterator(SENTENCES, trainer)
    inner.post_processor = processors.TemplateProcessing(single="<bos> $A", special_tokens=[("<bos>", 2)])
    return PreTrainedTokenizerFast(
        tokenizer_object=inner, pad_token="<pad>", eos_token="<eos>", bos_token="<bos>", unk_token="<unk>"
    )


def save_tiny(folder: Path, kind: str, config: str = "GemmaConfig", **options: Any) -> Path:
    """Save a random model of a named transformers class with its tokenizer; seeded."""
    import torch
    import transformers

    tokenizer = gemma_tokenizer()
    settings = {
        "vocab_size": len(tokenizer),
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 16,
        "max_position_embeddings": 256,
        # Larger than usual: outputs that hardly move would make completeness easy.
        "initializer_range": 0.3,
        "pad_token_id": 0,
        "eos_token_id": 1,
        "bos_token_id": 2,
    }
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = getattr(transformers, kind)(getattr(transformers, config)(**{**settings, **options}))
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
