"""Make two tiny models at random in a folder, a BERT and a Qwen2, with a tokenizer."""

import sys
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (BertConfig, BertModel, PreTrainedTokenizerFast, Qwen2Config,
                          Qwen2Model)

folder = Path(sys.argv[1])


def tokenizer(special):
    """Learn a vocabulary from this file, so that no file has to be fetched."""
    tokens = Tokenizer(models.BPE(unk_token=special["unk_token"]))
    tokens.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokens.decoder = decoders.ByteLevel()
    tokens.train_from_iterator([Path(__file__).read_text()], trainers.BpeTrainer(
        vocab_size=600, special_tokens=list(dict.fromkeys(special.values())),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    first, last = special["cls_token"], special["sep_token"]
    tokens.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}", pair=f"{first} $A {last} $B {last}",
        special_tokens=[(t, tokens.token_to_id(t)) for t in {first, last}])
    return PreTrainedTokenizerFast(tokenizer_object=tokens, model_max_length=512, **special)


tokens = tokenizer({"unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]",
                    "pad_token": "[PAD]", "eos_token": "[SEP]"})
size = {"vocab_size": len(tokens), "hidden_size": 32, "intermediate_size": 64,
        "num_hidden_layers": 2, "num_attention_heads": 2, "max_position_embeddings": 512,
        "pad_token_id": tokens.pad_token_id}
for name, model in {"bert": BertModel(BertConfig(**size)),
                    "qwen2": Qwen2Model(Qwen2Config(num_key_value_heads=2, **size))}.items():
    model.save_pretrained(folder / name)
    tokens.save_pretrained(folder / name)
