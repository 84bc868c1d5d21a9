"""One module a step, in order. A released step is never changed."""
