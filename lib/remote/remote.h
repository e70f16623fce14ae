/*
 * lib/remote has files of requests answered by the batch API of a service,
 * OpenAI's or Azure's or one that is like them: it uploads a file, has a batch
 * made of it, asks how far that is, fetches the results and cancels. tg-llm
 * --batch uses it. It never reads a record, and never writes a file that does
 * not stand beside the file of requests.
 *
 * A batch is paid for. So a file is never given to a service twice, whatever
 * was killed: a ticket beside the file says what may have been done (see
 * ticket.h). Where the answer to the request for a batch is lost, the batch is
 * looked for in the service's list, by its uploaded file, of which each has its
 * own name; where there is no list, a person has to look.
 *
 * The API: POST /files (multipart, purpose=batch), GET /files, GET
 * /files/ID/content, POST /batches, GET /batches, GET /batches/ID, POST
 * /batches/ID/cancel, as in OpenAI's reference. Azure's has them below /openai
 * with an api-version, or below /openai/v1; its files may stay "pending" for a
 * while, and its words may be in upper case.
 */
#pragma once

#include "remote/input.h"
#include "remote/service.h"
#include "remote/ticket.h"

/*
 * Each of these returns TG_EX_OK; or TG_EX_SERVICE or TG_EX_IO, with the
 * reason in why of the service. The ticket is kept on the disk.
 */

/*
 * Have the requests answered: upload the file and have a batch made. Do what is
 * left of that if a process was killed, and nothing if it is done. A batch that
 * failed is submitted again, of which nothing was paid.
 */
int remote_submit(struct service *, struct ticket *, const struct input *);

/* Ask how far the batch is, unless it has ended or there is none. */
int remote_poll(struct service *, struct ticket *);

/*
 * Ask how far the batch is, and if it has ended, fetch its results into the
 * files with TICKET_OUTPUT and TICKET_ERRORS behind the name.
 */
int remote_fetch(struct service *, struct ticket *);

/* Have the batch cancelled, unless it has ended or there is none. */
int remote_cancel(struct service *, struct ticket *);
