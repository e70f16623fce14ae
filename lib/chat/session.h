/*
 * session: the state of a whole run: whether it is served, why it ends, what
 * it tells the user, and how long it waits between tries.
 */
#pragma once

enum session_state {
	SESSION_NEW,      /* no service has been looked for yet */
	SESSION_SERVING,  /* requests are sent */
	SESSION_WAITING,  /* no endpoint serves any more that did */
	SESSION_STOPPING, /* no request is sent any more */
	SESSION_STATES
};

/*
 * Legal transitions, made by session_enter alone:
 *
 *	from        to  SERVING  WAITING  STOPPING
 *	NEW             yes      -        yes
 *	SERVING         -        yes      yes
 *	WAITING         yes      -        yes
 *	STOPPING        -        -        -
 */
struct session {
	int verbose; /* whether session_tell writes */
	enum session_state state;
	long long since;       /* time of the last transition, ms */
	long long last_answer; /* time of the last answer, ms; 0: none */
	int warned_waiting;    /* whether the user knows that it waits */
	int met;               /* whether any server spoke HTTP */
	int timeouts;          /* requests that timed out */
	int warned_timeouts;   /* whether the user knows what to do */
	int retried;           /* retries that no time-out or limit explains */
	int limited;           /* pauses that endpoints asked for */
	int failed_requests;   /* requests that used up their tries since
				* the last answer */
	const char *advice;    /* words for where no service answers; or NULL */
	char why[900];         /* reason of stopping */
};

/* Make a transition at time now: 1; 0, and none is made, if it is illegal. */
int session_enter(struct session *, enum session_state, long long now);

/* Return whether nothing is sent any more. */
int session_stops(const struct session *);

/* Write a message to stderr if the session is verbose. */
void session_tell(struct session *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Stop for a reason. The first reason stays. */
void session_halt(struct session *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Stop because no service answers at url, with what happened and advice. */
void session_halt_unserved(struct session *, const char *url, const char *what);

/*
 * Note that a request was not answered within ms. The user is told what to do
 * after some of them, or at once if is_last: the record fails for it.
 */
void session_note_timeout(
    struct session *, const char *url, long ms, int is_last);

/*
 * Note that a request goes again because of what; or that an endpoint asks for
 * less. The user is told once what to do, after some of them.
 */
void session_note_retry(struct session *, const char *url, const char *what);
void session_note_limited(struct session *, const char *url);

/* Return the time to wait after so many failed tries, drawn by random(), ms. */
long long session_backoff_ms(int tries);

/* Wait for ms, or until cancelled() does not return 0. */
void session_rest(long long ms, int (*cancelled)(void));
