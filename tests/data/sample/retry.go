package retry

import (
	"context"
	"errors"
	"time"
)

// ErrGaveUp is returned when every attempt has failed.
var ErrGaveUp = errors.New("retry: gave up")

// Do calls f until it succeeds, waiting twice as long after each failure.
// It stops early when the context is cancelled.
func Do(ctx context.Context, attempts int, wait time.Duration, f func() error) error {
	for i := 0; i < attempts; i++ {
		if err := f(); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait << i):
		}
	}
	return ErrGaveUp
}
