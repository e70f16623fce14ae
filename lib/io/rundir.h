/*
 * rundir: the folder where the processes of one user meet.
 */
#ifndef TG_RUNDIR_H
#define TG_RUNDIR_H

/*
 * Open the folder that TG_SHARE_DIR names, else /tmp/tg-UID, and make it if it
 * is not there. Other users may write beside it, so the folder has to be the
 * user's, no link, and closed to all others. Return a descriptor; -1 with *why,
 * valid until the next call.
 */
int rundir_open(const char **why);

/*
 * Open a plain file of the user's in that folder to read and write, and make it
 * if it is not there. Return a descriptor; -1 with *why, valid until the next
 * call.
 */
int rundir_file(const char *name, const char **why);

#endif
