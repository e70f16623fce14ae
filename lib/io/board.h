/*
 * board: the lines that several processes show on one terminal.
 *
 * Each process that shows its progress on the same terminal and is of the same
 * process group, that is of the same pipeline, has a line on the board.
 * Whichever of them is first draws them all. The board is a small file in the
 * user's own folder. Who is on it, and who draws, is known by locks of the
 * kernel's, which end with the process; nobody waits for them for long, so a
 * stopped process holds up no other.
 */
#ifndef TG_BOARD_H
#define TG_BOARD_H

enum { BOARD_LINES = 32, BOARD_TEXT = 240 };

struct board;

/* Join the board of the terminal on stderr; NULL if there can't be one. */
struct board *board_join(void);

/* This process's line; what is over BOARD_TEXT - 1 bytes is cut. */
void board_put(struct board *, const char *line);

/*
 * Take the right to draw, for up to wait_ms: 1, and board_read and board_drawn
 * may be called; board_done ends it. 0 if another has it.
 */
int board_take(struct board *, int wait_ms);
void board_done(struct board *);

/*
 * The lines of all that are there, in the order of the pipeline, those that
 * are empty left out; how many.
 */
int board_read(struct board *, char lines[BOARD_LINES][BOARD_TEXT]);

/*
 * When the board was last drawn, in ms as of clock_ms, and what it took there,
 * a number of the caller's; and noting that it has been drawn.
 */
long long board_when(const struct board *, int *took);
void board_drawn(struct board *, long long now, int took);

/* Leave; the last one removes it. NULL is fine. */
void board_leave(struct board *);

#endif
