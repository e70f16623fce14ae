/*
 * lib/pace finds how much an endpoint may be given: whether it serves at all,
 * how many requests at once, and what they cost. It knows no network and no
 * clock, so that its tests simulate both. lib/chat uses it, and tg-llm to
 * estimate costs.
 *
 * health: whether an endpoint serves, as its answers and failures tell: a
 * circuit breaker.
 *
 * An endpoint that fails is ejected: it gets one request, the probe, now and
 * then, and is readmitted when it answers. One that asks for less is slowed: it
 * rests, and gets no hedges for a while. One that will never serve, as the key
 * is bad, say, is disabled. Times are in ms.
 *
 * A refusal may be the fault of its request (a firewall takes a document for an
 * attack) or of all requests (a bad key), whatever its status says. So evidence
 * decides. Until an endpoint is proven, by an answer or by a refusal for what
 * is in a request, it gets few requests at once, and is suspect if it refuses
 * HEALTH_ALIKE of them for one reason. Later, or for several reasons, it is
 * suspect after HEALTH_ROW refusals in a row, as when a key runs out. A suspect
 * gets no more requests while some are in flight there; if none of these is
 * answered, it is to blame. Only an answer to a request that was sent after the
 * first of the row ends it: others prove what held before. So requests have
 * numbers, in the order in which they are sent, from 1 on.
 */
#pragma once

enum {
	HEALTH_UNPROVEN = 4, /* requests in flight while nothing is proven */
	HEALTH_ALIKE = 3,
	HEALTH_ROW = 10,
};

enum endpoint_state {
	ENDPOINT_UP,       /* serves, or is not known yet */
	ENDPOINT_EJECTED,  /* fails and gets probes only */
	ENDPOINT_DISABLED, /* is not asked any more */
	ENDPOINT_LEFT,     /* is not named any more, and may come back */
	ENDPOINT_STATES
};

/*
 * Legal transitions, made by health_enter alone:
 *
 *	from      to  UP   EJECTED  DISABLED  LEFT
 *	UP            -    yes      yes       yes
 *	EJECTED       yes  yes      yes       yes   (again: a probe failed)
 *	DISABLED      -    -        -         yes
 *	LEFT          yes  -        -         -
 */
struct health {
	enum endpoint_state state;
	long long since;         /* time of the last transition, ms */
	long long ejected_since; /* time of the first ejection in a row, ms */
	long long probe_ms;      /* time between probes, ms; 0: not known */
	long long pause_until;   /* time until which it is not asked, ms */
	long long slowed_until;  /* time until which it is slowed, ms */
	int warned;              /* whether the user knows that it is ejected */
	int failures;            /* failures since the last answer */
	int failed_jobs;         /* jobs of these that had not failed before */
	const void *failed_job;  /* job that failed last; maybe freed */
	long long failing_since; /* time of the first of the failures, ms */
	unsigned long proven_by; /* number of the last request that proves it;
				  * 0: none yet */
	char reason[64];         /* reason of the last refusals; "": none */
	int alike;               /* requests refused for it since the proof */
	int row;                 /* requests that the service refused since */
	unsigned long row_from;  /* number of the first of them; 0: none */
};

/* Return whether nothing may be sent there: it is disabled, or has left. */
int health_is_out(const struct health *);

/* Make a transition at time now: 1; 0, and none is made, if it is illegal. */
int health_enter(struct health *, enum endpoint_state, long long now);

/*
 * Eject an endpoint, or note that its probe has failed: the next one comes
 * after first_ms, then after twice as long each time, up to most_ms. 1, or 0
 * if it is out.
 */
int health_eject(
    struct health *, long long now, long long first_ms, long long most_ms);

/* Ask nothing of an endpoint for ms. */
void health_pause(struct health *, long long now, long long ms);

/* Note that an endpoint asks for less: 1 if that is news. */
int health_slow(struct health *, long long now, long long pause_ms);

/* Note a failure. */
void health_fail(struct health *, long long now);

/*
 * Note which job met a failure, and whether that is its first: 1 if it is
 * another job than the last time.
 */
int health_blame(struct health *, const void *job, int is_first);

/* Note an answer; an endpoint that is ejected is not readmitted by that. */
void health_forget_failures(struct health *);

/* Note that a request is answered, or refused for what is in it. */
void health_prove(struct health *, unsigned long number);

/*
 * Note that another request is refused for a reason. is_service: whether the
 * server's words are about all requests; if not, they count only until the
 * endpoint is proven.
 */
void health_refuse(
    struct health *, unsigned long number, const char *reason, int is_service);

/* Return whether refusals make the endpoint suspect. */
int health_is_suspect(const struct health *);
