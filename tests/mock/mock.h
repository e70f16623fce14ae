/*
 * mock: what the parts of mockllm share.
 *
 * mockllm is one thread: serve.c runs an epoll loop over libmicrohttpd, the
 * waiting requests and the signals. Nothing here locks, and nothing is shared
 * with the HTTP code under test.
 */
#ifndef TG_MOCK_H
#define TG_MOCK_H

#include <jansson.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum { MAX_N = 128 }; /* choices */

/* The -o options; see usage in mockllm.c. */
struct opts {
	const char *api, *owned_by, *require_key;
	const char *refusal; /* body that refuses a token limit, or NULL */
	const char *batch_ends; /* statuses in which batches end, with commas */
	const char *batch_code; /* code of an error for which one fails */
	double p50, p99; /* latency in ms; constant when equal */
	/*
	 * With more than knee in flight all take longer, so that throughput
	 * is the same, or falls as the falloff-th power of their number.
	 */
	double knee, falloff;
	double hard; /* more in flight than this get 429 */
	double slots, fail_rate, fail_status, rpm, burst, ctx, ignore_n;
	double cap;            /* largest token limit taken; 0: any */
	double refusal_status; /* HTTP status that refusal goes with */
	double documents; /* most documents to score at once; 0: any */
	double any; /* 1: listen on all addresses of this machine */
	double port, seed;
	double batch_polls;  /* questions after which a batch has ended */
	double batch_some;   /* requests done of one that does not complete */
	double file_pending; /* questions for which a file is pending */
	double page;         /* largest page of a list; 0: any */
	double tokens; /* tokens of an answer that is no verdict; 0: a few */
};
extern struct opts opt;

/* One request, read. */
struct ask {
	struct MHD_Connection *conn;
	const char *method; /* NULL until the headers are in */
	const char *path, *query;
	int64_t came; /* when the headers were in, in us */
	struct buf raw;
	json_t *json;     /* owned; NULL unless the body is a JSON object */
	struct span last; /* last user message, borrowed from json */
	bool chat, verdict; /* chat: for vectors or scores, too, which is ... */
	bool embed, rescore;
	json_int_t n, prompt_tokens, max_tokens;
	json_int_t longest; /* tokens of the longest text to embed or score */
	uint64_t hash;    /* of the raw body */
	unsigned attempt; /* this is the k-th request with this body */
};

/*
 * One line of the script. What is not given is NULL, false or -1; status, dims
 * and drip_ms are 0.
 */
struct rule {
	struct rule *next;
	json_t *json; /* owned; the values below are borrowed from it */
	json_t *match, *headers, *body, *text, *finish, *usage, *reasoning;
	json_t *ps;    /* probabilities by token, or a list of these */
	json_t *ranks; /* words: the documents that hold one are named */
	struct buf file; /* contents of "file" */
	unsigned line;
	json_int_t left; /* uses left; -1 is unlimited */
	json_int_t status, choices, delay_ms, drip_ms, cut, dims;
	bool reset, stall, hold, endless, echo, no_length, acts;
};

/* One answer, decided. */
struct reply {
	unsigned status; /* 0: none, the connection just ends or hangs */
	struct buf body;
	const struct rule *rule; /* or NULL */
	double delay_ms;
	long limit, remaining; /* x-ratelimit headers, if limit > 0 */
	long retry_ms;         /* Retry-After headers, if > 0 */
};

/* Exits with a message on a bad script. */
void script_load(const char *file);
/* First rule that fits, used once more; NULL if none does. */
const struct rule *script_find(const struct ask *);
void script_free(void);

void reply_completion(struct buf *, const struct ask *, const struct rule *);
void reply_vectors(struct buf *, const struct ask *, const struct rule *);
/* What is wrong with a request for vectors; or NULL. */
const char *embed_complaint(const struct ask *);
void reply_scores(struct buf *, const struct ask *, const struct rule *);
/* What is wrong with a request for scores; or NULL. */
const char *rescore_complaint(const struct ask *);
void reply_models(struct buf *);
void reply_error(struct buf *, unsigned status, const char *message);
void reply_overflow(struct buf *, const struct ask *);

/* Bodies seen. Borrowed until the next seen_get; the first call makes it. */
struct seen {
	uint64_t hash;
	unsigned times;
	bool paid; /* answered 200, in full */
};
struct seen *seen_get(uint64_t hash);
size_t seen_count(void);
void seen_free(void);

/* Fill in a->json and what follows from the raw body. */
void ask_parse(struct ask *);
void ask_free(struct ask *);

/* Deterministic draws: the same for the same body, attempt and purpose. */
uint64_t mix(uint64_t a, uint64_t b);
uint64_t hash_bytes(const void *, size_t);
double draw(const struct ask *, unsigned purpose); /* in (0, 1) */
enum { DRAW_RULE = 16 }; /* purposes from here on: a line of the script */

/* As JSON text; the bytes of a string must be UTF-8. */
void put_string(struct buf *, const char *, size_t);
void put_json(struct buf *, const json_t *);

/* Counts of chat requests, but for models and connections. */
struct stats {
	int64_t started;
	unsigned long requests, models, gone, paid_twice, connections;
	unsigned long in_flight, max_in_flight, busy, logged;
	unsigned long status[600];
};
extern struct stats stats;
void put_stats(struct buf *);

/* Files or NULL; -1 and errno if one can't be appended to. */
int log_open(const char *requests, const char *answered);
void log_request(const struct ask *, unsigned status);
/* What became of a body: it is "answered", or the answer has been "read". */
void log_answered(const char *what, uint64_t hash);
void log_close(void);

bool is_chat(const struct ask *);
bool is_embed(const struct ask *);
bool is_rescore(const struct ask *);
bool is_score(const struct ask *); /* of these, the form of /score */
/* The API for files and batches. */
bool is_batch_api(const struct ask *);
void decide_batch_api(struct reply *, const struct ask *);
void put_batch_stats(struct buf *);
void batches_free(void);
/* Settle the answer to a request of a batch, which has no connection. */
void decide_alone(struct reply *, const struct ask *);
/* Read the body and settle the answer. */
void decide(struct reply *, struct ask *);

/*
 * Requests that wait are suspended, and held in the order they are due. The
 * loop watches the epoll descriptor given to conn_listen: an event that
 * carries a pointer of ours is a client that hung up.
 */
#define NEVER INT64_MAX
struct MHD_Daemon *conn_listen(uint16_t port, int epfd);
int64_t conn_due(void); /* when the first is, or NEVER */
void conn_hangup(void *);
void conn_wake(int64_t now);
void conn_let_go(void); /* those that a rule holds, now and later */
void conn_stop(void); /* hang up on all, and hold no more */

/* Monotonic time in us. */
int64_t now_us(void);

/* Serve until SIGTERM or SIGINT; the exit status. */
int serve(const char *portfile);

#endif
