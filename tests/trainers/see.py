"""Show through the trainers' own classes what a model sees of the files of tg-export.

Prints "ok NAME" or "not ok NAME" for each fact, and why on standard error.
"""

import glob
import json
import sys
import traceback
from pathlib import Path

from datasets import load_dataset
from transformers import AutoTokenizer, HfArgumentParser

TOKENS = AutoTokenizer.from_pretrained("models/qwen2")


def fact(function):
    """Run a function whose first line of documentation is the fact it checks."""
    name = function.__doc__.split("\n")[0].rstrip(".")
    try:
        function()
        print("ok", name)
    except Exception:
        print("not ok", name)
        print(name, traceback.format_exc(), file=sys.stderr)
    sys.stdout.flush()


def commands(program, word):
    """Yield the arguments of each call of a program that has a word among them."""
    for file in sorted(glob.glob(f"args.{program}.*")):
        words = Path(file).read_text().split("\0")[:-1]
        if any(word in w for w in words):
            yield words


def lines(file):
    with open(file) as f:
        return [json.loads(line) for line in f]


ROWS = {(r["prompt"], r["query"]): r for r in lines("triplets.jsonl")}


def flag_arguments(where):
    """Yield the data arguments of FlagEmbedding for each command, as it reads them."""
    from FlagEmbedding.abc.finetune.embedder import AbsEmbedderDataArguments
    for words in commands("torchrun", "decoder_only"):
        words = words[words.index("--model_name_or_path"):]
        if any(w.startswith(where) for w in words):
            yield HfArgumentParser(AbsEmbedderDataArguments).parse_args_into_dataclasses(
                words, return_remaining_strings=True)[0]


def instructed(query):
    """Return the row of a composed query, which has to be composed as it should."""
    prompt, _, rest = query.removeprefix("Instruct: ").partition("\nQuery: ")
    return ROWS[prompt, rest]


def check_group(arguments, query, passages, scores):
    row = instructed(query)
    assert passages[0] in row["pos"], (query, passages)
    assert all(p in row["neg"] for p in passages[1:]), (query, passages)
    assert len(passages) == arguments.train_group_size
    assert (scores is not None) == arguments.knowledge_distillation
    if scores:
        assert len(scores) == len(passages) and scores[0] == 3.0, scores


@fact
def plain_class():
    """FlagEmbedding's plain class gives the model the instruction, the positive and negatives."""
    from FlagEmbedding.abc.finetune.embedder import AbsEmbedderTrainDataset
    seen = 0
    for arguments in flag_arguments("flag/"):
        data = AbsEmbedderTrainDataset(arguments, TOKENS)
        for i in range(len(data)):
            check_group(arguments, *data[i])
            seen += 1
    assert seen == sum(len(lines(f)) for f in glob.glob("flag/train/*")) > 50, seen


def check_batches(data_class):
    batches = 0
    for arguments in flag_arguments("flag/"):
        assert arguments.same_dataset_within_batch
        data = data_class(arguments, 4, 0, TOKENS)
        size = arguments.train_group_size
        for _ in range(len(data)):
            queries, passages, scores, _ = data[0]
            assert len({instructed(q)["prompt"] for q in queries}) == 1, "tasks are mixed"
            assert len(set(passages[::size])) == len(queries), "a positive comes twice"
            for i, query in enumerate(queries):
                check_group(arguments, query, passages[i * size:(i + 1) * size],
                            scores and scores[i * size:(i + 1) * size])
            batches += 1
    assert batches > 5, batches


@fact
def same_dataset_class():
    """FlagEmbedding's class for batches of one file does, and no positive comes twice in a batch."""
    from FlagEmbedding.abc.finetune.embedder import AbsEmbedderSameDatasetTrainDataset
    check_batches(AbsEmbedderSameDatasetTrainDataset)


def weights(folder):
    """Return the tensors of a model, or of an adapter where there is one."""
    import torch
    from safetensors.torch import load_file
    for name in ("adapter_model", "model"):
        if Path(f"{folder}/{name}.safetensors").exists():
            return load_file(f"{folder}/{name}.safetensors")
        if Path(f"{folder}/{name}.bin").exists():
            return torch.load(f"{folder}/{name}.bin", weights_only=True)
    raise FileNotFoundError(folder)


@fact
def stages():
    """Each stage goes on from the model of the one before, as model or as adapter."""
    for out in ("encoder", "flag-lora", "flag-whole", "tevatron-whole", "tevatron-lora"):
        first, second, last = weights(f"{out}-1"), weights(f"{out}-2"), weights(out)
        assert first.keys() == second.keys() == last.keys(), out
        assert all(second[key].equal(last[key]) for key in last), (out, "began anew")
        assert any(not first[key].equal(second[key]) for key in first), (out, "learnt nothing")


@fact
def icl_class():
    """FlagEmbedding's class for examples in context reads the same files."""
    from FlagEmbedding.finetune.embedder.decoder_only.icl.arguments import \
        DecoderOnlyEmbedderICLDataArguments as Arguments
    from FlagEmbedding.finetune.embedder.decoder_only.icl.dataset import \
        DecoderOnlyEmbedderICLSameDatasetTrainDataset as Data
    TOKENS.bos_token = TOKENS.cls_token
    files = [f for f in glob.glob("flag/train/*") if "0neg" not in f and "scores" not in f]
    arguments = Arguments(train_data=files, train_group_size=4, retrieval_use_examples=False,
                          query_instruction_format="Instruct: {}\nQuery: {}",
                          query_instruction_for_retrieval="", query_max_len=512)
    data = Data(arguments, 2, 0, TOKENS)
    assert len(data) > 5
    for _ in range(len(data)):
        for query in data[0][0]:
            instructed(query.removesuffix("\nResponse:"))


@fact
def trap_of_the_prompt():
    """FlagEmbedding would ignore the prompt without the options of the command."""
    from FlagEmbedding.abc.finetune.embedder import (AbsEmbedderDataArguments,
                                                     AbsEmbedderTrainDataset)
    file = glob.glob("flag/train/task_0-en-python.jsonl")
    data = AbsEmbedderTrainDataset(AbsEmbedderDataArguments(train_data=file), TOKENS)
    assert "Instruction" not in data[0][0]


@fact
def trap_of_empty_negatives():
    """FlagEmbedding would divide by zero on the triplets as they are."""
    from FlagEmbedding.abc.finetune.embedder import (AbsEmbedderDataArguments,
                                                     AbsEmbedderTrainDataset)
    data = AbsEmbedderTrainDataset(AbsEmbedderDataArguments(train_data=["triplets.jsonl"]), TOKENS)
    try:
        for i in range(len(data)):
            data[i]
    except ZeroDivisionError:
        return
    assert False, "it did not"


@fact
def bare_rows():
    """FlagEmbedding gives a row without a prompt no instruction, not even None."""
    from FlagEmbedding.abc.finetune.embedder import AbsEmbedderSameDatasetTrainDataset
    for arguments in flag_arguments("bare/"):
        data = AbsEmbedderSameDatasetTrainDataset(arguments, 1, 0, TOKENS)
        assert sorted(data[0][0][0] for _ in range(3)) == ["bare 1", "bare 2", "bare 3"]
        return
    assert False, "there was no command"


@fact
def st_columns():
    """sentence-transformers' columns are strings, and labels lists of real numbers."""
    counts = set()
    for file in glob.glob("st/train/*"):
        data = load_dataset("json", data_files=file, split="train")
        for name, feature in data.features.items():
            if name == "label":
                assert feature.feature.dtype == "float64", feature
            else:
                assert feature.dtype == "string", (name, feature)
        assert all(a.startswith("Instruct: Instruction ") for a in data["anchor"])
        counts.add(sum(name.startswith("negative_") for name in data.features))
    assert counts == {0, 1, 2, 3}, counts


@fact
def st_batches():
    """sentence-transformers draws no batch in which a text stands twice."""
    import torch
    from sentence_transformers.base.sampler import NoDuplicatesBatchSampler
    with open("twice.jsonl", "w") as f:
        for i in range(40):
            f.write(json.dumps({"anchor": f"a{i}", "positive": f"p{i % 10}"}) + "\n")
    data = load_dataset("json", data_files="twice.jsonl", split="train")
    sampler = NoDuplicatesBatchSampler(data, batch_size=8, drop_last=False, seed=0,
                                       generator=torch.Generator())
    for batch in sampler:
        texts = data[batch]["positive"]
        assert len(set(texts)) == len(texts), texts


@fact
def tevatron_rows():
    """Tevatron gives the model the instruction, and passages without a blank before them."""
    from types import SimpleNamespace
    from tevatron.retriever.arguments import DataArguments
    from tevatron.retriever.dataset import TrainDataset
    trainer = SimpleNamespace(state=SimpleNamespace(epoch=0), args=SimpleNamespace(seed=0))
    seen = 0
    for words in commands("python", "tevatron.retriever.driver."):
        arguments = HfArgumentParser(DataArguments).parse_args_into_dataclasses(
            words[2:], return_remaining_strings=True)[0]
        data = TrainDataset(arguments, trainer)
        for i in range(len(data)):
            query, passages = data[i]
            row = instructed(query[0])
            assert passages[0][0] in row["pos"] and all(p[0] in row["neg"] for p in passages[1:])
            seen += 1
    assert seen == len(ROWS), seen


@fact
def beir_parts():
    """BEIR's loader reads each part, and every judgement leads to a query and an entry."""
    from beir.datasets.data_loader import GenericDataLoader
    queries_of = {}
    for part in ("train", "dev", "test"):
        corpus, queries, qrels = GenericDataLoader("eval").load(split=part)
        assert queries and all(instructed(q) for q in queries.values())
        for query, entries in qrels.items():
            for entry in entries:
                assert corpus[entry]["text"] in instructed(queries[query])["pos"]
        queries_of[part] = set(queries)
    assert sum(map(len, queries_of.values())) == len(set.union(*queries_of.values())) == len(ROWS)


@fact
def late_negatives():
    """Files whose first 10 MB have no negatives load with the types of all others."""
    for trainer, name in (("flag", "neg"), ("tevatron", "negative_passages")):
        assert Path(f"late.{trainer}/train/all-0neg.jsonl").stat().st_size > 10 << 20
        for file in glob.glob(f"late.{trainer}/train/*"):
            data = load_dataset("json", data_files=file, split="train")
            assert len(data) == len(lines(file))
            assert all(bool(n) == ("0neg" not in file) for n in data[name])
    for file in glob.glob("late.st/train/*"):
        load_dataset("json", data_files=file, split="train")


print("ok that was all")
