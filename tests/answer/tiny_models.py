"""Tiny BERTs whose every score is set by hand, so that what a reader or reranker must find can be seen.

A word of the vocabulary is a direction of its own, and so are [CLS] and, all alike, the words it does not hold. The
layers pass vectors on as they are: both add nothing, and a LayerNorm does not change what is normal already.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import (
    BertConfig,
    BertForMaskedLM,
    BertForQuestionAnswering,
    BertForSequenceClassification,
    PreTrainedTokenizerFast,
    RobertaConfig,
)

SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
Logits = dict[str, tuple[float, float]]


def qa_model(folder: Path, logits: Logits, positions: int = 512, spaced: bool = False) -> Path:
    """`folder` with a question-answering model: word -> how well an answer starts and ends there, else 0 and 0.

    "[CLS]" is a word, too. `spaced`: its tokenizer counts the blank before a word to the word.
    """
    model = BertForQuestionAnswering(_config(logits, positions))
    _passes_on(model.bert)
    with torch.no_grad():
        model.qa_outputs.weight.zero_(), model.qa_outputs.bias.zero_()
        for n, word in enumerate(_vocabulary(logits)):
            for which, value in enumerate(logits.get(word, (0.0, 0.0))):
                model.qa_outputs.weight[which, 2 * n] = value / _length(model.config)
    return _save(folder, model, logits, spaced)


def cross_encoder(folder: Path, liked: str, labels: int = 1) -> Path:
    """`folder` with a CrossEncoder that likes passages for how much of them is the word `liked`."""
    model = BertForSequenceClassification(_config([liked], 512, num_labels=labels))
    _passes_on(model.bert)
    with torch.no_grad():
        first = model.bert.encoder.layer[0].attention  # [CLS] looks at all pieces alike, and takes their mean
        first.self.value.weight.copy_(torch.eye(model.config.hidden_size))
        first.output.dense.weight.copy_(torch.eye(model.config.hidden_size))
        model.bert.pooler.dense.weight.copy_(torch.eye(model.config.hidden_size))
        model.classifier.weight.zero_()
        model.classifier.weight[:, 2 * _vocabulary([liked]).index(liked)] = 9.0
    return _save(folder, model, [liked])


def roberta(folder: Path, head: Any, positions: int, **more: Any) -> Path:
    """`folder` with a model of RoBERTa's kind, random, that has two positions fewer than it says; none is stated."""
    made = tokenizer(["so"])
    made.pad_token, made.model_input_names = "[UNK]", ["input_ids", "attention_mask"]  # of id 1, as theirs
    made.save_pretrained(folder)
    head(RobertaConfig(vocab_size=5, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=4,
                       max_position_embeddings=positions, pad_token_id=1, **more)).save_pretrained(folder)
    return folder


def headless(folder: Path) -> Path:
    """`folder` with a model of another kind, that neither answers questions nor judges pairs."""
    return _save(folder, BertForMaskedLM(_config([], 512)), [])


def _vocabulary(words: Any) -> list[str]:
    return [*SPECIALS, *(word for word in words if word not in SPECIALS)]


def _config(words: Any, positions: int, **more: Any) -> BertConfig:
    count = len(_vocabulary(words))
    return BertConfig(vocab_size=count, hidden_size=2 * count, num_hidden_layers=2, num_attention_heads=1,
                      intermediate_size=4, max_position_embeddings=positions, **more)


def _length(config: BertConfig) -> float:
    """What a LayerNorm makes of the one of a pair of opposite numbers, all others 0."""
    return (config.hidden_size / 2) ** 0.5


def _passes_on(bert: Any) -> None:
    with torch.no_grad():
        for name, parameter in bert.named_parameters():
            parameter.fill_(1.0 if name.endswith("LayerNorm.weight") else 0.0)
        for n, row in enumerate(bert.embeddings.word_embeddings.weight):
            row[2 * n], row[2 * n + 1] = 1.0, -1.0


def _save(folder: Path, model: Any, words: Any, spaced: bool = False) -> Path:
    model.save_pretrained(folder)
    tokenizer(words, spaced).save_pretrained(folder)
    return folder


def tokenizer(words: Sequence[str] | Logits, spaced: bool = False) -> PreTrainedTokenizerFast:
    ids = {word: n for n, word in enumerate(_vocabulary(words))}
    blank = "▁" if spaced else ""
    known = {word if word in SPECIALS else blank + word: n for word, n in ids.items()}
    made = Tokenizer(models.WordLevel(known, unk_token="[UNK]"))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = (
        pre_tokenizers.Sequence([pre_tokenizers.Punctuation(), pre_tokenizers.Metaspace()])
        if spaced else pre_tokenizers.BertPreTokenizer()
    )
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=made, cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]", unk_token="[UNK]",
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )
