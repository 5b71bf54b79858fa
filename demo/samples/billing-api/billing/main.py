"""The HTTP side of billing."""

from fastapi import FastAPI, HTTPException

from billing import invoices, payments

app = FastAPI(title="billing")


@app.get("/healthz")
def healthz() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/invoices/{number}")
def show(number: str) -> dict[str, object]:
    invoice = invoices.find(number)
    if invoice is None:
        raise HTTPException(404, "no such invoice")
    return invoice.as_dict()


@app.post("/invoices/{number}/link")
def link(number: str) -> dict[str, str]:
    invoice = invoices.find(number)
    if invoice is None:
        raise HTTPException(404, "no such invoice")
    return {"url": payments.create_link(invoice)}
