from datetime import timedelta
from decimal import Decimal

from billing import invoices


def test_an_invoice_is_due_after_thirty_days():
    invoice = invoices.issue("2026-001", Decimal("12.50"))
    assert invoice.due - invoice.issued == timedelta(days=30)
    assert not invoice.is_overdue()


def test_an_unknown_invoice_is_not_found():
    assert invoices.find("none") is None
