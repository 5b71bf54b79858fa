"""The pages of the ledger that have a name of their own."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from workers.ledger.answers import Answers
from workers.ledger.attention import Attention
from workers.ledger.audit import Audit
from workers.ledger.campaigns import Campaigns
from workers.ledger.credentials import Credentials
from workers.ledger.debts import Debts
from workers.ledger.exposures import Exposures
from workers.ledger.freshness import Freshness
from workers.ledger.happenings import Happenings
from workers.ledger.history import History
from workers.ledger.horizons import Horizons
from workers.ledger.lines import Lines
from workers.ledger.lives import Lives
from workers.ledger.marks import Marks
from workers.ledger.outlines import Outlines
from workers.ledger.pauses import Pauses
from workers.ledger.promises import Promises
from workers.ledger.pulse import Pulse
from workers.ledger.quota import Quotas
from workers.ledger.sessions import Sessions
from workers.ledger.spending import Spending
from workers.ledger.surveys import Surveys
from workers.ledger.tokens import Tokens
from workers.ledger.trials import Trials
from workers.ledger.vitals import Vitals
from workers.ledger.words import Words


@dataclass(frozen=True, slots=True)
class Pages:
    """Each of them reads and writes in transactions of its own."""

    engine: Engine

    @property
    def history(self) -> History:
        """The page about what happened to pull requests."""
        return History(self.engine)

    @property
    def lives(self) -> Lives:
        """The way to write many pull requests of the past at once."""
        return Lives(self.engine)

    @property
    def trials(self) -> Trials:
        """The pages about groups that were tried in parts."""
        return Trials(self.engine)

    @property
    def attention(self) -> Attention:
        """The pages about who was asked to look at what."""
        return Attention(self.engine)

    @property
    def words(self) -> Words:
        """The pages about what people told us to do."""
        return Words(self.engine)

    @property
    def spending(self) -> Spending:
        """The pages about the budgets that repositories share."""
        return Spending(self.engine)

    @property
    def campaigns(self) -> Campaigns:
        """The pages about campaigns."""
        return Campaigns(self.engine)

    @property
    def surveys(self) -> Surveys:
        """The page that is read across all repositories."""
        return Surveys(self.engine)

    @property
    def marks(self) -> Marks:
        """The page of what has been read up to where."""
        return Marks(self.engine)

    @property
    def answers(self) -> Answers:
        """The page of what GitHub answered before."""
        return Answers(self.engine)

    @property
    def quotas(self) -> Quotas:
        """The page about what GitHub allows each installation."""
        return Quotas(self.engine)

    @property
    def debts(self) -> Debts:
        """The page about what is promised in comments."""
        return Debts(self.engine)

    @property
    def sessions(self) -> Sessions:
        """The page about who is signed in."""
        return Sessions(self.engine)

    @property
    def tokens(self) -> Tokens:
        """The page about the tokens of scripts."""
        return Tokens(self.engine)

    @property
    def vitals(self) -> Vitals:
        """The page of signs that everything lives."""
        return Vitals(self.engine)

    @property
    def audit(self) -> Audit:
        """The page about what people did on the pages."""
        return Audit(self.engine)

    @property
    def credentials(self) -> Credentials:
        """The page of the App's own secrets, sealed."""
        return Credentials(self.engine)

    @property
    def freshness(self) -> Freshness:
        """The page about how fresh repositories are."""
        return Freshness(self.engine)

    @property
    def horizons(self) -> Horizons:
        """The page about what ends when."""
        return Horizons(self.engine)

    @property
    def promises(self) -> Promises:
        """The page about what comments promise, one by one."""
        return Promises(self.engine)

    @property
    def exposures(self) -> Exposures:
        """The page about weaknesses."""
        return Exposures(self.engine)

    @property
    def outlines(self) -> Outlines:
        """The page about what became of everything."""
        return Outlines(self.engine)

    @property
    def pauses(self) -> Pauses:
        """The page about improvements that pause."""
        return Pauses(self.engine)

    @property
    def lines(self) -> Lines:
        """The page about what was said while jobs were done."""
        return Lines(self.engine)

    @property
    def happenings(self) -> Happenings:
        """The page about all that happened."""
        return Happenings(self.engine)

    @property
    def pulse(self) -> Pulse:
        """The page about how everything runs."""
        return Pulse(self.engine)
