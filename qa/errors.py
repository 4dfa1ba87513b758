"""Every error the program raises on purpose.

    QAError                     one clear line: what is wrong, and the remedy
    ├── UsageError              a question, option, path or setting that cannot be used
    │   └── SettingsError       a settings file with an unknown key or a bad value
    ├── ArticleError            one file of the folder cannot become an article
    ├── NoArticles              the folder holds nothing that can be read
    ├── IndexFault              the index cannot serve
    │   ├── IndexMissing        nothing has been built yet
    │   ├── IndexDamaged        a file of it is missing, cut short or altered
    │   ├── IndexMismatch       built with another encoder, format or settings
    │   ├── IndexBusy           another process is building it now
    │   ├── IndexUnwritable     its folder is full or closed to writing
    │   ├── IndexMoved          an article was replaced under a question; asked again, it is answered
    │   ├── IndexUnreachable    its server does not answer; it may again by itself
    │   └── IndexRefused        its server does not let us in
    ├── DatasetError            a question set or run that cannot be scored
    └── ServeError              the page cannot be served (port in use, say)

The command line prints `str(error)` on one line and exits with `error.exit_code`; nothing else
turns an error into words. Declining to answer is not an error and never one of these.
"""


class QAError(Exception):
    """What is wrong and what to do about it, in one line."""

    exit_code = 1

    def __init__(self, problem: str, remedy: str = ""):
        self.problem, self.remedy = problem, remedy
        super().__init__(f"{problem}; {remedy}" if remedy else problem)


class UsageError(QAError):
    """What was asked for cannot be done as asked."""

    exit_code = 2


class SettingsError(UsageError):
    """A settings file with an unknown key or a value out of range."""


class ArticleError(QAError):
    """One file cannot be read as an article; the rest of the folder still can."""


class NoArticles(QAError):
    """The articles folder is missing or holds nothing that can be read."""


class IndexFault(QAError):
    """The index cannot serve."""


class IndexMissing(IndexFault):
    """No generation has been built yet."""


class IndexDamaged(IndexFault):
    """A file of the index is missing, cut short or altered."""


class IndexMismatch(IndexFault):
    """The index was built with another encoder, format or settings."""


class IndexBusy(IndexFault):
    """Another process holds the indexer's lock."""


class IndexUnwritable(IndexFault):
    """The index folder is full or closed to writing; what was indexed before still answers."""


class IndexMoved(IndexFault):
    """What a question had found was replaced and cleared away before it was read; the same question will do."""


class IndexUnreachable(IndexFault):
    """The server that holds the index does not answer; nothing is lost, and the same question may do later."""


class IndexRefused(IndexFault):
    """The server that holds the index does not accept the token, or not for this."""


class DatasetError(QAError):
    """A question set or a run cannot be used."""

    exit_code = 2  # an evaluation's 1 is a verdict


class ServeError(QAError):
    """The page cannot be served."""


def one_line(error: BaseException) -> str:
    """What `error` says, on one line."""
    return " ".join(str(error).split())
