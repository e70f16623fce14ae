/*
 * rundir: the folder where the processes of one user meet.
 */
#pragma once

/*
 * Open a plain file of the user's to read and write, and make it if it is not
 * there. It lies in the folder that TG_SHARE_DIR names, else in /tmp/tg-UID,
 * which is made, too. Other users may write beside that folder, so it has to be
 * the user's, no link, and closed to all others. Return a descriptor; -1 with
 * *why, valid until the next call.
 */
int rundir_file(const char *name, const char **why);
