"""Invoices, kept in memory until the migration to the shared database is done."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

PAYMENT_TERM = timedelta(days=30)


@dataclass
class Invoice:
    number: str
    amount: Decimal
    issued: datetime

    @property
    def due(self) -> datetime:
        return self.issued + PAYMENT_TERM

    def is_overdue(self) -> bool:
        return datetime.utcnow() > self.due

    def as_dict(self) -> dict[str, object]:
        return {"number": self.number, "amount": str(self.amount), "due": self.due.isoformat()}


_invoices: dict[str, Invoice] = {}


def issue(number: str, amount: Decimal) -> Invoice:
    invoice = Invoice(number, amount, issued=datetime.utcnow())
    _invoices[number] = invoice
    return invoice


def find(number: str) -> Invoice | None:
    return _invoices.get(number)
