"""Write a chat model without weights into a folder: configuration, tokenizer, template.

vLLM gives such a model weights at random, so that each token is as likely as another.
One token in twenty ends an answer, so that answers are short.
"""

import json
import sys
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

folder = Path(sys.argv[1])
tokens = Tokenizer(models.BPE())
tokens.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokens.decoder = decoders.ByteLevel()
tokens.train_from_iterator(
    [Path(__file__).read_text()] * 3,
    trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=["<start>", "<end>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    ),
)
tokens.save(str(folder / "tokenizer.json"))
size = tokens.get_vocab_size()


def write(name, value):
    (folder / name).write_text(json.dumps(value, indent=1))


write("tokenizer_config.json", {
    "tokenizer_class": "PreTrainedTokenizerFast",
    "eos_token": "<end>",
    "model_max_length": 32768,
    "chat_template": "{% for m in messages %}<start>{{ m['role'] }}\n{{ m['content'] }}<end>\n"
                     "{% endfor %}{% if add_generation_prompt %}<start>assistant\n{% endif %}",
})
write("config.json", {
    "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "vocab_size": size,
    "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
    "num_attention_heads": 2, "num_key_value_heads": 2, "hidden_act": "silu",
    "max_position_embeddings": 32768, "rms_norm_eps": 1e-6, "rope_theta": 1e6,
    "tie_word_embeddings": False, "torch_dtype": "float32",
    "bos_token_id": 0, "eos_token_id": 1,
})
write("generation_config.json", {"eos_token_id": [1, *range(2, size, 20)]})
