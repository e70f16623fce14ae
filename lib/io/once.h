/*
 * once: messages that one program says for all programs of a run.
 *
 * TG_ONCE_DIR names a folder of the run's own. Without it, or where nothing can
 * be written there, each program speaks for itself.
 */
#pragma once

/*
 * Return whether this program is to say a message, and note that it has: no
 * program has said one of that name. With again_s over 0, the program that said
 * it last may say it again at any time, and others after so many seconds. name
 * is a plain word that stays valid.
 */
int once_due(const char *name, long again_s);
