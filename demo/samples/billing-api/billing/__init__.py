"""Invoices and payment links."""
