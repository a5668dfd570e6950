"""The embedded recogniser: knows bra, ok, dåligt, ja, nej, upprepa, ett, två, tre and "something else"."""
