"""The receiver that anybody writes first: the signature is checked, and Celery told; nothing is recorded."""

from __future__ import annotations

import hashlib
import hmac
import json
import os

import uvicorn
from celery import Celery  # type: ignore[import-untyped]  # Celery ships no types
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

SECRET = os.environ["WEBHOOK_SECRET"].encode()
app = FastAPI()
queue = Celery("naive", broker=os.environ["BROKER_URL"])


@app.post("/webhooks/github")
async def receive(request: Request) -> Response:
    """Hand a delivery on."""
    body = await request.body()
    expected = "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("x-hub-signature-256", "")):
        return JSONResponse({"error": "signature"}, 401)
    payload = json.loads(body)
    queue.send_task("scan", (payload["repository"]["full_name"], payload["after"]))
    return JSONResponse({"status": "accepted"}, 202)


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), access_log=False, backlog=2048)
