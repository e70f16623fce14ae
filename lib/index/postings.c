/* postings: writes the postings of an index */
#include "index/postings.h"

#include <stdlib.h>

#include "base/mem.h"
#include "index/weights.h"

/* The terms of one pass, and their postings as they come. */
struct pass {
	struct index_term *term;
	size_t first, end; /* numbers of the terms, end exclusive */
	uint64_t *next;    /* place of each term's next posting */
	uint32_t *doc;
	uint16_t *impact;
	const struct index_doc *docs;
	const struct index_count *count;
	const struct index_header *header;
	double mean, unit; /* mean number of terms; score of a unit */
};

/* Return the first of n counts that has the term or a later one. */
static size_t
lower_bound(const struct index_count *c, size_t n, size_t term)
{
	size_t low = 0, mid;

	while (low < n) {
		mid = low + (n - low) / 2;
		if (c[mid].term < term)
			low = mid + 1;
		else
			n = mid;
	}
	return low;
}

/* Return a score in units, at least 1: what has a term is found. */
static uint16_t
impact_of(double score, double unit)
{
	double units = score / unit + 0.5;

	return units < 1            ? 1
	       : units < IMPACT_MAX ? (uint16_t)units
				    : IMPACT_MAX;
}

/* Take the postings of a document, number n, that belong to the pass. */
static void
take_document(struct pass *p, uint32_t n, const double *idf)
{
	const struct index_header *h = p->header;
	const struct index_doc *d = &p->docs[n];
	const struct index_count *c = p->count + d->counts;
	double norm = weights_norm(h->k1, h->b, p->mean, d->words), score;
	size_t i = lower_bound(c, d->different, p->first), t;

	for (; i < d->different && c[i].term < p->end; i++) {
		t = c[i].term - p->first;
		score = idf[t] * weights_share(c[i].count, norm);
		if ((float)score > p->term[c[i].term].impact)
			p->term[c[i].term].impact = (float)score;
		p->doc[p->next[t]] = n;
		p->impact[p->next[t]++] = impact_of(score, p->unit);
	}
}

/* Have the pass over documents up to number n not fill the memory. */
static void
forget(const struct pass *p, uint64_t n)
{
	const uint64_t some = FORGET_BYTES / sizeof *p->docs;
	const struct index_doc *from = p->docs + n - n % some,
			       *to = p->docs + n;

	if ((n + 1) % some != 0)
		return;
	writer_forget(from, some * sizeof *from);
	writer_forget(p->count + from->counts,
	    (to->counts - from->counts) * sizeof *p->count);
}

/* Write the postings of a term: 0, or -1 with errno. */
static int
write_term(struct writer *w, const uint32_t *doc, const uint16_t *impact,
    size_t n, uint64_t *written)
{
	uint32_t list[BLOCK + 1], size;
	size_t i = 0;

	while (i < n) {
		list[0] = doc[i] >> BLOCK_BITS;
		for (size = 0; i < n && doc[i] >> BLOCK_BITS == list[0]; i++)
			list[++size] =
			    (uint32_t)impact[i] << 16 | (doc[i] & (BLOCK - 1));
		list[0] = list[0] << 16 | size;
		if (writer_add(w, list, (size + 1) * sizeof *list) == -1)
			return -1;
		*written += size + 1;
	}
	return 0;
}

/* Take and write the postings of the pass's terms: 0, or -1 with errno. */
static int
run_pass(struct writer *w, struct pass *p, uint64_t *written)
{
	size_t n = p->end - p->first, i;
	double *idf = mem_array(NULL, n, sizeof *idf);
	uint64_t at = 0, start = 0;
	int failed = 0;

	for (i = 0; i < n; i++) {
		p->next[i] = at;
		at += p->term[p->first + i].documents;
		idf[i] = weights_idf(
		    p->header->documents, p->term[p->first + i].documents);
	}
	for (i = 0; i < p->header->documents; i++) {
		take_document(p, (uint32_t)i, idf);
		forget(p, i);
	}
	for (i = 0; i < n && !failed; i++) {
		p->term[p->first + i].postings = *written;
		failed = write_term(w, p->doc + start, p->impact + start,
		    p->next[i] - start, written);
		start = p->next[i];
	}
	free(idf);
	return failed ? -1 : 0;
}

/* Find the terms of the next pass, whose postings fit in so many places. */
static uint64_t
find_pass(struct pass *p, uint64_t terms, uint64_t places)
{
	uint64_t sum = 0;

	p->first = p->end;
	while (p->end < terms && (p->end == p->first ||
				     sum + p->term[p->end].documents <= places))
		sum += p->term[p->end++].documents;
	return sum;
}

int
postings_write(struct writer *w, struct index_term *term, size_t memory)
{
	const size_t one = sizeof(uint32_t) + sizeof(uint16_t);
	struct pass p = { .term = term, .header = &w->header };
	struct span file;
	uint64_t written = 0, n;
	int failed = 0;

	if (writer_map(w, &file) == -1 ||
	    writer_section(w, INDEX_POSTINGS, 0) == -1)
		return -1;
	if (w->header.documents > 0)
		p.mean = (double)w->header.words / (double)w->header.documents;
	p.unit = weights_unit(w->header.documents);
	p.docs = (const void *)writer_bytes(w, file, INDEX_DOCS);
	p.count = (const void *)writer_bytes(w, file, INDEX_COUNTS);
	while (p.end < w->header.terms && !failed) {
		n = find_pass(&p, w->header.terms, memory / 2 / one);
		p.next = mem_array(NULL, p.end - p.first, sizeof *p.next);
		p.doc = mem_array(NULL, n, sizeof *p.doc);
		p.impact = mem_array(NULL, n, sizeof *p.impact);
		failed = run_pass(w, &p, &written);
		free(p.next);
		free(p.doc);
		free(p.impact);
	}
	term[w->header.terms].postings = written;
	writer_unmap(file);
	return failed ? -1 : 0;
}
