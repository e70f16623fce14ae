"""tap.py: results of tests in the Test Anything Protocol, for the scripts beside it."""
import sys

tests = 0
failed = False


def ok(passed, what):
    global tests, failed
    tests += 1
    failed |= not passed
    print(f"{'' if passed else 'not '}ok {tests} - {what}", flush=True)


def end():
    """Print the plan, and exit with 1 if a test has failed."""
    print(f"1..{tests}")
    sys.exit(failed)
