/* command: the command or program that trains on what was written */
#include "command.h"

#include <string.h>

#include "json/string.h"

/* Trainers cut at 32 and 128 tokens unless they are told otherwise. */
enum { TOKENS = 512, GROUP_MAX = 8 };

/* Files that one command takes together. */
struct class
{
	int marks, empty; /* ROW_SCORED and ROW_BARE; 1: without negatives */
	size_t rows;      /* rows of the largest file; 0: there are no files */
	uint32_t most;    /* most negatives of a row */
};

static const char flag_head[] =
    "# MODEL=... [KIND=encoder_only] [OUT=FOLDER] [GPUS=N] sh THIS [OPTION "
    "...]\n"
    "set -e\n"
    ": \"${MODEL:?name the model to train}\" \"${KIND:=decoder_only}\"\n"
    "case $KIND in\n"
    "encoder_only) : \"${POOLING:=cls}\" ;;\n"
    "*) : \"${POOLING:=last_token}\" ;;\n"
    "esac\n";

static const char tevatron_head[] =
    "# MODEL=... [OUT=FOLDER] [POOLING=cls] sh THIS [OPTION ...]\n"
    "set -e\n"
    ": \"${MODEL:?name the model to train}\"\n";

static const char st_head[] =
    "# python THIS MODEL [OPTION ...]\n"
    "import sys\n"
    "from datasets import load_dataset\n"
    "from sentence_transformers import (SentenceTransformer, "
    "SentenceTransformerTrainer,\n"
    "    SentenceTransformerTrainingArguments, losses)\n"
    "from transformers import HfArgumentParser\n\n";

static const char st_tail[] =
    "model = SentenceTransformer(sys.argv[1])\n"
    "model.max_seq_length = %lld\n"
    "ranking = losses.MultipleNegativesRankingLoss(model)\n"
    "distill = losses.DistillKLDivLoss(model)\n"
    "(args,) = HfArgumentParser(SentenceTransformerTrainingArguments)."
    "parse_args_into_dataclasses(\n"
    "    [\"--output_dir\", \"model\", \"--batch_sampler\", "
    "\"no_duplicates\", *sys.argv[2:]])\n"
    "load = lambda files: {name: load_dataset(\"json\", data_files=file, "
    "split=\"train\")\n"
    "    for name, file in files.items()}\n"
    "trainer = SentenceTransformerTrainer(model=model, args=args, "
    "train_dataset=load(train),\n"
    "    eval_dataset=load(dev) or None,\n"
    "    loss={name: distill if name in scored else ranking for name in "
    "train | dev})\n"
    "trainer.train()\n"
    "trainer.save_model()\n";

static const char beir_tail[] =
    "from beir.retrieval import models\n"
    "from beir.retrieval.evaluation import EvaluateRetrieval\n"
    "from beir.retrieval.search.dense import DenseRetrievalExactSearch\n\n"
    "model = DenseRetrievalExactSearch(models.SentenceBERT(sys.argv[1]))\n"
    "retriever = EvaluateRetrieval(model, score_function=\"cos_sim\")\n"
    "print(retriever.evaluate(qrels, retriever.retrieve(corpus, queries), "
    "[1, 10, 100])[0])\n";

/* Append s as one word of sh. */
static void
add_word(struct buf *b, const char *s)
{
	buf_addc(b, '\'');
	for (; *s != '\0'; s++)
		if (*s == '\'')
			buf_adds(b, "'\\''");
		else
			buf_addc(b, *s);
	buf_addc(b, '\'');
}

static void
add_path(struct buf *b, const struct plan *p, const struct options *o,
    enum part part, const struct plan_file *file)
{
	buf_fmt(
	    b, "%s/%s/%s", o->dir, part_names[part], p->names->v[file->name]);
}

static int
is_in(const struct plan_file *file, const struct class *c)
{
	return file->rows[PART_TRAIN] > 0 && !(file->marks & ROW_CUT) &&
	       (file->marks & (ROW_SCORED | ROW_BARE)) == c->marks &&
	       (file->most == 0) == c->empty;
}

/* Append the files of a class for training, each as a word. */
static void
add_files(struct buf *b, const struct plan *p, const struct options *o,
    const struct class *c)
{
	struct buf path = { 0 };
	size_t i;

	for (i = 0; i < p->nfiles; i++)
		if (is_in(&p->files[i], c)) {
			path.n = 0;
			add_path(&path, p, o, PART_TRAIN, &p->files[i]);
			buf_adds(b, " \\\n    ");
			add_word(b, buf_cstr(&path));
		}
	buf_free(&path);
}

static long long
length(const struct options *o)
{
	return o->max_tokens > 0 ? o->max_tokens : TOKENS;
}

static unsigned
group_size(const struct class *c)
{
	return c->most + 1 < GROUP_MAX ? c->most + 1 : GROUP_MAX;
}

/*
 * Return the rows of a batch. FlagEmbedding takes each from one file, and fails
 * if no file has that many.
 */
static size_t
batch_size(const struct class *c)
{
	return c->rows < COMMAND_BATCH ? c->rows : COMMAND_BATCH;
}

/* Append where the model of command n goes; the first has no number. */
static void
add_output(struct buf *b, size_t n)
{
	buf_adds(b, " --output_dir \"${OUT:-model}");
	if (n > 1)
		buf_fmt(b, "-%zu", n);
	buf_addc(b, '"');
}

/*
 * FlagEmbedding puts the prompt of a row before the query if it is told a
 * prompt for all, too. Without any, it would put "None" there.
 */
static void
flag_class(struct buf *b, const struct plan *p, const struct options *o,
    const struct format *f, const struct class *c, size_t n)
{
	struct buf format = { 0 };

	if (!f->prompted || c->marks & ROW_BARE)
		buf_adds(&format, "{}{}");
	else
		format_python(&format, f);
	buf_adds(b, "torchrun --nproc_per_node \"${GPUS:-1}\" \\\n"
		    "    -m \"FlagEmbedding.finetune.embedder.$KIND.base\" \\\n"
		    "    --model_name_or_path \"$MODEL\"");
	add_output(b, n);
	buf_fmt(b,
	    " --same_dataset_within_batch True \\\n"
	    "    --per_device_train_batch_size %zu \\\n"
	    "    --train_group_size %u --query_max_len %lld "
	    "--passage_max_len %lld \\\n"
	    "    --query_instruction_for_retrieval '' "
	    "--query_instruction_format ",
	    batch_size(c), group_size(c), length(o), length(o));
	add_word(b, buf_cstr(&format));
	buf_fmt(b,
	    " \\\n    --sentence_pooling_method \"$POOLING\" "
	    "--normalize_embeddings True%s \\\n    --train_data",
	    c->marks & ROW_SCORED ? " --knowledge_distillation True" : "");
	add_files(b, p, o, c);
	buf_adds(b, " \\\n    \"$@\"\n");
	buf_free(&format);
}

/*
 * Tevatron takes one file. It shuffles rows unless told otherwise; the order of
 * the file keeps equal positives apart, and the rows of a task together.
 */
static void
tevatron_class(struct buf *b, const struct plan *p, const struct options *o,
    const struct format *f, const struct class *c, size_t n)
{
	(void)f;
	buf_adds(b, "cat");
	add_files(b, p, o, c);
	buf_fmt(b,
	    " \\\n    > \"${OUT:-model}-%zu.jsonl\"\n"
	    "python -m tevatron.retriever.driver.%s \\\n"
	    "    --model_name_or_path \"$MODEL\"",
	    n, c->marks & ROW_SCORED ? "train_distil" : "train");
	add_output(b, n);
	buf_fmt(b,
	    " \\\n    --dataset_path \"${OUT:-model}-%zu.jsonl\" "
	    "--train_sampling_strategy sequential \\\n"
	    "    --train_group_size %u --query_max_len %lld "
	    "--passage_max_len %lld \\\n"
	    "    --pooling \"${POOLING:-last}\" --normalize --temperature "
	    "0.02 --attn_implementation sdpa \\\n    \"$@\"\n",
	    n, group_size(c), length(o), length(o));
}

typedef void class_writer(struct buf *, const struct plan *,
    const struct options *, const struct format *, const struct class *,
    size_t n);

static void
add_to_class(struct class *c, const struct plan_file *file)
{
	if (file->rows[PART_TRAIN] > c->rows)
		c->rows = file->rows[PART_TRAIN];
	if (file->most > c->most)
		c->most = file->most;
}

/* Append a command for each class that has files. */
static void
add_classes(struct buf *b, const struct plan *p, const struct options *o,
    const struct format *f, class_writer *write_class)
{
	static const int marks[] = { 0, ROW_SCORED, ROW_BARE,
		ROW_SCORED | ROW_BARE };
	struct class c;
	size_t i, j, n = 0;

	for (i = 0; i < 2 * sizeof marks / sizeof *marks; i++) {
		c = (struct class){ .marks = marks[i / 2], .empty = i % 2 };
		for (j = 0; j < p->nfiles; j++)
			if (is_in(&p->files[j], &c))
				add_to_class(&c, &p->files[j]);
		if (c.rows > 0)
			write_class(b, p, o, f, &c, ++n);
	}
}

/* Append a table of Python, of the names and paths of a part's files. */
static void
add_table(struct buf *b, const char *name, const struct plan *p,
    const struct options *o, enum part part)
{
	const struct plan_file *file;
	struct buf path = { 0 };
	size_t i;

	buf_fmt(b, "%s = {\n", name);
	for (i = 0; i < p->nfiles; i++) {
		file = &p->files[i];
		if (file->rows[part] == 0 || file->marks & ROW_CUT)
			continue;
		path.n = 0;
		add_path(&path, p, o, part, file);
		buf_fmt(b, "    \"%.*s\": ",
		    (int)(strlen(p->names->v[file->name]) - strlen(".jsonl")),
		    p->names->v[file->name]);
		js_quote_any(b, buf_span(&path));
		buf_adds(b, ",\n");
	}
	buf_adds(b, "}\n");
	buf_free(&path);
}

static void
st_program(struct buf *b, const struct plan *p, const struct options *o)
{
	size_t i;

	buf_adds(b, st_head);
	add_table(b, "train", p, o, PART_TRAIN);
	add_table(b, "dev", p, o, PART_DEV);
	buf_adds(b, "scored = {");
	for (i = 0; i < p->nfiles; i++)
		if (p->files[i].marks & ROW_SCORED &&
		    !(p->files[i].marks & ROW_CUT))
			buf_fmt(b, "\"%.*s\", ",
			    (int)(strlen(p->names->v[p->files[i].name]) -
				  strlen(".jsonl")),
			    p->names->v[p->files[i].name]);
	buf_adds(b, "}\n");
	buf_fmt(b, st_tail, length(o));
}

static void
beir_program(struct buf *b, const struct options *o)
{
	buf_adds(b, "# python THIS MODEL\nimport sys\n"
		    "from beir.datasets.data_loader import GenericDataLoader\n"
		    "corpus, queries, qrels = GenericDataLoader(");
	js_quote_any(b, span_of(o->dir));
	buf_adds(b, ").load(split=\"test\")\n");
	buf_adds(b, beir_tail);
}

void
command_write(struct buf *b, const struct plan *p, const struct options *o,
    const struct format *f)
{
	switch (o->target) {
	case FOR_FLAG:
		buf_adds(b, flag_head);
		add_classes(b, p, o, f, flag_class);
		break;
	case FOR_TEVATRON:
		buf_adds(b, tevatron_head);
		add_classes(b, p, o, f, tevatron_class);
		break;
	case FOR_ST:
		st_program(b, p, o);
		break;
	case FOR_BEIR:
		beir_program(b, o);
	}
}
