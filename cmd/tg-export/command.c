/* command: the command or program that trains on what was written */
#include "command.h"

#include <string.h>

#include "json/string.h"
#include "stage.h"

/* Trainers cut at 32 and 128 tokens unless they are told otherwise. */
enum { TOKENS = 512, GROUP_MAX = 8 };

static const char flag_head[] =
    "# MODEL=... [KIND=encoder_only] [OUT=FOLDER] [GPUS=N] sh THIS [OPTION "
    "...]\n"
    "set -e\n"
    ": \"${MODEL:?name the model to train}\" \"${OUT:=model}\" "
    "\"${KIND:=decoder_only}\"\n"
    "case $KIND in\n"
    "encoder_only) : \"${POOLING:=cls}\" ;;\n"
    "*) : \"${POOLING:=last_token}\" ;;\n"
    "esac\n";

static const char tevatron_head[] =
    "# MODEL=... [OUT=FOLDER] [POOLING=cls] sh THIS [OPTION ...]\n"
    "set -e\n"
    ": \"${MODEL:?name the model to train}\" \"${OUT:=model}\"\n";

static const char chain_options[] =
    "case \" $*\" in\n"
    "*\" --output\"[_-]dir* | *\" --model\"[_-]name*)\n"
    "    echo \"$0: OUT=FOLDER and MODEL=... name folder and model of all "
    "stages, options can't\" >&2\n"
    "    exit 2 ;;\n"
    "esac\n";

static const char chain_start[] =
    "; do\n"
    "    if [ -e \"$folder\" ]; then\n"
    "        echo \"$0: $folder is there already: remove it, or name another "
    "with OUT=FOLDER\" >&2\n"
    "        exit 2\n"
    "    fi\n"
    "done\n"
    "FROM=$MODEL ADAPTER=\n"
    "go_on() { # FOLDER: start the next stage from the model there, or its "
    "LoRA adapter\n"
    "    if [ -e \"$1/adapter_config.json\" ]; then ADAPTER=$1; else FROM=$1; "
    "fi\n"
    "}\n";

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

/* Append the files of a stage for training, each as a word. */
static void
add_files(struct buf *b, const struct plan *p, const struct options *o,
    const struct stage *stage)
{
	struct buf path = { 0 };
	size_t i;

	for (i = 0; i < p->nfiles; i++)
		if (stage_has(stage, &p->files[i])) {
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
group_size(const struct stage *stage)
{
	return stage->most + 1 < GROUP_MAX ? stage->most + 1 : GROUP_MAX;
}

/* One stage of a training that is written for sh. */
struct step {
	const struct plan *plan;
	const struct options *o;
	const struct format *format;
	const struct stage *stage;
	size_t n, of; /* number of the stage, from 1; of all stages */
};

/* Append the folder of a stage's model; that of the last stage is OUT. */
static void
add_folder(struct buf *b, size_t n, size_t of)
{
	buf_adds(b, "\"$OUT");
	if (n < of)
		buf_fmt(b, "-%zu", n);
	buf_addc(b, '"');
}

/* Append the options that name the model to train, and the folder for it. */
static void
add_models(struct buf *b, const struct step *s)
{
	buf_fmt(b, "    --model_name_or_path \"$%s\" --output_dir ",
	    s->of > 1 ? "FROM" : "MODEL");
	add_folder(b, s->n, s->of);
}

/*
 * FlagEmbedding puts the prompt of a row before the query if it is told a
 * prompt for all, too. Without any, it would put "None" there.
 */
static void
flag_stage(struct buf *b, const struct step *s)
{
	struct buf format = { 0 };
	int marks = s->stage->marks;
	long long most = length(s->o);

	if (!s->format->prompted || marks & ROW_BARE)
		buf_adds(&format, "{}{}");
	else
		format_python(&format, s->format);
	buf_adds(b,
	    "torchrun --nproc_per_node \"${GPUS:-1}\" \\\n"
	    "    -m \"FlagEmbedding.finetune.embedder.$KIND.base\" \\\n");
	add_models(b, s);
	buf_fmt(b,
	    " --same_dataset_within_batch True \\\n"
	    "    --per_device_train_batch_size %zu \\\n"
	    "    --train_group_size %u --query_max_len %lld "
	    "--passage_max_len %lld \\\n"
	    "    --query_instruction_for_retrieval '' "
	    "--query_instruction_format ",
	    stage_batch(s->stage), group_size(s->stage), most, most);
	add_word(b, buf_cstr(&format));
	buf_fmt(b,
	    " \\\n    --sentence_pooling_method \"$POOLING\" "
	    "--normalize_embeddings True%s \\\n    --train_data",
	    marks & ROW_SCORED ? " --knowledge_distillation True" : "");
	add_files(b, s->plan, s->o, s->stage);
	buf_free(&format);
}

/*
 * Tevatron takes one file. It shuffles rows unless told otherwise; the order of
 * the file keeps equal positives apart, and the rows of a task together.
 */
static void
tevatron_stage(struct buf *b, const struct step *s)
{
	long long most = length(s->o);

	buf_adds(b, "cat");
	add_files(b, s->plan, s->o, s->stage);
	buf_fmt(b,
	    " \\\n    > \"$OUT-%zu.jsonl\"\n"
	    "python -m tevatron.retriever.driver.%s \\\n",
	    s->n, s->stage->marks & ROW_SCORED ? "train_distil" : "train");
	add_models(b, s);
	buf_fmt(b,
	    " \\\n    --dataset_path \"$OUT-%zu.jsonl\" "
	    "--train_sampling_strategy sequential \\\n"
	    "    --train_group_size %u --query_max_len %lld "
	    "--passage_max_len %lld \\\n"
	    "    --pooling \"${POOLING:-last}\" --normalize --temperature "
	    "0.02 --attn_implementation sdpa",
	    s->n, group_size(s->stage), most, most);
}

/* A trainer that takes its stages one after the other. */
struct trainer {
	const char *head;
	const char *adapter; /* option that goes on with a LoRA adapter */
	/* function that appends the command, but for the user's options */
	void (*write_stage)(struct buf *, const struct step *);
};

static const struct trainer flag_trainer = { flag_head, "--from_peft",
	flag_stage };
static const struct trainer tevatron_trainer = { tevatron_head,
	"--lora_name_or_path", tevatron_stage };

/* Append what leads each of several stages from the one before it. */
static void
add_chain(struct buf *b, size_t of)
{
	size_t n;

	buf_fmt(b,
	    "# %zu stages with rows of their own: each goes on from the model "
	    "of the one before,\n# and the last writes OUT.\n",
	    of);
	buf_adds(b, chain_options);
	buf_adds(b, "for folder in");
	for (n = 1; n < of; n++) {
		buf_addc(b, ' ');
		add_folder(b, n, of);
	}
	buf_adds(b, chain_start);
}

/* Append what a comment says of the rows of a stage. */
static void
add_rows(struct buf *b, const struct step *s)
{
	buf_fmt(b, "# Stage %zu of %zu: %zu row%s with%s %s%s\n", s->n, s->of,
	    s->stage->rows, s->stage->rows == 1 ? "" : "s",
	    s->stage->empty ? "out" : "",
	    s->stage->marks & ROW_SCORED ? "scores" : "negatives",
	    s->stage->marks & ROW_BARE ? ", without an instruction" : "");
}

static void
train_stages(struct buf *b, const struct trainer *trainer, struct step s)
{
	struct stage stages[STAGES];

	s.of = stages_of(s.plan, stages);
	if (s.of == 0) {
		buf_adds(b, "echo 'there are no rows to train on' >&2\n"
			    "exit 1\n");
		return;
	}
	buf_adds(b, trainer->head);
	if (s.of > 1)
		add_chain(b, s.of);
	for (s.n = 1; s.n <= s.of; s.n++) {
		s.stage = &stages[s.n - 1];
		if (s.of > 1)
			add_rows(b, &s);
		trainer->write_stage(b, &s);
		buf_adds(b, " \\\n    \"$@\"");
		if (s.n > 1)
			buf_fmt(b, " ${ADAPTER:+%s \"$ADAPTER\"}",
			    trainer->adapter);
		buf_addc(b, '\n');
		if (s.n < s.of)
			buf_fmt(b, "go_on \"$OUT-%zu\"\n", s.n);
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
	struct stage stages[STAGES];
	size_t i;

	if (stages_of(p, stages) == 0) {
		buf_adds(
		    b, "raise SystemExit(\"there are no rows to train on\")\n");
		return;
	}
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
beir_program(struct buf *b, const struct plan *p, const struct options *o)
{
	if (p->sizes[PART_TEST] == 0) {
		buf_adds(b,
		    "raise SystemExit(\"there are no rows to test with\")\n");
		return;
	}
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
	struct step step = { .plan = p, .o = o, .format = f };

	switch (o->target) {
	case FOR_FLAG:
		train_stages(b, &flag_trainer, step);
		break;
	case FOR_TEVATRON:
		train_stages(b, &tevatron_trainer, step);
		break;
	case FOR_ST:
		st_program(b, p, o);
		break;
	case FOR_BEIR:
		beir_program(b, p, o);
	}
}
