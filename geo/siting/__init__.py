"""Where new facilities reach most people for the money, with a proof of how good the plan is (domain.md 1, 4, 5)."""
