/*
 * rundir: where the processes of one user meet.
 */
#ifndef TG_RUNDIR_H
#define TG_RUNDIR_H

/*
 * A descriptor of the folder TG_SHARE_DIR names, else of /tmp/tg-UID, made if
 * it is not there. Others may write beside it, so it has to be the user's, no
 * link, and closed to everybody else. -1 with *why until the next call.
 */
int folder_open(const char **why);

/*
 * A descriptor of a plain file of the user's in it, made empty if it is not
 * there, to read and write; -1 with *why until the next call.
 */
int folder_file(const char *name, const char **why);

#endif
