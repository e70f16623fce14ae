/*
 * kernel-tile: the tile of one kernel; kernel.c includes this file once for
 * each. Defined before are NAME, its attribute TARGET, ROWS vectors by COLUMNS
 * registers of LANES floats, the type VECTOR of a register, and its operations
 * LOAD(place), STORE(place, register), SAME(float) and FMA(a, b, sum). They are
 * undefined afterwards.
 *
 * The loops of constant length are unrolled, which keeps the sums in registers.
 */
#define UNROLL _Pragma("GCC unroll 16")

TARGET static void
NAME(const float *const *a, const float *packed, size_t panel, size_t depth,
    float *const *sums)
{
	enum { PER = KERNEL_PANEL / (LANES) }; /* registers of a panel */
	VECTOR sum[ROWS][COLUMNS], b[COLUMNS], x;
	size_t k;
	int i, j;

	UNROLL
	for (i = 0; i < ROWS; i++) {
		UNROLL
		for (j = 0; j < COLUMNS; j++)
			sum[i][j] = LOAD(sums[i] + j * LANES);
	}
	for (k = 0; k < depth; k++, packed += KERNEL_PANEL) {
		UNROLL
		for (j = 0; j < COLUMNS; j++)
			b[j] = LOAD(packed + (size_t)(j / PER) * panel +
				    (j % PER) * LANES);
		UNROLL
		for (i = 0; i < ROWS; i++) {
			x = SAME(a[i][k]);
			UNROLL
			for (j = 0; j < COLUMNS; j++)
				sum[i][j] = FMA(x, b[j], sum[i][j]);
		}
	}
	UNROLL
	for (i = 0; i < ROWS; i++) {
		UNROLL
		for (j = 0; j < COLUMNS; j++)
			STORE(sums[i] + j * LANES, sum[i][j]);
	}
}

#undef UNROLL
#undef NAME
#undef TARGET
#undef ROWS
#undef COLUMNS
#undef LANES
#undef VECTOR
#undef LOAD
#undef STORE
#undef SAME
#undef FMA
