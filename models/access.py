"""What a token of the API may do."""

from enum import StrEnum


class Scope(StrEnum):
    CASES_WRITE = "cases:write"  #: report closed cases
    CASES_READ = "cases:read"  #: what became of a case, without the customer's own words
    COMMENTS_READ = "comments:read"  #: the customer's own words too; of use with cases:read
    RESULTS_READ = "results:read"  #: the figures that a manager sees
    OPTOUTS_WRITE = "optouts:write"  #: report that somebody doesn't want to be asked
    METRICS = "metrics"  #: how the installation feels
