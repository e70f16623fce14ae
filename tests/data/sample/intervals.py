def merge_intervals(spans):
    """Join overlapping or touching (start, end) pairs, sorted by start."""
    merged = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            last_start, last_end = merged[-1]
            merged[-1] = (last_start, max(last_end, end))
        else:
            merged.append((start, end))
    return merged


def free_between(spans, day_start, day_end):
    """The gaps that the given busy spans leave within a day."""
    gaps, at = [], day_start
    for start, end in merge_intervals(spans):
        if start > at:
            gaps.append((at, min(start, day_end)))
        at = max(at, end)
    if at < day_end:
        gaps.append((at, day_end))
    return gaps
